"""MLflow with users and a path prefix, TLS everywhere, passwords of every printable character."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.live.options.certificates import certificate
from tests.live.support import RELEASE, Release

from carbon.platform.target import Target

SMALL = Path(__file__).parent / "small.yaml"
EVERY = "".join(map(chr, range(0x20, 0x7F)))
"""Every printable character, a space first."""
AUTHORITY = {"name": "authorities", "keys": {"ca": "ca.crt"}}
VALUES = {
    "global": {
        "postgresql": {"tls": {"mode": "verify-full", "existingSecret": AUTHORITY}},
        "s3": {"tls": {"enabled": True}},
    },
    "data-services": {
        "postgresql": {"tls": {"enabled": True}},
        "s3": {"tls": {"enabled": True}},
        "redis": {"enabled": False},
    },
    "mlflow": {
        "caBundle": {"existingSecret": AUTHORITY},
        "replicas": 2,
        "staticPrefix": "/ml/flow",
        "xFrameOptions": "DENY",
        "publicHosts": ["mlflow.example.com"],
        "auth": {"enabled": True},
        "tls": {"enabled": True},
        "database": {"pool": {"size": 3, "maxOverflow": 2}},
        "garbageCollection": {"enabled": True, "olderThan": "0s"},
    },
}


def secret(name: str, **keys: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": keys}


@pytest.fixture(scope="module")
def tls() -> tuple[str, str]:
    """A certificate for every Service, its own authority, and its key."""
    return certificate("mlflow", "mlflow.mlflow-users.svc", "postgresql", "s3")


@pytest.fixture(scope="module")
def release(
    cluster: Target, tls: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Release]:
    made = Release("mlflow-users")
    values = tmp_path_factory.mktemp("values") / "values.yaml"
    values.write_text(yaml.safe_dump(VALUES), encoding="utf-8")
    files = {"tls.crt": tls[0], "tls.key": tls[1], "ca.crt": tls[0]}
    secrets = [
        *(secret(f"{name}-tls", **files) for name in ("mlflow", "postgresql", "s3")),
        secret("authorities", **{"ca.crt": tls[0]}),
        secret("mlflow-auth", username="admin", password=EVERY, sessionKey=EVERY),
        secret("postgresql-mlflow", username="mlflow", password=EVERY),
        secret("postgresql-mlflow-auth", username="mlflow_auth", password=EVERY[::-1]),
    ]
    with made:
        made.kubectl("create", "namespace", "mlflow-users")
        made.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(secrets))
        made.install("helm", "--values", str(SMALL), "--values", str(values))
        yield made


def test_helm_test_logs_in_over_tls(release: Release) -> None:
    tested = release.helm("helm", "test", RELEASE, "--logs")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "through https://mlflow:5000/ml/flow" in tested.stdout


def test_each_gets_what_is_his(release: Release, tls: tuple[str, str]) -> None:
    uri = "https://mlflow:5000/ml/flow"
    client = release.client(
        "users.py", MLFLOW_TRACKING_URI=uri, ADMIN="admin", PASSWORD=EVERY, CA=tls[0]
    )
    got = json.loads(client.result().splitlines()[-1])
    run = got.pop("run")
    assert got == {
        "health": 200,
        "nobody": 401,
        "wrong": 401,
        "admin": 200,
        "foreign host": 403,
        "public host": 200,
        "service": 200,
        "health of a foreign host": 200,
        "metrics": 200,
        "metrics of nobody": 401,
        "frame": "DENY",
        "bob reads": 42.0,
        "bob writes": 403,
        "bob makes a user": 403,
    }
    release.kubectl("create", "job", "collect", "--from=cronjob/mlflow-garbage-collection")
    release.kubectl("wait", "--for=condition=Complete", "job/collect", "--timeout=2m")
    said = release.kubectl("logs", "job/collect")
    assert f"Run with ID {run} has been permanently deleted" in said


def test_no_password_is_in_the_release(release: Release) -> None:
    assert EVERY not in release.stored()
    assert EVERY[::-1] not in release.stored()
