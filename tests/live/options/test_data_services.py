"""The chart data-services: special characters in passwords, wrong Secrets, TLS, new credentials."""

import string
from collections.abc import Callable, Iterator

import pytest
from tests.live.options.certificates import create_certificate
from tests.live.support import Release, wait

from carbon.errors import CarbonError
from carbon.platform.target import Target

PRINTABLE = "".join(sorted(string.printable[:94] + " ", reverse=True))
"""Every printable ASCII character. The last one is a space, which careless parsers drop."""
# HTTP headers contain an access key id between commas and slashes, so it has none of these.
OWN = {
    "postgresql-superuser": {"password": PRINTABLE},
    "postgresql-mlflow": {"username": "mlflow", "password": PRINTABLE[::-1]},
    "postgresql-mlflow-auth": {"username": "mlflow_auth", "password": f"a{PRINTABLE}"},
    "postgresql-feast": {"username": "Odd \"owner'", "password": f"b{PRINTABLE}"},
    "redis-credentials": {"password": PRINTABLE},
    "s3-credentials": {"accessKey": "own-key.id_1", "secretKey": PRINTABLE},
}
TLS = {
    "global": {
        "postgresql": {"tls": {"mode": "verify-full"}},
        "redis": {"tls": {"mode": "require"}},
        "s3": {"tls": {"enabled": True}},
    },
    "postgresql": {"tls": {"enabled": True}},
    "redis": {"tls": {"enabled": True}},
    "s3": {"tls": {"enabled": True}},
}
PSQL = 'IFS= read -r PGPASSWORD; export PGPASSWORD; psql -tA "$1" -c "$2"'
REDIS = 'IFS= read -r REDISCLI_AUTH; export REDISCLI_AUTH; redis-cli -h redis "$@"'


class Stores(Release):
    """A release of the chart data-services only."""

    def deploy(self, values: object) -> None:
        """Install or upgrade the chart, without waiting."""
        self.apply("charts/data-services", values)

    def read_events(self) -> str:
        """Return the messages of all events in the namespace."""
        return self.kubectl("get", "events", "-o", "jsonpath={.items[*].message}")

    def wait_until_ready(self) -> None:
        """Wait until all stores are available and all Jobs are complete."""
        for name in ("postgresql", "redis", "s3"):
            self.kubectl("rollout", "status", f"statefulset/{name}", "--timeout=3m")
        self.kubectl("wait", "--for=condition=Complete", "jobs", "--all", "--timeout=3m")

    def psql(self, user: str, password: str, query: str, more: str = "") -> str:
        """Run a query over the network as a client does; psql reads the password from stdin."""
        quoted = user.replace("'", "\\'")
        where = f"host=postgresql dbname=mlflow user='{quoted}' {more}"
        command = ["exec", "-i", "postgresql-0", "-c", "postgresql", "--", "bash", "-c", PSQL, "-"]
        return self.kubectl(*command, where, query, stdin=f"{password}\n").strip()

    def redis(self, password: str, *args: str) -> str:
        """Run a Redis command over the network; redis-cli reads the password from stdin."""
        command = ["exec", "-i", "redis-0", "--", "bash", "-c", REDIS, "-", *args]
        return self.kubectl(*command, stdin=f"{password}\n").strip()

    def read_job_log(self, job: str, container: str) -> str:
        """Return the logs of one container in all pods of a Job."""
        select = f"app={job}"
        names = [p["metadata"]["name"] for p in self.get("pods", select)]
        return "".join(self.kubectl("logs", name, "-c", container) for name in names)


def run_stores(name: str) -> Iterator[Stores]:
    """Install the stores in the namespace `name`, and uninstall them after the tests.

    Fixtures call this.
    """
    with Stores(name) as release:
        yield release


@pytest.fixture(scope="module")
def plain(cluster: Target) -> Iterator[Stores]:
    yield from run_stores("stores-plain")


@pytest.fixture(scope="module")
def secured(cluster: Target) -> Iterator[Stores]:
    yield from run_stores("stores-tls")


def test_events_name_a_missing_secret_or_key_and_pods_wait(plain: Stores) -> None:
    plain.deploy({"credentials": {"enabled": False}})
    plain.apply_secret("redis-credentials", {"pasword": "misspelt key"})
    wait(
        "the name of the missing Secret in the events",
        lambda: 'secret "postgresql-superuser" not found' in plain.read_events(),
    )
    missing = "couldn't find key password in Secret stores-plain/redis-credentials"
    wait("the name of the missing key in the events", lambda: missing in plain.read_events())
    for name, keys in OWN.items():
        plain.apply_secret(name, keys)
    plain.wait_until_ready()


