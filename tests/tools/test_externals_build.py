"""A failed build of an external program leaves no files. A fake Go produces the failures."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from carbon.errors import CarbonError
from carbon.externals import build as building
from carbon.externals.build import build, get_folder, is_built
from carbon.externals.table import External

GO = """#!/bin/sh
[ "$1" = version ] && { echo go version go1.26.0 linux/amd64; exit; }
for last; do case $last in */) into=$last ;; esac; done
echo build >>"$CALLS"
echo 'example.io/a/package' >&2
eval "$PLAY"
"""
MAKES = """printf '#!/bin/sh\\necho v1.2.3\\n' >"$into/built"; chmod +x "$into/built" """
TOOL = External(
    name="tool",
    purpose="a test",
    tier="static",
    version="1.2.3",
    programs={"known-as": "built"},
    version_arguments={"known-as": ("--version",)},
    digest="d1",
)


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the fake Go records each build."""
    (tmp_path / "folder" / "tool").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    go = tmp_path / "bin" / "go"
    go.write_text(GO)
    go.chmod(0o755)
    record = tmp_path / "calls"
    monkeypatch.setattr(building, "FOLDER", tmp_path / "folder")
    for name, value in {
        "CARBON_HOME": str(tmp_path / "home"),
        "CALLS": str(record),
        "PATH": f"{go.parent}{os.pathsep}{os.environ['PATH']}",
        "PLAY": MAKES,
    }.items():
        monkeypatch.setenv(name, value)
    return record


def list_builds() -> list[str]:
    """Return the files in the parent folder of the build, without the lock file."""
    return sorted(p.name for p in get_folder(TOOL).parent.iterdir() if p.name != ".lock")


def test_a_build_is_stored_under_the_name_of_the_program_and_not_repeated(calls: Path) -> None:
    messages: list[str] = []
    assert build(TOOL, messages.append) == build(TOOL, messages.append) == get_folder(TOOL)
    assert list_builds() == ["1.2.3-d1"]
    assert [p.name for p in get_folder(TOOL).iterdir()] == ["known-as"]
    assert calls.read_text() == "build\n"
    assert messages == ["1 packages compiled"]


def test_a_failed_build_leaves_no_files_and_the_next_build_succeeds(
    calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAY", f"{MAKES}; echo 'no space left on device' >&2; exit 1")
    with pytest.raises(CarbonError, match="disk is full"):
        build(TOOL, print)
    assert list_builds() == []
    assert not is_built(TOOL)
    monkeypatch.setenv("PLAY", MAKES)
    assert (build(TOOL, print) / "known-as").exists()


@pytest.mark.usefixtures("calls")
def test_a_program_that_prints_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAY", MAKES.replace("1.2.3", "9.9.9"))
    with pytest.raises(CarbonError, match=r"does not print 1\.2\.3"):
        build(TOOL, print)
    assert list_builds() == []


def test_an_interrupted_build_ends_its_compilers(
    calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = tmp_path / "compiler"
    monkeypatch.setenv("PLAY", f"sleep 60 & echo $! >{compiler}; wait")
    script = (
        "from pathlib import Path\n"
        "from carbon.externals import build as b\n"
        "from carbon.externals.table import External\n"
        f"b.FOLDER = Path({str(tmp_path / 'folder')!r})\n"
        "b.build(External('tool', 'x', 'static', '1.2.3', {'a': 'a'}, {}, 'd1'), print)\n"
    )
    started = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    _wait(lambda: compiler.exists() and bool(compiler.read_text().strip()))
    started.send_signal(signal.SIGINT)
    assert started.wait(20) != 0
    assert list_builds() == []
    _wait(lambda: not _is_running(compiler.read_text().strip()))
    assert calls.read_text() == "build\n"


@pytest.mark.usefixtures("calls")
def test_a_build_deletes_the_files_of_a_killed_build() -> None:
    unfinished = get_folder(TOOL).with_name(".new-1.2.3-d0")
    unfinished.mkdir(parents=True)
    build(TOOL, print)
    assert not unfinished.exists()


def _is_running(pid: str) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def _wait(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"the condition is false after {seconds:.0f} s"
        time.sleep(0.05)
