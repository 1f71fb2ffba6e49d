"""MLflow with a schema of its own, a sidecar as database proxy, and the identity of its pods.

MLflow is a release of its own beside the stores of the umbrella. Its servers, its migration and its
test reach the database only through the sidecar. They reach S3, a server of its own that issues
temporary credentials, only with those of the sidecar, and by the host name of the bucket.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.support import JSON, Release

from carbon.platform.target import Target

SMALL = Path(__file__).parent / "small.yaml"
SIDECAR = Path(__file__).parent / "sidecar.py"
TEMPORARY = Path(__file__).parent / "temporary.py"
STS = Path(__file__).parent / "sts.yaml"
HOST = "sts.store-clients.svc"
IMAGE = "ghcr.io/mlflow/mlflow:v3.17.2-full"
AMOUNTS = {"cpu": "20m", "memory": "64Mi"}
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
SERVER = {
    "requests": {"cpu": "20m", "memory": "256Mi"},
    "limits": {"cpu": "1", "memory": "2Gi"},
}
VALUES: JSON = {
    "replicas": 1,
    "resources": SERVER,
    **{each: {"resources": SERVER} for each in ("migration", "waiting", "test")},
    "global": {
        "postgresql": {"host": "127.0.0.1", "port": 15432},
        "s3": {"host": HOST, "addressingStyle": "virtual", "existingSecret": {"name": ""}},
    },
    "extraEnv": [
        {"name": "PGOPTIONS", "value": "-csearch_path=tracking"},
        {
            "name": "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "value": "http://127.0.0.1:15080/",
        },
    ],
    "extraVolumes": [{"name": "keys", "secret": {"secretName": "s3-credentials"}}],
    "extraSidecars": [
        {
            "name": "proxy",
            "image": IMAGE,
            "command": ["python", "-c", SIDECAR.read_text(encoding="utf-8")],
            "env": [{"name": "STS_ENDPOINT", "value": f"http://{HOST}:9000"}],
            "resources": {"requests": AMOUNTS, "limits": {"cpu": "500m", "memory": "256Mi"}},
            "securityContext": RESTRICTED,
            "volumeMounts": [{"name": "keys", "mountPath": "/keys", "readOnly": True}],
        }
    ],
}


def run_sql(release: Release, query: str) -> str:
    """Run a query in the database of MLflow; return the output."""
    command = ("psql", "-U", "postgres", "-tAq", "mlflow", "-c", query)
    return release.kubectl("exec", "postgresql-0", "-c", "postgresql", "--", *command).strip()


@pytest.fixture(scope="module")
def release(cluster: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    with Release("store-clients") as release:
        flags = ("--values", str(SMALL), "--wait", "--wait-for-jobs", "--timeout", "5m")
        release.apply("umbrella", {"mlflow": {"enabled": False}}, *flags)
        run_sql(release, "CREATE SCHEMA tracking AUTHORIZATION mlflow")
        release.kubectl("apply", "-f", str(STS))
        release.kubectl("wait", "--for=condition=Ready", "pod/sts", "--timeout=3m")
        shell = ("exec", "-i", "sts", "--", "weed", "shell", "-master=127.0.0.1:9333")
        release.kubectl(*shell, stdin="s3.bucket.create -name mlflow\n")
        file = tmp_path_factory.mktemp("values") / "values.json"
        file.write_text(json.dumps(VALUES))
        words = ("install", "tracking", "charts/mlflow", "--wait", "--timeout", "8m")
        done = release.helm("helm", *words, "--values", str(file))
        assert done.returncode == 0, done.stderr
        yield release
        release.helm("helm", "uninstall", "tracking", "--wait")


def test_all_tables_are_in_the_schema_that_pgoptions_sets(release: Release) -> None:
    count = "SELECT count(*) FROM pg_tables WHERE schemaname = '{}'"
    assert run_sql(release, count.format("public")) == "0"
    tables = int(run_sql(release, count.format("tracking")))
    print(f"{tables} tables in the schema tracking, none in public")
    assert tables > 20


def test_the_migration_job_completes_although_its_pod_has_a_sidecar(release: Release) -> None:
    condition = ("--for=condition=Complete", "job", "-l", "app=mlflow-migration")
    release.kubectl("wait", *condition, "--timeout=2m")


def test_artifacts_are_stored_with_the_identity_of_the_pod(release: Release) -> None:
    [server] = release.get("pods", "app=mlflow,app.kubernetes.io/component=server")
    container = next(c for c in server["spec"]["containers"] if c["name"] == "mlflow")
    assert not [each for each in container["env"] if each["name"].startswith("AWS_ACCESS")]
    tested = release.helm("helm", "test", "tracking", "--logs")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "metric and artifact read back" in tested.stdout


def test_a_temporary_access_key_is_refused_without_its_session_token(release: Release) -> None:
    script = TEMPORARY.read_text(encoding="utf-8")
    where = ("deployment/mlflow", "-c", "mlflow", "--", "python", "-c", script)
    assert json.loads(release.kubectl("exec", *where).splitlines()[-1]) == {
        "host": f"mlflow.{HOST}:9000",
        "temporary key": True,
        "with token": 200,
        "without token": 403,
    }
