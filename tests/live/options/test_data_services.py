"""The stores alone: hostile passwords, missing and wrong Secrets, TLS, and new credentials."""

import string
from collections.abc import Callable, Iterator

import pytest
from tests.live.options.certificates import certificate
from tests.live.support import Release, wait

from carbon.errors import CarbonError
from carbon.platform.target import Target

PRINTABLE = "".join(sorted(string.printable[:94] + " ", reverse=True))
"""Every printable character of ASCII; the blank comes last, where it is easily lost."""
# An access key's id stands in a header between commas and slashes, so it is plain.
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
    """charts/data-services in a namespace of its own."""

    def put(self, values: object) -> None:
        """Install or upgrade it with these values, without waiting."""
        self.apply("charts/data-services", values)

    def events(self) -> str:
        return self.kubectl("get", "events", "-o", "jsonpath={.items[*].message}")

    def ready(self) -> None:
        """Wait until everything runs and every Job is done."""
        for name in ("postgresql", "redis", "s3"):
            self.kubectl("rollout", "status", f"statefulset/{name}", "--timeout=3m")
        self.kubectl("wait", "--for=condition=Complete", "jobs", "--all", "--timeout=3m")

    def psql(self, user: str, password: str, query: str, more: str = "") -> str:
        """Ask over the network, as a client does; the password goes by standard input."""
        quoted = user.replace("'", "\\'")
        where = f"host=postgresql dbname=mlflow user='{quoted}' {more}"
        command = ["exec", "-i", "postgresql-0", "-c", "postgresql", "--", "bash", "-c", PSQL, "-"]
        return self.kubectl(*command, where, query, stdin=f"{password}\n").strip()

    def redis(self, password: str, *args: str) -> str:
        command = ["exec", "-i", "redis-0", "--", "bash", "-c", REDIS, "-", *args]
        return self.kubectl(*command, stdin=f"{password}\n").strip()

    def job_log(self, job: str, container: str) -> str:
        select = f"app={job}"
        names = [p["metadata"]["name"] for p in self.get("pods", select)]
        return "".join(self.kubectl("logs", name, "-c", container) for name in names)


def stores(name: str) -> Iterator[Stores]:
    with Stores(name) as made:
        yield made


@pytest.fixture(scope="module")
def plain(cluster: Target) -> Iterator[Stores]:
    yield from stores("stores-plain")


@pytest.fixture(scope="module")
def secured(cluster: Target) -> Iterator[Stores]:
    yield from stores("stores-tls")


def test_a_missing_secret_or_key_is_named_and_awaited(plain: Stores) -> None:
    plain.put({"credentials": {"enabled": False}})
    plain.secret("redis-credentials", {"pasword": "a slip"})
    wait("the Secret's name", lambda: 'secret "postgresql-superuser" not found' in plain.events())
    slip = "couldn't find key password in Secret stores-plain/redis-credentials"
    wait("the key's name", lambda: slip in plain.events())
    for name, keys in OWN.items():
        plain.secret(name, keys)
    plain.ready()


def test_passwords_may_hold_every_printable_character(plain: Stores) -> None:
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
    assert "bucket mlflow: ready" in plain.job_log("s3-buckets", "buckets")


def test_what_redis_acknowledged_outlives_its_pod(plain: Stores) -> None:
    plain.kubectl("delete", "pod", "redis-0", "--wait")
    plain.ready()
    assert plain.redis(PRINTABLE, "get", "kept") == "yes"


def test_a_wrong_password_is_told_and_a_corrected_one_is_enough(plain: Stores) -> None:
    plain.secret("postgresql-superuser", {"password": "wrong"})
    plain.secret("s3-credentials", {"secretKey": "wrong"})
    plain.secret("postgresql-reports", OWN["postgresql-feast"] | {"username": "reports"})
    keys = {"name": "postgresql-reports", "keys": {"username": "username", "password": "password"}}
    stores = {
        "postgresql": {"databases": {"reports": {"name": "reports", "existingSecret": keys}}},
        "s3": {"buckets": {"reports": {"name": "reports"}}},
    }
    plain.put({"credentials": {"enabled": False}, "global": stores})
    database = 'waiting for postgresql: psql: error: connection to server at "postgresql"'
    refused = "password authentication failed"
    store = "refuses access key own-key.id_1"

    def told() -> bool:  # while a container has not started there is no log to ask
        log = plain.job_log("postgresql-databases", "wait-for-postgresql")
        return (
            database in log and refused in log and store in plain.job_log("s3-buckets", "buckets")
        )

    wait("what is wrong", lambda: _holds(told))
    plain.secret("postgresql-superuser", OWN["postgresql-superuser"])
    plain.secret("s3-credentials", OWN["s3-credentials"])
    plain.ready()


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except CarbonError:
        return False


CIPHER = ("--tls", "--cacert", "/etc/ssl/server/tls.crt")


def test_tls_and_nothing_else_where_it_is_on(secured: Stores) -> None:
    secured.kubectl("create", "namespace", "stores-tls")
    chain, key = certificate("postgresql", "redis", "s3")
    for name in ("postgresql", "redis", "s3"):
        files = {"tls.crt": chain, "tls.key": key, "ca.crt": chain}
        secured.secret(f"{name}-tls", files, "kubernetes.io/tls")
    secured.put(TLS)
    secured.ready()
    password = secured.key("postgresql-mlflow", "password")
    ask = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    assert secured.psql("mlflow", password, ask, "sslmode=require") == "t"
    with pytest.raises(CarbonError, match="no encryption"):
        secured.psql("mlflow", password, ask, "sslmode=disable")
    assert secured.redis(secured.key("redis-credentials", "password"), *CIPHER, "ping") == "PONG"


def test_a_new_generation_replaces_every_password(secured: Stores) -> None:
    before = secured.secret_values()
    password = secured.key("redis-credentials", "password")
    assert secured.redis(password, *CIPHER, "set", "kept", "yes") == "OK"
    secured.put(TLS | {"credentials": {"generation": 2}})
    secured.ready()
    after = secured.secret_values()
    assert before & after == set(), "these stayed"
    new = secured.key("redis-credentials", "password")
    assert secured.redis(new, *CIPHER, "get", "kept") == "yes"
    assert secured.redis(password, *CIPHER, "ping").startswith("NOAUTH")
    owner = secured.key("postgresql-mlflow", "password")
    assert secured.psql("mlflow", owner, "SELECT 1", "sslmode=require") == "1"
    lives = secured.lives()
    secured.put(TLS | {"credentials": {"generation": 2}})
    assert secured.lives() == lives
