"""Scripts that serve Feast, run with stand-ins for Feast and for the feature repository."""

import asyncio
import os
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.charts.processes import CHARTS, install, load

FILES = CHARTS / "feast/files"


class App:
    """An ASGI application that sends one response, and records its middleware."""

    def __init__(self) -> None:
        self.middleware: list[Any] = []

    def add_middleware(self, kind: Any, **options: str) -> None:
        self.middleware.append((kind, options))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        await send({"type": "http.response.start", "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body"})


class Feast:
    """A stand-in for Feast, which records the steps of a script in their order."""

    def __init__(self) -> None:
        self.steps: list[Any] = []
        self.server = SimpleNamespace(get_app=lambda *args, **kwargs: App())

    def run(self, arguments: list[str], **_: str) -> None:
        self.steps.append(arguments)


class Registry:
    """A registry as Feast's CachingRegistry, with one open connection of SQLAlchemy."""

    def __init__(self) -> None:
        self.registry_refresh_thread = threading.Timer(60, self._start_thread_async_refresh, [60])
        self.write_engine = self.read_engine = Engine()
        self.refreshed = False

    def _start_thread_async_refresh(self, _seconds: int) -> None:
        self.refreshed = True


class Engine:
    """An engine as SQLAlchemy's: dispose(close=False) forgets connections of another process."""

    def __init__(self) -> None:
        self.connections = ["open"]

    def dispose(self, close: bool = True) -> None:
        self.connections = ["closed"] if close else []


@pytest.fixture
def feast(monkeypatch: pytest.MonkeyPatch) -> Feast:
    feast = Feast()
    stand_ins: dict[str, dict[str, Any]] = {
        "quoting": {"quote_environment": lambda: feast.steps.append("quote")},
        "repository": {"prepare": lambda: feast.steps.append("prepare")},
        "feast": {"feature_server": feast.server, "ui_server": feast.server},
        "feast.cli.cli": {"cli": feast.run},
    }
    install(monkeypatch, stand_ins)
    monkeypatch.setattr("sys.argv", ["script.py", "--port", "6566"])
    return feast


def send_request(app: Any, **scope: str) -> list[dict[str, Any]]:
    """Return the messages of a response."""
    messages: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    asyncio.run(app(scope, None, send))
    return messages


def test_a_stopping_server_adds_connection_close_to_each_response(
    feast: Feast, tmp_path: Path
) -> None:
    serve: Any = load(FILES / "serve.py")
    serve.STOPPING = tmp_path / "stopping"
    serve.STOPPING.touch()  # left by the container before a restart
    serve.main()
    assert feast.steps == ["quote", "prepare", ["serve", "--port", "6566"]]
    [(middleware, _)] = feast.server.get_app(SimpleNamespace(registry="file")).middleware
    app = middleware(App())
    kept, body = send_request(app)
    assert kept["headers"] == [(b"x", b"y")]
    serve.STOPPING.touch()
    closed, body = send_request(app)
    assert closed["headers"] == [(b"x", b"y"), (b"connection", b"close")]
    assert body == {"type": "http.response.body"}


@pytest.mark.usefixtures("feast")
def test_a_worker_opens_connections_of_its_own_and_only_workers_refresh_the_registry() -> None:
    registry = Registry()
    load(FILES / "serve.py").prepare_fork(registry)
    assert registry.registry_refresh_thread.finished.is_set()  # cancelled
    registry._start_thread_async_refresh(0)  # a refresh that was running starts no further one
    assert not registry.refreshed
    assert registry.write_engine.connections == ["open"]  # those of this process stay
    child = os.fork()
    if not child:
        os._exit(len(registry.write_engine.connections))
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.usefixtures("feast")
def test_the_prestop_hook_creates_the_file_that_the_server_reads() -> None:
    stopping = load(FILES / "serve.py").STOPPING
    assert f"touch {stopping};" in (CHARTS / "feast/templates/_server.tpl").read_text("utf-8")


def test_importing_run_py_quotes_secrets_and_prepares_the_repository_without_a_command(
    feast: Feast,
) -> None:
    load(FILES / "run.py")
    assert feast.steps == ["quote", "prepare"]  # a process that imports run.py starts no command


@pytest.mark.parametrize(
    ("path", "served"),
    [("/ui/x", "/x"), ("/ui", "/"), ("/uix", "/uix"), ("/x", "/x"), ("/ui/ui/x", "/ui/x")],
)
def test_the_ui_serves_its_pages_below_ui_and_without_ui_in_the_path(
    feast: Feast, path: str, served: str
) -> None:
    load(FILES / "ui.py").main()
    assert feast.steps == ["quote", "prepare", ["--port", "6566"]]
    [(middleware, options)] = feast.server.get_app("store", "project", "/ui").middleware
    app = App()
    scope = {"path": path, "type": "http"}
    send_request(middleware(app, **options), **scope)
    assert app.scope == {"path": served, "type": "http"}
