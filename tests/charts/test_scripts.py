"""Scripts of the charts, run with a stand-in for the API server or compared with each other.

The live tests run the scripts in their pods.
"""

import base64
import re
import sys
from pathlib import Path, PurePosixPath
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tests.charts.processes import load

from carbon.home import ROOT

CHARTS = ROOT / "charts"
BACKUP = (CHARTS / "backup/files/postgresql.sh").read_text("utf-8")
REBUILD = (CHARTS / "data-services/files/rebuild-postgresql.sh").read_text("utf-8")
PATH = "/api/v1/namespaces/data-platform/secrets"
KEYS = {"user": {"value": "mlflow"}, "password": {"length": 20}}
RENEWED = {**KEYS, "generation-2": {"value": "2"}}


class Secrets:
    """The Secrets of a namespace, as `call` of the module apiserver reads and changes them."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        if method == "POST":
            self.stored[f"{path}/{body['metadata']['name']}"] = body
        elif method == "PATCH":
            self.stored[path]["data"] |= body["data"]
        return self.stored.get(path)

    def read(self, name: str) -> dict[str, str]:
        return dict(self.stored[f"{PATH}/{name}"]["data"])


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, Secrets]:
    """The script credentials.py and the Secrets that it finds."""
    secrets = Secrets()
    apiserver = SimpleNamespace(ACCOUNT=Path("/"), call=secrets.call)
    monkeypatch.setitem(sys.modules, "apiserver", apiserver)
    return load(CHARTS / "data-services/files/credentials.py"), secrets


def test_a_missing_secret_is_created_and_the_next_run_does_not_change_it(
    namespace: tuple[ModuleType, Secrets],
) -> None:
    script, secrets = namespace
    assert script.ensure(PATH, "mlflow", KEYS) == "created"
    first = secrets.read("mlflow")
    assert first.keys() == KEYS.keys()
    assert script.ensure(PATH, "mlflow", KEYS) == "unchanged"
    assert secrets.read("mlflow") == first


def test_a_new_generation_renews_a_generated_password(
    namespace: tuple[ModuleType, Secrets],
) -> None:
    script, secrets = namespace
    script.ensure(PATH, "mlflow", KEYS)
    first = secrets.read("mlflow")
    assert script.ensure(PATH, "mlflow", RENEWED) == "renewed generation-2, password"
    renewed = secrets.read("mlflow")
    assert renewed["password"] != first["password"]
    assert renewed["user"] == first["user"]
    assert script.ensure(PATH, "mlflow", RENEWED) == "unchanged"


def test_a_missing_passphrase_gets_the_old_default_if_the_secret_of_an_older_release_exists(
    namespace: tuple[ModuleType, Secrets],
) -> None:
    script, secrets = namespace
    keys = {"passphrase": {"length": 40, "older": {"secret": "mlflow", "value": "default"}}}
    assert script.ensure(PATH, "new", keys) == "created"
    script.ensure(PATH, "mlflow", KEYS)
    warning = "WARNING: passphrase has a public value, because the Secret mlflow existed before"
    assert warning in script.ensure(PATH, "old", keys)
    assert base64.b64decode(secrets.read("old")["passphrase"]) == b"default"
    passphrase = secrets.read("new")["passphrase"]
    assert len(base64.b64decode(passphrase)) == 40
    assert script.ensure(PATH, "new", keys) == "unchanged"
    assert secrets.read("new")["passphrase"] == passphrase
    secrets.call("POST", PATH, {"metadata": {"name": "part"}, "data": {"other": ""}})
    assert warning in script.ensure(PATH, "part", keys)


def test_a_new_generation_keeps_the_password_of_a_secret_that_a_user_created(
    namespace: tuple[ModuleType, Secrets],
) -> None:
    script, secrets = namespace
    own = {"password": "b3du"}
    secrets.call("POST", PATH, {"metadata": {"name": "mlflow"}, "data": dict(own)})
    assert script.ensure(PATH, "mlflow", RENEWED) == "added generation-2, user"
    assert secrets.read("mlflow").items() >= own.items()


def test_the_rebuild_of_postgresql_reads_files_that_its_backup_writes() -> None:
    read = re.findall(r"(?:--file=|3<|\$dumps/)([A-Za-z][\w.]*)", REBUILD)
    assert set(read) >= {"SHA256SUMS", "databases", "globals.sql"}
    for name in read:
        assert re.search(rf"(--file=|--output=|>|mv \S+ ){re.escape(name)}\b", BACKUP), name


def test_backup_and_rebuild_of_postgresql_use_the_same_file_beside_the_dumps() -> None:
    dumps = re.findall(r"^dumps=(\S+)$", REBUILD, re.M)
    (name,) = re.findall(r"rebuilt=\$\{2%/\*\}/(\w+)", BACKUP)
    assert re.findall(r"^done=(\S+)$", REBUILD, re.M) == [
        str(PurePosixPath(dumps[0]).parent / name)
    ]
