"""Benchmark of `tools/up`, `tools/test` and `tools/down` on a machine without any earlier build.

    python -m tests.bench.startup [--write]

The machine is a new Debian 12 root file system with Python and git in its own Linux namespaces,
without Go, without a cache and without this project's packages. It uses the host's kernel, network
and CA certificates. Run the benchmark on an idle machine. The section about `tools/up` is written
after half an hour, the section about `tools/test` after another 45 minutes.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.report import report, table

from carbon.console import err
from carbon.externals import debian
from carbon.home import ROOT, home
from carbon.process import run

PACKAGES = "python3,python3-venv,git,ca-certificates,procps"
SECTIONS = {
    "startup": (
        ("`tools/up` on a new machine: builds, installs, tests", "tools/up"),
        ("`tools/up` again, nothing changed", "tools/up"),
        ("`tools/down`", "tools/down"),
        ("`tools/up` after `tools/down`, everything built", "tools/up"),
    ),
    "tests": (
        ("`tools/test --fast`, first run", "tools/test --fast"),
        ("`tools/test` after that: tiers static and core", "tools/test"),
    ),
}
"""Section of the page -> its steps: title and command."""
# Runs in new namespaces: makes the folder the root file system, mounts /dev, /sys and /proc, and
# uses the host's network.
ENTER = """
set -eu
mount --bind "$1" "$1"
cd "$1"
for kind in dev sys proc; do mount --rbind "/$kind" "$kind"; done
mount --bind /etc/resolv.conf etc/resolv.conf
mount --rbind /etc/ssl/certs etc/ssl/certs
mkdir -p old
pivot_root . old
umount -l old
mkdir -p "$HOME"
cd /root/254carbon
exec sh -c "$2"
"""


def main() -> None:
    """Run the steps in order and report each section; exit if a step fails."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    debian.install(["mmdebstrap"])
    machine = home() / "bench" / "machine"
    shutil.rmtree(machine, ignore_errors=True)
    machine.parent.mkdir(parents=True, exist_ok=True)
    err.print("… creating a new machine")
    include = f"--include={PACKAGES}"
    run(["mmdebstrap", "--variant=minbase", include, "bookworm", machine])
    run(["git", "clone", "-q", ROOT, machine / "root" / "254carbon"])
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    size = f"On {os.cpu_count()} cores and {gib:.0f} GiB"
    try:
        for section, steps in SECTIONS.items():
            rows = [_measure(machine, *step) for step in steps]
            report(section, f"{size}:\n\n{table(('command', 'time'), rows)}")
    finally:
        if _run_inside(machine, "tools/down --delete-data") == 0:
            shutil.rmtree(machine, ignore_errors=True)


def _measure(machine: Path, title: str, command: str) -> tuple[str, str]:
    """Return the table's row of a step: title and duration."""
    err.print(f"… {title}")
    seconds = _time_command(machine, command)
    duration = f"{seconds / 60:.1f} min" if seconds > 99 else f"{seconds:.0f} s"
    err.print(f"{duration}: {command}")
    return title, duration


def _time_command(machine: Path, command: str) -> float:
    """Return the duration of a command in seconds; exits if the command fails."""
    start = time.monotonic()
    if status := _run_inside(machine, command):
        sys.exit(f"{command} ended with exit status {status}")
    return time.monotonic() - start


def _run_inside(machine: Path, command: str) -> int:
    """Run a command in the machine; return its exit status."""
    passed = {k: v for k, v in os.environ.items() if re.search("_CERT|_CA_|SSL|PIP_", k)}
    env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **passed}
    enter = ["unshare", "--mount", "sh", "-c", ENTER, "enter", str(machine), command]
    env |= {"HOME": "/home/fresh", "LANG": "C.UTF-8"}
    process = subprocess.Popen(enter, env=env, start_new_session=True)
    try:
        return process.wait()
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)  # the command ends the processes that it started
        process.wait()
        raise


if __name__ == "__main__":
    main()
