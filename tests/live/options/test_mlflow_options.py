"""One release of MLflow that is upgraded from option to option, and what goes wrong on the way."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.monitoring import known_metrics, list_used_metrics, metric_family
from tests.live.support import RELEASE, Release, wait

from carbon.charts import crds
from carbon.cluster import lifecycle
from carbon.errors import CarbonError
from carbon.platform.target import Target

SMALL = Path(__file__).parent / "small.yaml"
SERVERS = "app=mlflow,app.kubernetes.io/component=server"
OPERATOR = "github.com/prometheus-operator/prometheus-operator"
WATCHED = {"global": {"monitoring": {"enabled": True}}}
HOST = "mlflow.example.com"
LOGIN = {
    "replicas": 3,
    "database": {"pool": {"size": 2, "maxOverflow": 2}},
    "publicHosts": [HOST],
    # Where a gateway passes the public host, this test's programs name the proxy itself.
    "extraAllowedHosts": ["mlflow-proxy:4180"],
    "oidc": {
        "enabled": True,
        "issuerUrl": "http://oidc-issuer:9400",
        "emailDomains": ["example.com"],
        "replicas": 1,
    },
}
USERS = [
    {"sub": user, "email": user, "email_verified": True}
    for user in ("alice@example.com", "mallory@elsewhere.org")
]


def issuer() -> str:
    """An issuer that knows two people, with its Service."""
    labels = {"app": "oidc-issuer"}
    restricted = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": "issuer",
        "image": "ghcr.io/geigerzaehler/oidc-provider-mock:0.3.4",
        "args": [f"--user-claims={json.dumps(user)}" for user in USERS],
        "readinessProbe": {
            "httpGet": {"path": "/.well-known/openid-configuration", "port": 9400},
        },
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}},
        "securityContext": restricted,
    }
    user = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    pod = {"securityContext": user, "containers": [container], "enableServiceLinks": False}
    things: list[dict[str, Any]] = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "oidc-issuer", "labels": labels},
            "spec": pod,
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "oidc-issuer"},
            "spec": {"selector": labels, "ports": [{"port": 9400}]},
        },
    ]
    return yaml.safe_dump_all(things)


def watch(release: Release) -> None:
    """Have the cluster know monitors and rules, from the module whose schemas the charts use."""
    folder = crds.source(OPERATOR) / "example" / "prometheus-operator-crd"
    for kind in ("podmonitors", "prometheusrules"):
        crd = folder / f"monitoring.coreos.com_{kind}.yaml"
        release.kubectl("apply", "--server-side", "-f", str(crd))
        wanted = ("--for=condition=Established", f"crd/{kind}.monitoring.coreos.com")
        release.kubectl("wait", *wanted, "--timeout=60s")


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release("options") as made:
        watch(made)
        put(made, {"artifacts": {"access": "direct"}})
        yield made


def put(release: Release, mlflow: dict[str, Any], *args: str, settled: bool = True) -> None:
    """Upgrade MLflow to these values of its own."""
    waiting = ("--wait", "--timeout", "8m") if settled else ()
    values = WATCHED | {"mlflow": mlflow}
    release.apply("umbrella", values, "--values", str(SMALL), *waiting, *args)


def servers(release: Release) -> dict[str, dict[str, Any]]:
    """The servers' pods that are not on their way out, by name."""
    pods = release.get("pods", SERVERS)
    return {p["metadata"]["name"]: p for p in pods if "deletionTimestamp" not in p["metadata"]}


