"""A release of MLflow that each test upgrades to other options, and failures of its stores."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.charts.monitoring import list_used_metrics
from tests.live.options.oidc import HOST, LOGIN, build_issuer
from tests.live.support import Release, check_logged_runs, is_ready, wait

from carbon.charts.generate import crds
from carbon.cluster import lifecycle
from carbon.errors import CarbonError
from carbon.platform.target import Target

SMALL = Path(__file__).parent / "small.yaml"
SERVERS = "app=mlflow,app.kubernetes.io/component=server"
OPERATOR = "github.com/prometheus-operator/prometheus-operator"
MONITORING = {"global": {"monitoring": {"enabled": True}}}


def install_crds(release: Release) -> None:
    """Install the CRDs of monitors and rules, from the Go module that the charts' schemas use."""
    folder = crds.download_module(OPERATOR) / "example" / "prometheus-operator-crd"
    for kind in ("podmonitors", "prometheusrules"):
        crd = folder / f"monitoring.coreos.com_{kind}.yaml"
        release.kubectl("apply", "--server-side", "-f", str(crd))
        condition = ("--for=condition=Established", f"crd/{kind}.monitoring.coreos.com")
        release.kubectl("wait", *condition, "--timeout=60s")


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release("options") as release:
        install_crds(release)
        deploy(release, {"artifacts": {"access": "direct"}})
        yield release


def deploy(release: Release, mlflow: dict[str, Any], *, wait_for_pods: bool = True) -> None:
    """Upgrade the umbrella with these values of the chart mlflow."""
    flags = ("--wait", "--timeout", "8m") if wait_for_pods else ()
    values = MONITORING | {"mlflow": mlflow}
    release.apply("umbrella", values, "--values", str(SMALL), *flags)


def list_servers(release: Release) -> dict[str, dict[str, Any]]:
    """Return the server pods that are not being deleted, by name."""
    pods = release.get("pods", SERVERS)
    return {p["metadata"]["name"]: p for p in pods if "deletionTimestamp" not in p["metadata"]}


def read_log(release: Release, pod: str, container: str) -> str:
    """Return the log of a container; empty while the container has not started."""
    try:
        return release.kubectl("logs", pod, "-c", container)
    except CarbonError:
        return ""


def test_clients_read_and_write_artifacts_in_the_store_directly(release: Release) -> None:
    assert len(list_servers(release)) == 1
    keys = {
        "AWS_ACCESS_KEY_ID": release.read_key("s3-credentials", "accessKey"),
        "AWS_SECRET_ACCESS_KEY": release.read_key("s3-credentials", "secretKey"),
    }
    client = release.start_client("direct.py", MLFLOW_S3_ENDPOINT_URL="http://s3:9000", **keys)
    answers = client.wait_for_json()
    assert answers == {"scheme": "s3", "read": "kept", "through the server": 503}


def test_every_metric_of_alerts_and_dashboards_is_scraped(release: Release) -> None:
    ports = {"mlflow": 5000, "postgresql": 9187, "redis": 9121, "s3": 9327}
    lists = {"postgresql": "postgres-exporter", "redis": "redis-exporter", "s3": "seaweedfs"}
    pods = {app: release.get("pods", f"app={app}")[0]["status"]["podIP"] for app in ports}
    targets = {app: f"http://{pods[app]}:{port}/metrics" for app, port in ports.items()}
    client = release.start_client("scrape.py", TARGETS=json.dumps(targets))
    scraped = client.wait_for_json()
    for app, metrics in scraped.items():
        listed = lists.get(app, app)
        expected = list_used_metrics(f"{listed}.yaml")
        print(f"{app}: {len(metrics)} metrics, {len(expected)} of them in use")
        assert expected, f"no alert and no dashboard uses a metric of {app}"
        assert expected <= set(metrics), app


def test_users_and_programs_log_in_through_the_proxy(release: Release) -> None:
    release.kubectl("apply", "-f", "-", stdin=build_issuer())
    release.kubectl("wait", "--for=condition=Ready", "pod/oidc-issuer", "--timeout=2m")
    client = {"clientId": "mlflow", "clientSecret": "a secret of 'its' \"own\" $&"}
    release.apply_secret("mlflow-oidc", client | {"cookieSecret": "0123456789abcdef" * 2})
    deploy(release, LOGIN)
    assert [is_ready(pod) for pod in list_servers(release).values()] == [True] * 3
    release.run_tests()
    output = release.start_client(
        "login.py",
        PROXY="http://mlflow-proxy:4180",
        ISSUER="http://oidc-issuer:9400",
        HOST=HOST,
        CLIENT_ID=client["clientId"],
        CLIENT_SECRET=client["clientSecret"],
    ).wait_for_output()
    assert json.loads(output.splitlines()[-1]) == {
        "program without a token": 401,
        "browser": 302,
        "program with an invalid token": 401,
        "alice's callback": 302,
        "alice's page": 200,
        "alice's experiments": 200,
        "mallory's callback": 403,
        "mallory's experiments": 401,
        "alice's program": 200,
        "mallory's program": 403,
        "alice's artifact": ["kept.txt"],
    }


