"""Runs `carbon upgrade` on a release of an old chart, whose Helm and API server are replaced."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.upgrade.fake_cluster import FakeTarget, write_chart
from typer.testing import CliRunner, Result

from carbon.app import app
from carbon.commands import upgrade as command
from carbon.errors import CarbonError
from carbon.platform.target import Target

Call = Callable[..., Result]
DATA = "redis-log=1, postgresql=15"
"""Revisions of the data of both charts."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_chart(tmp_path / "old", data=DATA)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_chart(tmp_path / "new", text="2", data=DATA, version="1.1.0")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run `carbon upgrade` on a target."""

    def run(target: Target, *arguments: object) -> Result:
        monkeypatch.setattr(command, "get_target", lambda *_: target)
        words = ("upgrade", *map(str, arguments), "--release", "store")
        return CliRunner().invoke(app, words)

    return run


def fail(target: FakeTarget, new: Path, call: Call, *more: str) -> str:
    """Run `carbon upgrade`, which fails; return its message."""
    done = call(target, new, *more)
    assert isinstance(done.exception, CarbonError), done.output
    return str(done.exception)