def ready(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def said(release: Release, pod: str, container: str) -> str:
    """A container's log; nothing while there is none."""
    try:
        return release.kubectl("logs", pod, "-c", container)
    except CarbonError:
        return ""


def test_clients_reach_the_store_themselves(release: Release) -> None:
    assert len(servers(release)) == 1
    keys = {
        "AWS_ACCESS_KEY_ID": release.key("s3-credentials", "accessKey"),
        "AWS_SECRET_ACCESS_KEY": release.key("s3-credentials", "secretKey"),
    }
    client = release.client("direct.py", MLFLOW_S3_ENDPOINT_URL="http://s3:9000", **keys)
    got = json.loads(client.result().splitlines()[-1])
    assert got == {"scheme": "s3", "read": "kept", "through the server": 503}


def test_everything_that_alerts_and_dashboards_ask_is_there(release: Release) -> None:
    ports = {"mlflow": 5000, "postgresql": 9187, "redis": 9121, "s3": 9327}
    lists = {"postgresql": "postgres-exporter", "redis": "redis-exporter", "s3": "seaweedfs"}
    pods = {app: release.get("pods", f"app={app}")[0]["status"]["podIP"] for app in ports}
    targets = {app: f"http://{pods[app]}:{port}/metrics" for app, port in ports.items()}
    client = release.client("scrape.py", TARGETS=json.dumps(targets))
    scraped = json.loads(client.result().splitlines()[-1])
    for app, there in scraped.items():
        listed = lists.get(app, app)
        used = {metric_family(name) for names in list_used_metrics().values() for name in names}
        wanted = {name for name in used if known_metrics().get(name) == listed}
        print(f"{app}: {len(there)} metrics, {len(wanted)} of them in use")
        assert wanted, f"nothing watches {app}"
        assert wanted <= set(there), app


def test_three_servers_behind_a_login(release: Release) -> None:
    release.kubectl("apply", "-f", "-", stdin=issuer())
    release.kubectl("wait", "--for=condition=Ready", "pod/oidc-issuer", "--timeout=2m")
    client = {"clientId": "mlflow", "clientSecret": "a secret of 'its' \"own\" $&"}
    release.secret("mlflow-oidc", client | {"cookieSecret": "0123456789abcdef" * 2})
    put(release, LOGIN)
    assert [ready(pod) for pod in servers(release).values()] == [True] * 3
    tested = release.helm("helm", "test", RELEASE, "--logs")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    got = release.client(
        "login.py",
        PROXY="http://mlflow-proxy:4180",
        ISSUER="http://oidc-issuer:9400",
        HOST=HOST,
        CLIENT_ID=client["clientId"],
        CLIENT_SECRET=client["clientSecret"],
    ).result()
    assert json.loads(got.splitlines()[-1]) == {
        "a program without a token": 401,
        "a browser": 302,
        "a token of nobody": 401,
        "alice comes back": 302,
        "alice's page": 200,
        "alice's experiments": 200,
        "mallory of elsewhere comes back": 403,
        "mallory's experiments": 401,
        "alice's program": 200,
        "mallory's program": 403,
        "alice's artifact": ["kept.txt"],
    }


def test_a_failed_migration_leaves_the_old_servers_serving(release: Release) -> None:
    put(release, {})
    run = release.client("log_one.py").result()
    before = set(servers(release))
    schema = "UPDATE alembic_version SET version_num = '{}' RETURNING version_num"
    [current] = sql(release, "SELECT version_num FROM alembic_version")
    sql(release, schema.format("0badc0de"))
    changed = {"migration": {"backoffLimit": 1}, "podAnnotations": {"changed": "yes"}}
    put(release, changed, settled=False)
    release.kubectl("wait", "--for=condition=Failed", "job", "-l", MIGRATION, "--timeout=5m")
    why = release.kubectl("logs", "-l", MIGRATION, "-c", "migration", "--tail=-1")
    assert "Can't locate revision identified by '0badc0de'" in why
    [new] = set(servers(release)) - before
    waits = "waiting for schema: the schema is 0badc0de, this MLflow needs"
    wait(waits, lambda: waits in said(release, new, "wait-for-schema-and-bucket"))
    assert release.client("read_one.py", RUN=run).result() == "42.0 kept"
    assert before <= {name for name, pod in servers(release).items() if ready(pod)}

    sql(release, schema.format(current))
    release.kubectl("delete", "job", "-l", MIGRATION, "--wait")
    put(release, changed)
    release.kubectl("wait", "--for=condition=Complete", "job", "-l", MIGRATION, "--timeout=5m")
    assert not before & set(servers(release))
    assert release.client("read_one.py", RUN=run).result() == "42.0 kept"


MIGRATION = "app=mlflow-migration"


def sql(release: Release, query: str) -> list[str]:
    command = ("psql", "-U", "postgres", "-tAq", "mlflow", "-c", query)
    return release.kubectl("exec", "postgresql-0", "-c", "postgresql", "--", *command).split()


def test_what_is_wrong_with_the_database_is_told_and_mended_without_help(release: Release) -> None:
    right = release.key("postgresql-mlflow", "password")
    release.kubectl("scale", "statefulset/postgresql", "--replicas=0")
    release.kubectl("wait", "--for=delete", "pod/postgresql-0", "--timeout=2m")
    release.kubectl("delete", "pod", "-l", SERVERS, "--now")
    [pod] = servers(release)

    def told(what: str) -> bool:
        lines = said(release, pod, "wait-for-schema-and-bucket").splitlines()
        return any(line.startswith("waiting for schema: ") and what in line for line in lines)

    wait("an unreachable database", lambda: told('server at "postgresql"'))
    release.secret("postgresql-mlflow", {"password": "wrong"})
    init = ("exec", pod, "-c", "wait-for-schema-and-bucket", "--")
    file = (*init, "cat", "/etc/mlflow/database/PGPASSWORD")
    wait("the Secret in the pod", lambda: release.kubectl(*file) == "wrong", 240)
    release.kubectl("scale", "statefulset/postgresql", "--replicas=1")
    refused = 'password authentication failed for user "mlflow"'
    wait("a wrong password", lambda: told(refused), 240)
    release.secret("postgresql-mlflow", {"password": right})
    wait("a server that is Ready", lambda: ready(servers(release)[pod]), 240)
    restarts = [c["restartCount"] for c in servers(release)[pod]["status"]["containerStatuses"]]
    assert restarts == [0]


def test_a_missing_key_is_named_and_awaited(release: Release) -> None:
    right = release.key("s3-credentials", "secretKey")
    patch = json.dumps([{"op": "remove", "path": "/data/secretKey"}])
    release.kubectl("patch", "secret", "s3-credentials", "--type=json", "-p", patch)
    release.kubectl("delete", "pod", "-l", SERVERS, "--now")
    [pod] = servers(release)
    about = f"involvedObject.name={pod}"
    what = ("get", "events", "--field-selector", about, "-o", "jsonpath={.items[*].message}")
    wait("the key's name", lambda: "secretKey" in release.kubectl(*what))
    release.secret("s3-credentials", {"secretKey": right})
    wait("a server that is Ready", lambda: ready(servers(release)[pod]), 240)


def test_an_autoscaler_adds_servers_under_load(release: Release) -> None:
    lifecycle.add("metrics-server")
    few = {"minReplicas": 1, "maxReplicas": 3, "targetCPUPercent": 50}
    put(release, {"autoscaling": {"enabled": True, **few}})
    client = release.client("log_runs.py", SECONDS="120")
    wait("more servers", lambda: len(servers(release)) > 1, 240)
    [scaler] = release.get("horizontalpodautoscalers")
    print(
        f"scaled by {scaler['status']['currentMetrics']} to {scaler['status']['desiredReplicas']}"
    )
    assert scaler["spec"]["scaleTargetRef"]["name"] == "mlflow"
    counts = json.loads(client.result().splitlines()[-1])
    assert counts["failed"] == []
    assert counts["lost"] == []
