"""Builds an external program: completely or not at all, by one process at a time."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from carbon.errors import CarbonError
from carbon.externals.golang import build_environment, find_go
from carbon.externals.program_output import explain_failure, prints_version
from carbon.externals.table import FOLDER, External
from carbon.home import home
from carbon.interrupts import shield
from carbon.locks import hold_lock

Report = Callable[[str], None]
"""Called with what a build does now, in a few words."""


def get_folder(external: External) -> Path:
    """Return the folder of a table entry's built programs, whether the folder exists or not."""
    return home() / "bin" / external.name / f"{external.version}-{external.digest}"


def is_built(external: External) -> bool:
    """Return whether the programs of a table entry are built from its current inputs."""
    return get_folder(external).is_dir()


def build(external: External, report: Report) -> Path:
    """Build all programs of a table entry unless they are built, and return their folder.

    Raises:
        CarbonError: the build fails; the message states the cause and a remedy. Files of the
            failed build are removed.
    """
    target = get_folder(external)
    with hold_lock(target.parent / ".lock", lambda: report("waiting for another build")):
        if target.is_dir():
            return target
        for leftover in target.parent.glob(".new-*"):
            shutil.rmtree(leftover)
        new = target.with_name(f".new-{target.name}")
        try:
            _run_go(external, new, report)
            _rename_programs(external, new)
            new.rename(target)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return target


def has_version(program: Path, arguments: tuple[str, ...], version: str) -> bool:
    """Run a program; return whether the first version number that it prints is `version`."""
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=20, check=False
        )
        return prints_version(done.stdout + done.stderr, version)
    return False


def _run_go(external: External, new: Path, report: Report) -> None:
    work = new / "work"
    work.mkdir(parents=True)
    command = [str(find_go()), "build", "-v", f"-ldflags={external.ldflags()}", "-o", f"{new}/"]
    command += [f"-tags={','.join(external.tags)}"] if external.tags else []
    with shield():
        process = subprocess.Popen(
            [*command, "tool"],
            cwd=FOLDER / (external.folder or external.name),
            env=build_environment() | {"GOTMPDIR": str(work)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a process group of its own, to stop the compilers with it
        )
    try:
        output = _watch(process, report)
    except BaseException:
        _stop(process)
        raise
    shutil.rmtree(work, ignore_errors=True)
    if process.returncode:
        raise explain_failure(f"{external.name} {external.version}", output)


def _watch(process: subprocess.Popen[str], report: Report) -> str:
    """Report the progress of a build until it ends; return the other lines of its output."""
    compiled, output = 0, []
    for line in process.stderr or ():
        if line.startswith("go: downloading "):
            report(f"downloading {line.split()[2]}")
        elif "/" in line and " " not in line.strip():
            compiled += 1
            report(f"{compiled} packages compiled")
        else:
            output.append(line)
    process.wait()
    return "".join(output)


def _stop(process: subprocess.Popen[str]) -> None:
    # Go cleans up after an interrupt. A build that still runs after 10 s is killed.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _rename_programs(external: External, new: Path) -> None:
    """Rename the built programs to their names in the table, and check their versions."""
    for program, built in external.programs.items():
        (new / built).rename(new / program)
        arguments = external.version_arguments.get(program)
        if arguments and not has_version(new / program, arguments, external.version):
            raise CarbonError(
                f"the built {program} does not print {external.version} for "
                f"`{program} {' '.join(arguments)}`",
                "Correct `stamps` (variables that the build sets to the version) or `ask` "
                f"(arguments that print the version) of {external.name} in "
                f"{FOLDER / 'externals.yaml'}.",
            )
