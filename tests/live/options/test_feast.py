"""Feast with all stores in PostgreSQL, TLS, the optional servers and materialization."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.live.options.certificates import create_certificate
from tests.live.support import RELEASE, Release, wait

from carbon.errors import CarbonError
from carbon.platform.target import Target

VALUES = Path(__file__).parent / "feast.yaml"
EVERY = "".join(map(chr, range(0x20, 0x7F)))
TABLE = (
    "CREATE TABLE IF NOT EXISTS loads (zone text, load float8, hour timestamptz);"
    "GRANT ALL ON loads TO feast;"
    "INSERT INTO loads VALUES ('DE-LU', 61.5, now() - interval '1 hour')"
)
READ = {"features": ["loads:load", "scaled:megawatts"], "entities": {"zone": ["DE-LU"]}}
BACKFILL = ("-l", "app=feast-backfill")


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
    names = answer["metadata"]["feature_names"]
    values = [result["values"][0] for result in answer["results"]]
    # The transformation imports another file of the repository.
    assert (
        dict(zip(names, values, strict=True)).items() >= {"load": 61.5, "megawatts": 0.0615}.items()
    )


def read_backfill(release: Release) -> str:
    """Return the log of the backfill's pod, or nothing before its container starts."""
    try:
        return release.kubectl("logs", *BACKFILL, "-c", "backfill", "--tail=-1")
    except CarbonError:
        return ""


def test_a_killed_backfill_continues_with_the_next_chunk(release: Release) -> None:
    today = datetime.now(tz=UTC).date()
    values = ["--values", str(VALUES), "--set", "feast.backfill.enabled=true"]
    for key, day in (("firstDay", today - timedelta(days=60)), ("lastDay", today)):
        values += ["--set-string", f"feast.backfill.{key}={day}"]
    changed = release.helm("helm", "upgrade", RELEASE, "umbrella/", *values)
    assert changed.returncode == 0, changed.stderr
    wait("the first chunk", lambda: "chunk 1 of 61" in read_backfill(release), 300)
    release.kubectl("delete", "pods", *BACKFILL, "--force", "--grace-period=0")
    release.kubectl("wait", "--for=condition=Complete", "jobs", *BACKFILL, "--timeout=5m")
    log = read_backfill(release)
    print(log.count("recorded in the registry"), log.count("materialized in"))
    assert "recorded in the registry" in log
    assert "all chunks are materialized" in log


def test_the_ui_the_registry_server_and_the_metrics_answer(release: Release) -> None:
    status = ("-o", "/dev/null", "-w", "%{http_code}")
    assert curl(release, *status, "https://feast-ui:8888/health") == "200"
    projects = json.loads(curl(release, "https://feast-registry:6572/api/v1/projects"))
    assert "data_platform" in json.dumps(projects)
    fresh = 'feast_feature_freshness_seconds{feature_view="loads"'  # measured every 30 s
    metrics = "http://localhost:8000/metrics"
    wait("the freshness of the features", lambda: fresh in curl(release, metrics))
    assert "feast_feature_server_request_total" in curl(release, metrics)
