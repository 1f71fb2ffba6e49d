"""Feast with all stores in PostgreSQL, TLS, the optional servers and materialization."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.options.certificates import create_certificate
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
    release = Release("feast-options")
    chain, key = create_certificate("feast-server", "feast-registry", "localhost")
    with release:
        release.kubectl("create", "namespace", "feast-options")
        tls = {"tls.crt": chain, "tls.key": key, "ca.crt": chain}
        release.apply_secret("feast-tls", tls)
        release.apply_secret("postgresql-feast", {"username": "feast", "password": EVERY})
        words = ["upgrade", "--install", RELEASE, "umbrella/", "--values", str(VALUES)]
        started = release.helm("helm", *words)
        assert started.returncode == 0, started.stderr
        release.kubectl("rollout", "status", "statefulset/postgresql", "--timeout=5m")
        database = release.kubectl(
            "get", "jobs", "-l", "app=postgresql-databases", "-o", "name"
        ).split()
        release.kubectl("wait", "--for=condition=Complete", *database, "--timeout=5m")
        # `feast apply` reads the table; the Job retries until the table exists.
        psql = ("psql", "-d", "feast", "-c", TABLE)
        release.kubectl("exec", "postgresql-0", "-c", "postgresql", "--", *psql)
        for name in ("feast-server", "feast-registry", "feast-offline", "feast-ui"):
            release.kubectl("rollout", "status", f"deployment/{name}", "--timeout=5m")
        release.kubectl("wait", "--for=condition=Complete", "jobs", "--all", "--timeout=5m")
        yield release


def curl(release: Release, *args: str) -> str:
    """Run curl in a feature server."""
    command = ["exec", "deployment/feast-server", "-c", "feast-server", "--", "curl", "-sk", *args]
    return release.kubectl(*command)


def test_helm_test_passes_over_tls(release: Release) -> None:
    release.run_tests()


def test_servers_return_features_after_a_materialization(release: Release) -> None:
    release.kubectl("create", "job", "now", "--from=cronjob/feast-materialization")
    release.kubectl("wait", "--for=condition=Complete", "job/now", "--timeout=3m")
    url = "https://feast-server:6566/get-online-features"
    answer = json.loads(
        curl(release, url, "-d", json.dumps(READ), "-H", "Content-Type: application/json")
    )
    assert answer["results"][-1]["values"] == [61.5], answer


def test_the_ui_the_registry_server_and_the_metrics_answer(release: Release) -> None:
    status = ("-o", "/dev/null", "-w", "%{http_code}")
    assert curl(release, *status, "https://feast-ui:8888/health") == "200"
    projects = json.loads(curl(release, "https://feast-registry:6572/api/v1/projects"))
    assert "data_platform" in json.dumps(projects)
    fresh = 'feast_feature_freshness_seconds{feature_view="loads"'  # measured every 30 s
    metrics = "http://localhost:8000/metrics"
    wait("the freshness of the features", lambda: fresh in curl(release, metrics))
    assert "feast_feature_server_request_total" in curl(release, metrics)