def test_the_proxy_waits_for_slow_queries_and_large_uploads(release: Release) -> None:
    """Queries wait for a lock for longer than the 30 s of oauth2-proxy's default."""
    lock = "BEGIN; LOCK TABLE experiments; SELECT pg_sleep(80); COMMIT"
    with ThreadPoolExecutor() as pool:
        locked = pool.submit(run_sql, release, lock)
        answers = release.start_client(
            "large.py",
            PROXY="http://mlflow-proxy:4180",
            ISSUER="http://oidc-issuer:9400",
            HOST=HOST,
            CLIENT_ID="mlflow",
            CLIENT_SECRET=release.read_key("mlflow-oidc", "clientSecret"),
        ).wait_for_output(900)
        locked.result()
    print(f"status and seconds: {answers}")
    [status, seconds], [uploaded, _] = json.loads(answers.splitlines()[-1]).values()
    assert (status, uploaded) == (200, 200)
    assert seconds > 30


def test_servers_continue_after_a_failed_migration(release: Release) -> None:
    deploy(release, {})
    run = release.start_client("log_one.py").wait_for_output()
    before = set(list_servers(release))
    update = "UPDATE alembic_version SET version_num = '{}' RETURNING version_num"
    [current] = run_sql(release, "SELECT version_num FROM alembic_version")
    run_sql(release, update.format("0badc0de"))
    changed = {"migration": {"backoffLimit": 1}, "podAnnotations": {"changed": "yes"}}
    deploy(release, changed, wait_for_pods=False)
    release.kubectl("wait", "--for=condition=Failed", "job", "-l", MIGRATION, "--timeout=5m")
    log = release.kubectl("logs", "-l", MIGRATION, "-c", "migration", "--tail=-1")
    assert "Can't locate revision identified by '0badc0de'" in log
    [new] = set(list_servers(release)) - before
    message = "waiting for schema: the schema is 0badc0de, this MLflow needs"
    wait(message, lambda: message in read_log(release, new, "wait-for-schema-and-bucket"))
    assert release.start_client("read_one.py", RUN=run).wait_for_output() == "42.0 kept"
    assert before <= {name for name, pod in list_servers(release).items() if is_ready(pod)}

    run_sql(release, update.format(current))
    release.kubectl("delete", "job", "-l", MIGRATION, "--wait")
    deploy(release, changed)
    release.kubectl("wait", "--for=condition=Complete", "job", "-l", MIGRATION, "--timeout=5m")
    assert not before & set(list_servers(release))
    assert release.start_client("read_one.py", RUN=run).wait_for_output() == "42.0 kept"


MIGRATION = "app=mlflow-migration"


def run_sql(release: Release, query: str) -> list[str]:
    """Run a query in the database of MLflow; return the words of the output."""
    command = ("psql", "-U", "postgres", "-tAq", "mlflow", "-c", query)
    return release.kubectl("exec", "postgresql-0", "-c", "postgresql", "--", *command).split()


def test_a_server_waits_for_the_database_and_a_correct_password(release: Release) -> None:
    password = release.read_key("postgresql-mlflow", "password")
    release.kubectl("scale", "statefulset/postgresql", "--replicas=0")
    release.kubectl("wait", "--for=delete", "pod/postgresql-0", "--timeout=2m")
    release.kubectl("delete", "pod", "-l", SERVERS, "--now")
    [pod] = list_servers(release)

    def is_logged(what: str) -> bool:
        lines = read_log(release, pod, "wait-for-schema-and-bucket").splitlines()
        return any(line.startswith("waiting for schema: ") and what in line for line in lines)

    wait("the unreachable database in the log", lambda: is_logged('server at "postgresql"'))
    release.apply_secret("postgresql-mlflow", {"password": "wrong"})
    init = ("exec", pod, "-c", "wait-for-schema-and-bucket", "--")
    file = (*init, "cat", "/etc/mlflow/database/PGPASSWORD")
    wait("the Secret in the pod", lambda: release.kubectl(*file) == "wrong", 240)
    release.kubectl("scale", "statefulset/postgresql", "--replicas=1")
    refused = 'password authentication failed for user "mlflow"'
    wait("the wrong password in the log", lambda: is_logged(refused), 240)
    release.apply_secret("postgresql-mlflow", {"password": password})
    wait("a server that is Ready", lambda: is_ready(list_servers(release)[pod]), 240)
    restarts = [
        c["restartCount"] for c in list_servers(release)[pod]["status"]["containerStatuses"]
    ]
    assert restarts == [0]


def test_an_event_names_a_missing_key_and_the_server_waits(release: Release) -> None:
    secret_key = release.read_key("s3-credentials", "secretKey")
    patch = json.dumps([{"op": "remove", "path": "/data/secretKey"}])
    release.kubectl("patch", "secret", "s3-credentials", "--type=json", "-p", patch)
    release.kubectl("delete", "pod", "-l", SERVERS, "--now")
    [pod] = list_servers(release)
    selector = f"involvedObject.name={pod}"
    what = ("get", "events", "--field-selector", selector, "-o", "jsonpath={.items[*].message}")
    wait("the name of the missing key in the events", lambda: "secretKey" in release.kubectl(*what))
    release.apply_secret("s3-credentials", {"secretKey": secret_key})
    wait("a server that is Ready", lambda: is_ready(list_servers(release)[pod]), 240)


def test_an_autoscaler_adds_servers_under_load(release: Release) -> None:
    lifecycle.add("metrics-server")
    few = {"minReplicas": 1, "maxReplicas": 3, "targetCPUPercent": 50}
    deploy(release, {"autoscaling": {"enabled": True, **few}})
    client = release.start_client("log_runs.py", SECONDS="120")
    wait("more servers", lambda: len(list_servers(release)) > 1, 240)
    [scaler] = release.get("horizontalpodautoscalers")
    print(
        f"scaled by {scaler['status']['currentMetrics']} to {scaler['status']['desiredReplicas']}"
    )
    assert scaler["spec"]["scaleTargetRef"]["name"] == "mlflow"
    check_logged_runs(client)
