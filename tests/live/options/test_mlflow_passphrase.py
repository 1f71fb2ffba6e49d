"""MLflow's command that changes the passphrase of its gateway, with the real image.

The command runs here without a node, with a database in a file in place of PostgreSQL.
"""

import os
from pathlib import Path

import pytest
from tests.live.unpacked import start_program, unpack_image

from carbon.charts.render import Render, containers, pod_templates, render_objects
from carbon.home import ROOT

OLD, NEW = "mlflow-default-kek-passphrase-for-development-only", "n" * 40
ROTATE = ("mlflow", "crypto", "rotate-kek", "--yes", f"--new-passphrase={NEW}")
DATABASE = "sqlite:////data/mlflow.db"
ADD = """
from mlflow.tracking import _get_store
_get_store().create_gateway_secret(
    secret_name="key", secret_value={"api_key": "sk-0123456789abcdef"}, provider="openai")
"""
READ = """
from mlflow.store.tracking.dbmodels.models import SqlGatewaySecret
from mlflow.tracking import _get_store
from mlflow.utils.crypto import KEKManager, _decrypt_secret
with _get_store().ManagedSessionMaker() as session:
    for row in session.query(SqlGatewaySecret):
        value = _decrypt_secret(row.encrypted_value, row.wrapped_dek, KEKManager(),
                                row.secret_id, row.secret_name)
        print("version", row.kek_version, value)
"""


class MLflow:
    """The chart's server container, in the unpacked image."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.folder = folder
        objects = render_objects(Render(ROOT / "charts/mlflow"))
        pods = [pod for obj in objects for pod in pod_templates(obj)]
        [server] = [c for pod in pods for c in containers(pod) if c["name"] == "mlflow"]
        self.env = {e["name"]: e["value"] for e in server["env"] if "value" in e}

    def run(self, passphrase: str, version: int, *command: str) -> tuple[int, str]:
        """Run a command with a passphrase and its version; return the status and the output."""
        env = self.env | {
            "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "MLFLOW_BACKEND_STORE_URI": DATABASE,
            "MLFLOW_TRACKING_URI": DATABASE,
            "MLFLOW_CRYPTO_KEK_PASSPHRASE": passphrase,
            "MLFLOW_CRYPTO_KEK_VERSION": str(version),
        }
        with start_program(self.root, list(command), {self.folder: "/data"}, env) as process:
            output: str = process.communicate(timeout=300)[0]
        return process.returncode, output

    def python(self, passphrase: str, version: int, script: str) -> str:
        """Run a Python script; return the output."""
        status, output = self.run(passphrase, version, "python", "-c", script)
        assert status == 0, output
        return output


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked image of MLflow."""
    return unpack_image("mlflow", tmp_path_factory.mktemp("images"))


@pytest.fixture
def mlflow(root: Path, tmp_path: Path) -> MLflow:
    """The server's container with an empty database."""
    os.chown(tmp_path, 999, 999)
    mlflow = MLflow(root, tmp_path)
    status, output = mlflow.run(OLD, 1, "mlflow", "db", "upgrade", DATABASE)
    assert status == 0, output
    return mlflow


def test_stored_keys_are_encrypted_with_the_new_passphrase_and_the_next_version(
    mlflow: MLflow,
) -> None:
    mlflow.python(OLD, 1, ADD)
    status, output = mlflow.run(OLD, 1, *ROTATE)
    assert status == 0, output
    assert "Successfully rotated 1 encryption key from KEK v1 to v2" in output
    read = mlflow.python(NEW, 2, READ)
    print(read)
    assert "version 2" in read
    assert "sk-0123456789abcdef" in read
    status, output = mlflow.run(OLD, 1, "python", "-c", READ)
    assert status != 0, output


def test_the_version_stays_without_stored_keys(mlflow: MLflow) -> None:
    status, output = mlflow.run(OLD, 1, *ROTATE)
    assert status == 0, output
    assert "No secrets found with kek_version=1. Nothing to rotate." in output
    mlflow.python(NEW, 1, ADD)
    assert "version 1" in mlflow.python(NEW, 1, READ)
