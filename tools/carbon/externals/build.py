"""Building one external: whole or not at all, one build of it at a time, stopped when we are."""

import fcntl
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from carbon.errors import CarbonError
from carbon.externals.decide import build_failure, prints_version
from carbon.externals.golang import environment, go
from carbon.externals.table import FOLDER, External
from carbon.home import home

Report = Callable[[str], None]
"""Told what a build is doing right now, in a few words."""


def place(external: External) -> Path:
    """The folder of an external's built programs, there or not."""
    return home() / "bin" / external.name / f"{external.version}-{external.digest}"


def is_built(external: External) -> bool:
    """Whether it was built from what its go.mod, go.sum and row say now."""
    return place(external).is_dir()


def build(external: External, report: Report) -> Path:
    """Build all programs of an external unless that is done, and return their folder.

    Raises:
        CarbonError: it can't be built; says why and what to do. Nothing half-made is left.
    """
    done = place(external)
    done.parent.mkdir(parents=True, exist_ok=True)
    with _alone(done.parent / ".lock", report):
        if done.is_dir():
            return done
        for leftover in done.parent.glob(".new-*"):
            shutil.rmtree(leftover)
        new = done.with_name(f".new-{done.name}")
        try:
            _go_build(external, new, report)
            _name(external, new)
            new.rename(done)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return done


def says_version(program: Path, ask: tuple[str, ...], version: str) -> bool:
    """Whether a program prints `version` when asked for its own."""
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run(
            [program, *ask], capture_output=True, text=True, timeout=20, check=False
        )
        return prints_version(said.stdout + said.stderr, version)
    return False


def _go_build(external: External, new: Path, report: Report) -> None:
    work = new / "work"
    work.mkdir(parents=True)
    command = [str(go()), "build", "-v", f"-ldflags={external.ldflags()}", "-o", f"{new}/"]
    command += [f"-tags={','.join(external.tags)}"] if external.tags else []
    process = subprocess.Popen(
        [*command, "tool"],
        cwd=FOLDER / external.name,
        env=environment() | {"GOTMPDIR": str(work)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # one process group, so that stopping it stops the compilers too
    )
    try:
        said = _watch(process, report)
    except BaseException:
        _stop(process)
        raise
    shutil.rmtree(work, ignore_errors=True)
    if process.returncode:
        raise build_failure(f"{external.name} {external.version}", said)


def _watch(process: subprocess.Popen[str], report: Report) -> str:
    """Follow a build to its end and return the lines that are no progress."""
    compiled, said = 0, []
    for line in process.stderr or ():
        if line.startswith("go: downloading "):
            report(f"downloading {line.split()[2]}")
        elif "/" in line and " " not in line.strip():
            compiled += 1
            report(f"{compiled} packages compiled")
        else:
            said.append(line)
    process.wait()
    return "".join(said)


def _stop(process: subprocess.Popen[str]) -> None:
    # Go cleans up after an interrupt; what is still there after that is killed.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _name(external: External, new: Path) -> None:
    """Give the programs the names they are known by, and check that they know their version."""
    for program, built in external.programs.items():
        (new / built).rename(new / program)
        ask = external.ask.get(program)
        if ask and not says_version(new / program, ask, external.version):
            raise CarbonError(
                f"{program} was built, but `{program} {' '.join(ask)}` does not print "
                f"{external.version}",
                f"Correct `stamps` or `ask` of {external.name} in {FOLDER / 'externals.yaml'}.",
            )


@contextmanager
def _alone(lock: Path, report: Report) -> Iterator[None]:
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another build of it")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
