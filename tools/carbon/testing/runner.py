"""Running suites: beside each other where the tier allows it, output kept, stopped when we are."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic

from carbon import externals
from carbon.charts.discovery import charts
from carbon.home import ROOT, home
from carbon.testing.outcome import Outcome, counted
from carbon.testing.tiers import Suite, Tier

Told = Callable[[Outcome, Path], None]
"""Told each outcome as it comes, and where the suite's output is."""


class Runner:
    """Runs suites and knows their processes, so that an interrupt leaves none behind."""

    def __init__(self, programs: Sequence[str], told: Told) -> None:
        self._told = told
        self._environment = environment(programs)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = Lock()
        self._stopping = False
        self._charts = [chart.suites().relative_to(ROOT) for chart in charts()]

    def run(self, tier: Tier) -> list[Outcome]:
        """Run a tier's suites and return their outcomes in the table's order."""
        workers = min(len(tier.suites), os.cpu_count() or 1) if tier.parallel else 1
        pool = ThreadPoolExecutor(workers)
        try:
            return self._all(pool, tier)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            self._stop()
            raise
        finally:
            pool.shutdown()

    def _all(self, pool: ThreadPoolExecutor, tier: Tier) -> list[Outcome]:
        jobs = {pool.submit(self._suite, suite): suite.name for suite in tier.suites}
        done = {jobs[job]: job.result() for job in as_completed(jobs)}
        return [done[suite.name] for suite in tier.suites]

    def _suite(self, suite: Suite) -> Outcome:
        log = log_of(suite)
        log.parent.mkdir(parents=True, exist_ok=True)
        report = log.with_suffix(".xml") if "$report" in suite.command else None
        if report:
            report.unlink(missing_ok=True)
        start = monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                suite.args(report or log, self._charts),
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            with self._lock:
                self._running.add(process)
            status = process.wait()
        with self._lock:
            self._running.discard(process)
        outcome = counted(suite.tier, suite.name, status, report, monotonic() - start)
        if not self._stopping:
            self._told(outcome, log)
        return outcome

    def _stop(self) -> None:
        # Live suites clean up after an interrupt; what is still there after that is killed.
        self._stopping = True
        with self._lock:
            running = list(self._running)
        for process in running:
            _signal(process, signal.SIGINT)
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def environment(programs: Sequence[str]) -> dict[str, str]:
    """The environment of a suite: the pinned programs and this Python's own come first on PATH."""
    folders = {
        externals.ensure_program(program).parent
        for name in programs
        for program in externals.table()[name].programs
    }
    path = [*sorted(map(str, folders)), str(Path(sys.executable).parent), os.environ["PATH"]]
    return os.environ | {"PATH": os.pathsep.join(path), "COLUMNS": "120", "NO_COLOR": "1"}


def log_of(suite: Suite) -> Path:
    """Where a suite's output is kept."""
    return home() / "logs" / "test" / f"{suite.tier}-{suite.name.replace(' ', '-')}.log"
