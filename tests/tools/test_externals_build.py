"""Building: whole or not at all. A stand-in for Go plays what can go wrong."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from carbon.errors import CarbonError
from carbon.externals import build as building
from carbon.externals.build import build, is_built, place
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
    ask={"known-as": ("--version",)},
    digest="d1",
)


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the stand-in notes each build."""
    (tmp_path / "folder" / "tool").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    go = tmp_path / "bin" / "go"
    go.write_text(GO)
    go.chmod(0o755)
    noted = tmp_path / "calls"
    monkeypatch.setattr(building, "FOLDER", tmp_path / "folder")
    for name, value in {
        "CARBON_HOME": str(tmp_path / "home"),
        "CALLS": str(noted),
        "PATH": f"{go.parent}{os.pathsep}{os.environ['PATH']}",
        "PLAY": MAKES,
    }.items():
        monkeypatch.setenv(name, value)
    return noted


def leftovers() -> list[str]:
    return sorted(p.name for p in place(TOOL).parent.iterdir() if p.name != ".lock")


def test_a_build_ends_in_its_place_under_its_own_name_and_is_not_repeated(calls: Path) -> None:
    heard: list[str] = []
    assert build(TOOL, heard.append) == build(TOOL, heard.append) == place(TOOL)
    assert leftovers() == ["1.2.3-d1"]
    assert [p.name for p in place(TOOL).iterdir()] == ["known-as"]
    assert calls.read_text() == "build\n"
    assert heard == ["1 packages compiled"]


def test_a_failed_build_leaves_nothing_and_the_next_one_works(
    calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAY", f"{MAKES}; echo 'no space left on device' >&2; exit 1")
    with pytest.raises(CarbonError, match="disk is full"):
        build(TOOL, print)
    assert leftovers() == []
    assert not is_built(TOOL)
    monkeypatch.setenv("PLAY", MAKES)
    assert (build(TOOL, print) / "known-as").exists()


@pytest.mark.usefixtures("calls")
def test_a_program_that_says_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAY", MAKES.replace("1.2.3", "9.9.9"))
    with pytest.raises(CarbonError, match=r"does not print 1\.2\.3"):
        build(TOOL, print)
    assert leftovers() == []


def test_a_stopped_build_takes_its_compilers_with_it(
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
    _until(lambda: compiler.exists() and bool(compiler.read_text().strip()))
    started.send_signal(signal.SIGINT)
    assert started.wait(20) != 0
    assert leftovers() == []
    _until(lambda: not _lives(compiler.read_text().strip()))
    assert calls.read_text() == "build\n"


@pytest.mark.usefixtures("calls")
def test_what_a_killed_build_left_is_cleared_by_the_next() -> None:
    half = place(TOOL).with_name(".new-1.2.3-d0")
    half.mkdir(parents=True)
    build(TOOL, print)
    assert not half.exists()


def _lives(pid: str) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def _until(true: object, seconds: float = 20) -> None:
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)