def test_passwords_can_contain_every_printable_character(plain: Stores) -> None:
    assert len(PRINTABLE) == 95
    for secret in ("postgresql-mlflow", "postgresql-superuser"):
        user, password = OWN[secret].get("username", "postgres"), OWN[secret]["password"]
        assert plain.psql(user, password, "SELECT current_user") == user
    owner = plain.psql(
        "postgres",
        PRINTABLE,
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'feast'",
    )
    assert owner == OWN["postgresql-feast"]["username"]
    assert plain.redis(PRINTABLE, "set", "kept", "yes") == "OK"
    assert plain.redis(PRINTABLE.strip(), "ping").startswith("NOAUTH")
    assert "bucket mlflow: ready" in plain.read_job_log("s3-buckets", "buckets")


def test_acknowledged_writes_survive_a_deleted_redis_pod(plain: Stores) -> None:
    plain.kubectl("delete", "pod", "redis-0", "--wait")
    plain.wait_until_ready()
    assert plain.redis(PRINTABLE, "get", "kept") == "yes"


def test_jobs_log_a_wrong_password_and_continue_after_its_correction(plain: Stores) -> None:
    plain.apply_secret("postgresql-superuser", {"password": "wrong"})
    plain.apply_secret("s3-credentials", {"secretKey": "wrong"})
    plain.apply_secret("postgresql-reports", OWN["postgresql-feast"] | {"username": "reports"})
    keys = {"name": "postgresql-reports", "keys": {"username": "username", "password": "password"}}
    stores = {
        "postgresql": {"databases": {"reports": {"name": "reports", "existingSecret": keys}}},
        "s3": {"buckets": {"reports": {"name": "reports"}}},
    }
    plain.deploy({"credentials": {"enabled": False}, "global": stores})
    database = 'waiting for postgresql: psql: error: connection to server at "postgresql"'
    refused = "password authentication failed"
    store = "refuses access key own-key.id_1"

    def is_logged() -> bool:
        log = plain.read_job_log("postgresql-databases", "wait-for-postgresql")
        return (
            database in log
            and refused in log
            and store in plain.read_job_log("s3-buckets", "buckets")
        )

    wait("the reasons in the logs", lambda: _holds(is_logged))
    plain.apply_secret("postgresql-superuser", OWN["postgresql-superuser"])
    plain.apply_secret("s3-credentials", OWN["s3-credentials"])
    plain.wait_until_ready()


def _holds(check: Callable[[], bool]) -> bool:
    """Return the result of a check; False while the container has not started."""
    try:
        return check()
    except CarbonError:
        return False


CIPHER = ("--tls", "--cacert", "/etc/ssl/server/tls.crt")


def test_stores_with_tls_refuse_plaintext_connections(secured: Stores) -> None:
    secured.kubectl("create", "namespace", "stores-tls")
    chain, key = create_certificate("postgresql", "redis", "s3")
    for name in ("postgresql", "redis", "s3"):
        files = {"tls.crt": chain, "tls.key": key, "ca.crt": chain}
        secured.apply_secret(f"{name}-tls", files, "kubernetes.io/tls")
    secured.deploy(TLS)
    secured.wait_until_ready()
    password = secured.read_key("postgresql-mlflow", "password")
    query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    assert secured.psql("mlflow", password, query, "sslmode=require") == "t"
    with pytest.raises(CarbonError, match="no encryption"):
        secured.psql("mlflow", password, query, "sslmode=disable")
    assert (
        secured.redis(secured.read_key("redis-credentials", "password"), *CIPHER, "ping") == "PONG"
    )


def test_a_new_generation_replaces_passwords_and_retains_passphrase_and_data(
    secured: Stores,
) -> None:
    before = secured.read_passwords()
    kept = secured.read_key("mlflow-gateway", "passphrase")  # MLflow itself has to change it
    password = secured.read_key("redis-credentials", "password")
    assert secured.redis(password, *CIPHER, "set", "kept", "yes") == "OK"
    secured.deploy(TLS | {"credentials": {"generation": 2}})
    secured.wait_until_ready()
    after = secured.read_passwords()
    assert before & after == {kept}, "a password was not replaced, or the passphrase was"
    new = secured.read_key("redis-credentials", "password")
    assert secured.redis(new, *CIPHER, "get", "kept") == "yes"
    assert secured.redis(password, *CIPHER, "ping").startswith("NOAUTH")
    owner = secured.read_key("postgresql-mlflow", "password")
    assert secured.psql("mlflow", owner, "SELECT 1", "sslmode=require") == "1"
    restarts = secured.list_restarts()
    secured.deploy(TLS | {"credentials": {"generation": 2}})
    assert secured.list_restarts() == restarts
