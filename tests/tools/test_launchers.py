"""The launchers on machines that lack something. A stand-in for Python plays what can go wrong."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from carbon.home import ROOT

PYTHON = """#!/bin/sh
case "$*" in
  *'version_info <'*) exit "${OLD:-0}" ;;
  *'import ensurepip'*) exit "${NO_VENV:-0}" ;;
  *'%d.%d-venv'*) echo python3.11-venv ;;
  '-m venv '*)
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    printf '#!/bin/sh\\necho carbon "$@"\\n' >"$3/bin/carbon"
    chmod +x "$3/bin/carbon"
    ;;
  *pip*) echo pip >>"$CALLS"; eval "${PIP:-:}" ;;
esac
"""
NEEDED = ["sh", "dirname", "cat", "cksum", "id", "rm", "mkdir", "cp", "chmod", "flock", "tail"]
NEEDED += ["grep", "sleep"]

Launch = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "tools" / "lib", root / "tools" / "lib")
    shutil.copy2(ROOT / "tools" / "test", root / "tools" / "test")
    (root / "requirements.lock").write_text("a==1\n")
    return root


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A machine with nothing but the few programs that the launchers need, and Python."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found, name
        (programs / name).symlink_to(found)
    (programs / "python3").write_text(PYTHON)
    (programs / "python3").chmod(0o755)
    return {"PATH": str(programs), "CALLS": str(tmp_path / "calls")}


@pytest.fixture
def launch(checkout: Path, environment: dict[str, str]) -> Launch:
    def run(**settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [checkout / "tools" / "test", "--fast"],
            env=environment | settings,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


def pips(environment: dict[str, str]) -> int:
    calls = Path(environment["CALLS"])
    return len(calls.read_text().splitlines()) if calls.exists() else 0


def test_the_environment_is_made_once_and_the_command_handed_on(
    launch: Launch, environment: dict[str, str]
) -> None:
    for _ in range(2):
        done = launch()
        assert (done.returncode, done.stdout) == (0, "carbon test --fast\n")
    assert pips(environment) == 2, "the locked packages, then the checkout, once each"


def test_new_pins_are_installed(
    launch: Launch, checkout: Path, environment: dict[str, str]
) -> None:
    launch()
    (checkout / "requirements.lock").write_text("a==2\n")
    assert launch().returncode == 0
    assert pips(environment) == 4


def test_no_python(launch: Launch) -> None:
    done = launch(OLD="1")
    assert done.returncode == 1
    assert "✗ Python 3.11 or newer is not installed\n" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_no_venv_module_and_no_way_to_install_it(launch: Launch, checkout: Path) -> None:
    done = launch(NO_VENV="1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "  → Install it: sudo apt-get install python3.11-venv"
    assert not (checkout / ".venv").exists()


def test_a_missing_venv_module_is_installed_by_root_on_debian(
    launch: Launch, environment: dict[str, str]
) -> None:
    installer = Path(environment["PATH"]) / "apt-get"
    installer.write_text('#!/bin/sh\necho "$@" >>"$CALLS.apt"\n')
    installer.chmod(0o755)
    (Path(environment["PATH"]) / "id").unlink()
    (Path(environment["PATH"]) / "id").write_text("#!/bin/sh\necho 0\n")
    (Path(environment["PATH"]) / "id").chmod(0o755)
    assert launch(NO_VENV="1").returncode == 0
    assert Path(environment["CALLS"] + ".apt").read_text() == "install -qy python3.11-venv\n"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        (
            "ERROR: HTTP error 403 while getting x",
            "the download was refused: ERROR: HTTP error 403",
        ),
        ("E: Failed to fetch http://x  404  Not Found [IP: x]", "the download was refused: E:"),
        (
            "Downloading a-1.0.tar.gz (404 kB)",
            "Downloading a-1.0.tar.gz (404 kB)\n  → The whole log",
        ),
        ("ERROR: No matching distribution found for a==1", "the download was refused"),
        ("Temporary failure in name resolution", "the network is out of reach"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "differs from its pin"),
        ("something else", "something else"),
    ],
)
def test_a_failed_install_says_why_and_the_next_try_works(
    launch: Launch, checkout: Path, said: str, shown: str
) -> None:
    done = launch(PIP=f"echo '{said}'; exit 1")
    assert done.returncode == 1
    assert shown in done.stderr
    assert not (checkout / ".venv" / ".stamp").exists()
    assert launch().stdout == "carbon test --fast\n"


def test_an_interrupt_leaves_an_environment_that_is_made_again(
    launch: Launch, checkout: Path, environment: dict[str, str]
) -> None:
    started = subprocess.Popen(
        [checkout / "tools" / "test"],
        env=environment | {"PIP": "sleep 30"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 20
    while not pips(environment):
        assert time.monotonic() < end
        time.sleep(0.05)
    os.killpg(started.pid, signal.SIGINT)
    _, said = started.communicate(timeout=20)
    assert started.returncode == 130
    assert "✗ interrupted" in said
    half = checkout / ".venv" / "half-made"
    half.touch()
    assert launch().returncode == 0
    assert not half.exists()
