"""The scripts of MLflow, run with stand-in modules for MLflow, its databases and the S3 server.

They have only what the scripts use: of psycopg2, boto3, SQLAlchemy, Alembic and MLflow.
"""

import configparser
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from tests.charts.processes import CHARTS, install, load, read_module

FILES = CHARTS / "mlflow/files"
ENV = {
    "PGHOST": "postgresql",
    "PGPORT": "5432",
    "PGDATABASE": "users",
    "MLFLOW_BACKEND_STORE_URI": "postgresql://",
    "MLFLOW_ARTIFACTS_DESTINATION": "s3://artifacts/mlflow",
    "MLFLOW_S3_ENDPOINT_URL": "http://s3:9000",
    "DEFAULT_PERMISSION": "READ",
    "CACHE_SECONDS": "30",
}
PASSWORD = "p@ss/w:%"  # noqa: S105


class RefusedError(Exception):
    """Raised by the stand-in modules: a wrong password, a missing bucket or an outdated schema."""


class Platform:
    """The databases and the bucket of the stand-in modules, and the password that they accept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current: str | None = "two"
        self.users_current: str | None = "b2"
        self.migrated: list[str] = []
        self.engines: list[Any] = []
        self.tables: list[dict[str, str]] = []
        for name in ("database", "users", "store"):
            (folder / name).mkdir()
        for name in ("database", "users"):
            self.write(name, PGUSER=name, PGPASSWORD=PASSWORD)
        self.write("store", AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY=PASSWORD)

    def write(self, secret: str, **values: str) -> None:
        for key, value in values.items():
            (self.folder / secret / key).write_text(value)

    def connect(self, options: str) -> Any:
        assert options == ""
        if os.environ["PGPASSWORD"] != PASSWORD:
            raise RefusedError("password\nrefused")
        return SimpleNamespace(close=lambda: None)

    def head_bucket(self, **names: str) -> None:
        if os.environ["AWS_SECRET_ACCESS_KEY"] != PASSWORD or names != {"Bucket": "artifacts"}:
            raise RefusedError("refused")

    def create_client(self, service: str, endpoint_url: str, **_: object) -> Any:
        assert (service, endpoint_url) == ("s3", "http://s3:9000")
        return SimpleNamespace(head_bucket=self.head_bucket)

    def verify_schema(self, engine: Any) -> None:
        if self.current != "two":
            raise RefusedError("out of date")

    def create_engine(self, url: Any) -> Any:
        @contextmanager
        def connect() -> Iterator[str]:
            yield "connection"

        engine = SimpleNamespace(url=url, open=True, connect=connect)
        engine.dispose = lambda: setattr(engine, "open", False)
        self.engines.append(engine)
        return engine

    def configure(self, connection: str, opts: dict[str, str]) -> Any:
        self.tables.append(opts)
        return SimpleNamespace(get_current_revision=lambda: self.users_current)


class URL:
    """A stand-in for sqlalchemy.URL."""

    def __init__(self, driver: str, parts: dict[str, Any]) -> None:
        self.driver, self.parts = driver, parts

    @classmethod
    def create(cls, driver: str, **parts: Any) -> "URL":
        return cls(driver, parts)

    def render_as_string(self, hide_password: bool = True) -> str:
        password = "***" if hide_password else quote(self.parts["password"], safe="")
        login, parts = f"{self.parts['username']}:{password}", self.parts
        return f"{self.driver}://{login}@{parts['host']}:{parts['port']}/{parts['database']}"


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Platform:
    platform = Platform(tmp_path)
    for key in ("PGUSER", "PGPASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "")  # the scripts set them
    for key, value in ENV.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("MLFLOW_AUTH_CONFIG_PATH", str(tmp_path / "auth.ini"))
    session = SimpleNamespace(Session=lambda: SimpleNamespace(client=platform.create_client))
    utils = SimpleNamespace(
        create_sqlalchemy_engine=platform.create_engine,
        _verify_schema=platform.verify_schema,
        _get_schema_version=lambda engine: platform.current,
        _get_latest_schema_revision=lambda: "two",
        migrate=lambda engine, revision: platform.migrated.append(revision),
    )
    script = SimpleNamespace(get_current_head=lambda: "b2")
    stand_ins: dict[str, dict[str, Any]] = {
        "psycopg2": {"connect": platform.connect, "OperationalError": RefusedError},
        "boto3": {"session": session},
        "botocore.config": {"Config": lambda **options: options},
        "botocore.exceptions": {"BotoCoreError": RefusedError, "ClientError": RefusedError},
        "mlflow.exceptions": {"MlflowException": RefusedError},
        "mlflow.store.db": {"utils": utils},
        "mlflow.server.auth.db": {"utils": utils},
        "sqlalchemy": {"URL": URL, "create_engine": platform.create_engine},
        "alembic.migration": {"MigrationContext": SimpleNamespace(configure=platform.configure)},
        "alembic.script": {"ScriptDirectory": lambda folder: script},
    }
    install(monkeypatch, stand_ins)
    spec = SimpleNamespace(origin="/site-packages/mlflow/__init__.py")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    for name in ("waiting", "wait", "auth"):
        text = read_module(name) if name == "waiting" else (FILES / f"{name}.py").read_text()
        (tmp_path / f"{name}.py").write_text(text.replace("/etc/mlflow", str(tmp_path)))
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return platform


@pytest.mark.parametrize(
    ("check", "secret", "key"),
    [
        ("database", "database", "PGPASSWORD"),
        ("schema", "database", "PGPASSWORD"),
        ("bucket", "store", "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_each_check_reports_a_wrong_password_until_the_secret_is_corrected(
    platform: Platform, check: str, secret: str, key: str
) -> None:
    condition = load(platform.folder / "wait.py").CHECKS[check]
    assert condition() == ""
    platform.write(secret, **{key: "wrong"})
    assert "refused" in condition()
    assert "\n" not in condition()
    platform.write(secret, **{key: PASSWORD})
    assert condition() == ""


@pytest.mark.parametrize(("current", "shown"), [("one", "one"), (None, "none")])
def test_the_schema_check_of_wait_py_names_both_versions_and_closes_its_connections(
    platform: Platform, current: str | None, shown: str
) -> None:
    wait = load(platform.folder / "wait.py")
    platform.current = current
    assert f"the schema is {shown}, this MLflow needs two" in wait.check_schema()
    assert platform.engines
    assert not any(engine.open for engine in platform.engines)


def test_the_bucket_check_of_wait_py_names_the_bucket_that_the_s3_server_refuses(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = load(platform.folder / "wait.py")
    monkeypatch.delenv("MLFLOW_ARTIFACTS_DESTINATION")
    monkeypatch.setenv("MLFLOW_DEFAULT_ARTIFACT_ROOT", "s3://other/mlflow")
    assert wait.check_bucket() == "other: refused"


def test_the_user_database_is_migrated_after_it_accepts_the_password(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = load(platform.folder / "auth.py")
    platform.write("users", PGPASSWORD="wrong")
    sleeps: list[float] = []

    def correct(seconds: float) -> None:
        sleeps.append(seconds)
        platform.write("users", PGPASSWORD=PASSWORD)

    monkeypatch.setattr("time.sleep", correct)
    auth.migrate()
    assert platform.migrated == ["head"]
    assert platform.engines[-1].url.parts["password"] == PASSWORD
    assert len(sleeps) == 1


def test_the_check_of_the_user_database_reports_its_schema_version_or_a_wrong_password(
    platform: Platform,
) -> None:
    auth = load(platform.folder / "auth.py")
    platform.users_current = None
    assert "the schema is none, this MLflow needs b2" in auth.check_schema()
    platform.users_current = "a1"
    assert "the schema is a1, this MLflow needs b2" in auth.check_schema()
    assert platform.tables[0] == {"version_table": "alembic_version_auth"}
    platform.users_current = "b2"
    assert auth.check_schema() == ""
    platform.write("users", PGPASSWORD="wrong")
    assert auth.check_schema() == "password refused"


def test_only_the_owner_can_read_the_configuration_with_the_password(platform: Platform) -> None:
    auth = load(platform.folder / "auth.py")
    before = os.umask(0o022)
    try:
        auth.configure()
    finally:
        os.umask(before)
    path = platform.folder / "auth.ini"
    assert path.stat().st_mode & 0o777 == 0o600
    config = configparser.ConfigParser()  # MLflow's parser interpolates % too
    config.read(path)
    url = f"postgresql+psycopg2://users:{quote(PASSWORD, safe='')}@postgresql:5432/users"
    assert dict(config["mlflow"]) == {
        "default_permission": "READ",
        "database_uri": url,
        "auth_cache_ttl_seconds": "30",
    }
