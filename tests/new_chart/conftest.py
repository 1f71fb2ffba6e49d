"""A chart that the command creates once in a copy of the checkout, for all tests."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.checkouts import copy_checkout, run_carbon, run_git

from carbon.scaffold.template import Answers

ANSWERS = Answers(
    "price-alerts", "server", "Price alerts", "Alerts about prices, and their history", 8123
)
KINDS = {"price-store": "store", "price-report": "job"}
"""Charts of the other kinds."""
Carbon = Callable[..., subprocess.CompletedProcess[str]]


def find_port() -> int:
    """Return a port on which no program listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def request(
    url: str,
    body: bytes | Iterator[bytes] | None = None,
    method: str = "GET",
    token: str = "",
    patience: float = 0,
) -> bytes:
    """Return the body of a response; try for `patience` seconds until the server listens."""
    headers = {"Authorization": f"Bearer {token}"}
    call = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - http
    deadline = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(call, timeout=10) as answer:  # noqa: S310 - http
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with its uncommitted changes, in Git."""
    return copy_checkout(tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="session")
def carbon(copy: Path) -> Carbon:
    """Runs the `carbon` of the copy."""
    return partial(run_carbon, copy)


@pytest.fixture(scope="session")
def chart(copy: Path, carbon: Carbon) -> Path:
    """The folder of the new chart, which the newest commit adds."""
    done = carbon(
        *("new-chart", ANSWERS.name, "--title", ANSWERS.title),
        *("--description", ANSWERS.description, "--port", str(ANSWERS.port)),
    )
    assert done.returncode == 0, done.stdout
    run_git(copy, "add", "--all")
    run_git(copy, "commit", "--quiet", "--message", "a chart")
    return copy / "charts" / ANSWERS.name


@pytest.fixture
def edited(chart: Path, tmp_path: Path) -> Path:
    """A copy of the checkout with the new chart, for one test."""
    run_git(tmp_path, "clone", "--quiet", "--shared", str(chart.parents[1]), "clone")
    return tmp_path / "clone"


@pytest.fixture(scope="module")
def root(chart: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with a chart of each kind, each in a commit."""
    root = tmp_path_factory.mktemp("kinds") / "clone"
    run_git(chart, "clone", "--quiet", "--shared", str(chart.parents[1]), str(root))
    for name, kind in KINDS.items():
        done = run_carbon(root, "new-chart", name, "--kind", kind, "--defaults")
        assert done.returncode == 0, done.stdout
        run_git(root, "add", "--all")
        run_git(root, "commit", "--quiet", "--message", name)
    return root
