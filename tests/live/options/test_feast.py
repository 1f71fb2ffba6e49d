"""Feast with all of it in PostgreSQL, TLS everywhere, its other servers and its CronJob."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.live.options.certificates import certificate
from tests.live.support import RELEASE, Release, wait

from carbon.platform.target import Target

VALUES = Path(__file__).parent / "feast.yaml"
EVERY = "".join(map(chr, range(0x20, 0x7F)))
TABLE = (
    "CREATE TABLE IF NOT EXISTS loads (zone text, load float8, hour timestamptz);"
    "GRANT ALL ON loads TO feast;"
    "INSERT INTO loads VALUES ('DE-LU', 61.5, now() - interval '1 hour')"
)
READ = {"features": ["loads:load"], "entities": {"zone": ["DE-LU"]}}


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    made = Release("feast-options")
    chain, key = certificate("feast-server", "feast-registry", "localhost")
    tls = {"tls.crt": chain, "tls.key": key, "ca.crt": chain}
    secrets = {
        "feast-tls": tls,
        "postgresql-feast": {"username": "feast", "password": EVERY},
    }
    with made:
        made.kubectl("create", "namespace", "feast-options")
        for name, keys in secrets.items():
            thing = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}
            made.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(thing | {"stringData": keys}))
        words = ["upgrade", "--install", RELEASE, "umbrella/", "--values", str(VALUES)]
        started = made.helm("helm", *words)
        assert started.returncode == 0, started.stderr
        made.kubectl("rollout", "status", "statefulset/postgresql", "--timeout=5m")
        database = made.kubectl(
            "get", "jobs", "-l", "app=postgresql-databases", "-o", "name"
        ).split()
        made.kubectl("wait", "--for=condition=Complete", *database, "--timeout=5m")
        # feast apply looks at the table, and is tried again until it is there.
        psql = [
            "exec",
            "postgresql-0",
            "-c",
            "postgresql",
            "--",
            "psql",
            "-d",
            "feast",
            "-c",
            TABLE,
        ]
        made.kubectl(*psql)
        for name in ("feast-server", "feast-registry", "feast-offline", "feast-ui"):
            made.kubectl("rollout", "status", f"deployment/{name}", "--timeout=5m")
        made.kubectl("wait", "--for=condition=Complete", "jobs", "--all", "--timeout=5m")
        yield made


def curl(release: Release, *args: str) -> str:
    """Ask from inside a feature server."""
    command = ["exec", "deployment/feast-server", "-c", "feast-server", "--", "curl", "-sk", *args]
    return release.kubectl(*command)


def test_helm_test_passes_over_tls(release: Release) -> None:
    tested = release.helm("helm", "test", RELEASE, "--logs")
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_the_cronjob_brings_the_history_to_the_servers(release: Release) -> None:
    release.kubectl("create", "job", "now", "--from=cronjob/feast-materialization")
    release.kubectl("wait", "--for=condition=Complete", "job/now", "--timeout=3m")
    url = "https://feast-server:6566/get-online-features"
    got = json.loads(
        curl(release, url, "-d", json.dumps(READ), "-H", "Content-Type: application/json")
    )
    assert got["results"][-1]["values"] == [61.5], got


def test_every_server_answers(release: Release) -> None:
    status = ("-o", "/dev/null", "-w", "%{http_code}")
    assert curl(release, *status, "https://feast-ui:8888/health") == "200"
    projects = json.loads(curl(release, "https://feast-registry:6572/api/v1/projects"))
    assert "data_platform" in json.dumps(projects)
    fresh = 'feast_feature_freshness_seconds{feature_view="loads"'  # looked at every 30 s
    metrics = "http://localhost:8000/metrics"
    wait("a look at the features' freshness", lambda: fresh in curl(release, metrics))
    assert "feast_feature_server_request_total" in curl(release, metrics)
