"""MLflow with users, a path prefix, TLS, and passwords of every printable character."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.live.options.certificates import create_certificate
from tests.live.support import Release

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


@pytest.fixture(scope="module")
def tls() -> tuple[str, str]:
    """Return a self-signed certificate for all Services, which is its own CA, and its key."""
    return create_certificate("mlflow", "mlflow.mlflow-users.svc", "postgresql", "s3")


@pytest.fixture(scope="module")
def release(
    cluster: Target, tls: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Release]:
    release = Release("mlflow-users")
    values = tmp_path_factory.mktemp("values") / "values.yaml"
    values.write_text(yaml.safe_dump(VALUES), encoding="utf-8")
    files = {"tls.crt": tls[0], "tls.key": tls[1], "ca.crt": tls[0]}
    secrets = {
        **{f"{name}-tls": files for name in ("mlflow", "postgresql", "s3")},
        "authorities": {"ca.crt": tls[0]},
        "mlflow-auth": {"username": "admin", "password": EVERY, "sessionKey": EVERY},
        "postgresql-mlflow": {"username": "mlflow", "password": EVERY},
        "postgresql-mlflow-auth": {"username": "mlflow_auth", "password": EVERY[::-1]},
    }
    with release:
        release.kubectl("create", "namespace", "mlflow-users")
        for name, keys in secrets.items():
            release.apply_secret(name, keys)
        release.install("helm", "--values", str(SMALL), "--values", str(values))
        yield release


def test_helm_test_logs_in_over_tls(release: Release) -> None:
    output = release.run_tests()
    assert "through https://mlflow:5000/ml/flow" in output


def test_logins_host_headers_read_permission_and_garbage_collection(
    release: Release, tls: tuple[str, str]
) -> None:
    """See clients/users.py: bob can read a run in alice's experiment, and can't change it."""
    uri = "https://mlflow:5000/ml/flow"
    client = release.start_client(
        "users.py", MLFLOW_TRACKING_URI=uri, ADMIN="admin", PASSWORD=EVERY, CA=tls[0]
    )
    statuses = client.wait_for_json()
    run = statuses.pop("run")
    assert statuses == {
        "health": 200,
        "no login": 401,
        "wrong password": 401,
        "admin": 200,
        "foreign host": 403,
        "public host": 200,
        "service": 200,
        "health of a foreign host": 200,
        "metrics": 200,
        "metrics without login": 401,
        "X-Frame-Options": "DENY",
        "bob reads": 42.0,
        "bob writes": 403,
        "bob creates a user": 403,
    }
    release.kubectl("create", "job", "collect", "--from=cronjob/mlflow-garbage-collection")
    release.kubectl("wait", "--for=condition=Complete", "job/collect", "--timeout=2m")
    log = release.kubectl("logs", "job/collect")
    assert f"Run with ID {run} has been permanently deleted" in log


def test_no_password_is_in_the_stored_release(release: Release) -> None:
    assert EVERY not in release.read_stored_release()
    assert EVERY[::-1] not in release.read_stored_release()
