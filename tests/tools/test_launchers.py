"""The launchers (tools/up, tools/test, tools/down) on machines without Python, pip or a network.

A fake Python produces the failures.
"""

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
    """A checkout with one launcher."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "tools" / "lib", root / "tools" / "lib")
    shutil.copy2(ROOT / "tools" / "test", root / "tools" / "test")
    (root / "requirements.lock").write_text("a==1\n")
    return root


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A PATH with the fake Python and the programs that the launchers need."""
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
    """Run `tools/test --fast`; keyword arguments are environment variables of the fake Python."""

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


def count_pip_calls(environment: dict[str, str]) -> int:
    calls = Path(environment["CALLS"])
    return len(calls.read_text().splitlines()) if calls.exists() else 0


def test_the_environment_is_created_once_and_the_arguments_are_passed_on(
    launch: Launch, environment: dict[str, str]
) -> None:
    for _ in range(2):
        done = launch()
        assert (done.returncode, done.stdout) == (0, "carbon test --fast\n")
    assert count_pip_calls(environment) == 2, (
        "one call for the locked packages, one for the checkout"
    )


def test_a_changed_lock_file_is_installed(
    launch: Launch, checkout: Path, environment: dict[str, str]
) -> None:
    launch()
    (checkout / "requirements.lock").write_text("a==2\n")
    assert launch().returncode == 0
    assert count_pip_calls(environment) == 4


def test_without_python_the_error_names_the_packages(launch: Launch) -> None:
    done = launch(OLD="1")
    assert done.returncode == 1
    assert "✗ Python 3.11 or newer is not installed\n" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_without_the_venv_module_the_error_names_its_package(
    launch: Launch, checkout: Path
) -> None:
    done = launch(NO_VENV="1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "  → Install it: sudo apt-get install python3.11-venv"
    assert not (checkout / ".venv").exists()


def test_root_installs_a_missing_venv_module_on_debian(
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
    ("output", "shown"),
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
        ("Temporary failure in name resolution", "the network is not reachable"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "differs from its pin"),
        ("something else", "something else"),
    ],
)
def test_a_failed_installation_shows_the_reason_and_the_next_run_succeeds(
    launch: Launch, checkout: Path, output: str, shown: str
) -> None:
    done = launch(PIP=f"echo '{output}'; exit 1")
    assert done.returncode == 1
    assert shown in done.stderr
    assert not (checkout / ".venv" / ".stamp").exists()
    assert launch().stdout == "carbon test --fast\n"


def test_an_environment_is_recreated_after_an_interrupted_installation(
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
    while not count_pip_calls(environment):
        assert time.monotonic() < end
        time.sleep(0.05)
    os.killpg(started.pid, signal.SIGINT)
    _, output = started.communicate(timeout=20)
    assert started.returncode == 130
    assert "✗ interrupted" in output
    unfinished = checkout / ".venv" / "unfinished"
    unfinished.touch()
    assert launch().returncode == 0
    assert not unfinished.exists()
