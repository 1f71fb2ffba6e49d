"""Finds the program that keeps the other programs of the node from becoming ready.

The programs depend on each other by `needs` in addon.yaml: without etcd, for example, the API
server does not become ready, and without the API server most others exit. The module also runs as a
program inside the node's network namespace, where the programs listen.
"""

import json
import re
import socket
import ssl
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from carbon.cluster.access import run_inside, run_supervisorctl
from carbon.cluster.addons import NodeProgram
from carbon.errors import CarbonError, Cause, find_cause

_STARTED = "supervisord started with pid"
_EXIT = re.compile(r"exited: (\S+) \(.*not expected\)")
_TRACE = re.compile(r"\s|goroutine \d|created by |main\.|[\w./@~-]+\.go:\d|[\w.-]+/\S+\(")
"""A line of a stack trace of Go."""
_LINES = 6
_WIDTH = 300
"""Maximum number of lines of a log that a message shows, and of characters of a line."""
_EXITS = 3
"""Number of exits after which a program is hopeless. Exits before all programs that it needs are
ready do not count."""
_HANG = 20.0
"""Seconds after which a program is hopeless if it runs but does not answer, and its log names a
known cause."""
_INTERVAL = 3.0
"""Seconds between two checks of the programs. A check takes about a second."""
_PROBE_TIMEOUT = 2.0

_CAUSES: list[Cause] = [
    (
        "no space left on device",
        "the disk is full",
        "Free space on the disk of {root}, then run the same command again.",
    ),
    (
        "address already in use",
        "another process uses its port",
        "Run carbon down, which ends all processes of the node, then run the same command again.",
    ),
    (
        r"crc mismatch|walpb|wal: |\.wal\.broken|corrupt|invalid database|failed to open database|"
        r"page already freed|file checksum|unexpected EOF|failed to publish local member",
        "its data are damaged",
        "Run carbon down --delete-data, which deletes the node's data with all volumes and "
        "Kubernetes objects. Then run the same command again, which starts a new node.",
    ),
]


class Watch:
    """Observes the programs during one wait."""

    def __init__(self, programs: Sequence[NodeProgram], logs: Path) -> None:
        self._programs = programs
        self._logs = logs
        self._next = time.monotonic() + _INTERVAL
        exits = count_exits(logs)
        self._before = {program.name: exits[program.name] for program in programs}
        self._since = dict.fromkeys(self._before, time.monotonic())
        """Time when each program last did not block others; `_before` has its exits until then."""

    def find_hopeless(self) -> str:
        """Return a hopeless program, which blocks the others and does not recover; or empty text.

        Between two checks of the programs the result is empty.
        """
        if time.monotonic() < self._next:
            return ""
        holders = list_holders(self._programs, read_problems(self._programs))
        exits = count_exits(self._logs)
        self._next = time.monotonic() + _INTERVAL
        now = time.monotonic()
        for name in self._before:
            if name not in holders:
                self._before[name], self._since[name] = exits[name], now
            elif exits[name] - self._before[name] >= _EXITS or (
                now - self._since[name] > _HANG and self._find_cause(name)
            ):
                return name
        return ""

    def explain(self, chosen: str) -> tuple[str, str]:
        """Return what is wrong with the program that blocks the others, and what to do.

        `chosen` is the program, or empty for the first one that is found. Both texts are empty if
        all programs are ready.
        """
        problems = read_problems(self._programs)
        holders = list_holders(self._programs, problems)
        name = chosen or next(iter(holders), "")
        if not name:
            return "", ""
        cause, remedy = self._find_cause(name) or ("", "")
        exits = count_exits(self._logs)[name]
        trouble = cause or ("" if exits else problems.get(name, ""))
        what = [f"{name} is not ready" + (f" and exited {exits} times" if exits else "")]
        what[0] += f": {trouble}" if trouble else ""
        if waiting := [p.name for p in self._programs if p.name in {*problems} - {*holders, name}]:
            what.append(f"These programs wait for it: {', '.join(waiting)}.")
        if others := [holder for holder in holders if holder != name]:
            what.append(f"These programs are not ready either: {', '.join(others)}.")
        log = read_tail(self._logs / f"{name}.log")
        what.append(f"The last lines of the log of {name}:\n{log}")
        remedy = remedy.format(root=self._logs.parent)
        return "\n  ".join(what), f"{remedy} The whole log: {self._logs / name}.log".strip()

    def _find_cause(self, name: str) -> tuple[str, str] | None:
        return find_cause(read_tail(self._logs / f"{name}.log"), _CAUSES)


def list_holders(programs: Sequence[NodeProgram], problems: Mapping[str, str]) -> list[str]:
    """Return the programs that are not ready although all programs that they need are.

    Args:
        programs: programs of the node, in the order of addon.yaml.
        problems: name of a program that is not ready -> why.
    """
    return [p.name for p in programs if p.name in problems and not problems.keys() & set(p.needs)]


def read_problems(programs: Sequence[NodeProgram]) -> dict[str, str]:
    """Return the programs that are not ready, each with the reason.

    If the supervisor does not answer, the result is empty.
    """
    urls = {program.name: program.health for program in programs if program.health}
    try:
        command = [sys.executable, "-m", "carbon.cluster.health", json.dumps(urls)]
        problems: dict[str, str] = json.loads(run_inside(command))
        return problems | _read_stopped()
    except (CarbonError, ValueError):
        return {}


def restart_stopped() -> None:
    """Restart each program that has exited; the supervisor would wait longer after each exit."""
    with suppress(CarbonError):  # `await_node` reports a program that exits again
        if stopped := _read_stopped():
            run_supervisorctl("restart", *stopped)


def _read_stopped() -> dict[str, str]:
    """Return the names of the programs that neither run nor start, each with a problem."""
    words = [line.split(maxsplit=2) for line in run_supervisorctl("status").splitlines()]
    return {w[0]: "it does not run" for w in words if w[1] not in ("RUNNING", "STARTING")}


def count_exits(logs: Path) -> Counter[str]:
    """Return how often each program exited unexpectedly since the node started."""
    return Counter(_EXIT.findall(_read(logs / "node.log").rpartition(_STARTED)[2]))


def read_tail(log: Path) -> str:
    """Return the last lines of a log without Go's stack traces, as a message shows them."""
    lines = [line for line in _read(log).splitlines() if line and not _TRACE.match(line)]
    return "\n".join(f"    {line[:_WIDTH]}" for line in lines[-_LINES:])


def _read(log: Path) -> str:
    with suppress(FileNotFoundError):
        return log.read_text(encoding="utf-8", errors="replace")
    return ""


def main() -> None:
    """Print, as JSON, which of the programs in the first argument do not answer, and why."""
    urls: dict[str, str] = json.loads(sys.argv[1])
    with ThreadPoolExecutor(len(urls) or 1) as pool:
        answers = zip(urls, pool.map(_probe, urls.values()), strict=True)
        print(json.dumps({name: problem for name, problem in answers if problem}))


def _probe(url: str) -> str:
    """Return why a program is not ready; empty if it is."""
    try:
        if url.startswith("unix:"):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(_PROBE_TIMEOUT)
                client.connect(url.removeprefix("unix:"))
        else:
            insecure = ssl._create_unverified_context()  # noqa: S323 - loopback of the node
            with urlopen(url, timeout=_PROBE_TIMEOUT, context=insecure):  # noqa: S310
                pass
    except (OSError, URLError) as problem:
        return f"{url}: {problem}"
    return ""


if __name__ == "__main__":
    main()
