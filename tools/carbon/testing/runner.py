"""Runs the suites of a tier, in parallel where the tier allows it, and stops them on interrupt."""

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
from carbon.home import ROOT, home
from carbon.testing.outcome import Outcome, read_outcome
from carbon.testing.tiers import Suite, Tier

OnOutcome = Callable[[Outcome, Path], None]
"""Called when a suite ends, with its outcome and the path of its log."""


class Runner:
    """Runs suites and records their processes, so that an interrupt leaves none running."""

    def __init__(self, programs: Sequence[str], on_outcome: OnOutcome) -> None:
        self._on_outcome = on_outcome
        self._environment = build_environment(programs)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = Lock()
        self._stopping = False

    def run(self, tier: Tier) -> list[Outcome]:
        """Run the suites of a tier and return their outcomes in the order of the table."""
        workers = min(len(tier.suites), os.cpu_count() or 1) if tier.parallel else 1
        pool = ThreadPoolExecutor(workers)
        try:
            jobs = {pool.submit(self._run_suite, suite): suite.name for suite in tier.suites}
            outcomes = {jobs[job]: job.result() for job in as_completed(jobs)}
            return [outcomes[suite.name] for suite in tier.suites]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            self._stop()
            raise
        finally:
            pool.shutdown()

    def _run_suite(self, suite: Suite) -> Outcome:
        log = get_log(suite)
        log.parent.mkdir(parents=True, exist_ok=True)
        report = log.with_suffix(".xml") if "$report" in suite.command else None
        if report:
            report.unlink(missing_ok=True)
        start = monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                suite.build_command(report or log),
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
        outcome = read_outcome(suite.tier, suite.name, status, report, monotonic() - start)
        if not self._stopping:
            self._on_outcome(outcome, log)
        return outcome

    def _stop(self) -> None:
        # Live suites clean up after an interrupt. A suite that still runs after 60 s is killed.
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


def build_environment(programs: Sequence[str]) -> dict[str, str]:
    """Return the environment of a suite: pinned programs and this Python come first on PATH."""
    folders = {
        externals.ensure_program(program).parent
        for name in programs
        for program in externals.table()[name].programs
    }
    path = [*sorted(map(str, folders)), str(Path(sys.executable).parent), os.environ["PATH"]]
    return os.environ | {"PATH": os.pathsep.join(path), "COLUMNS": "120", "NO_COLOR": "1"}


def get_log(suite: Suite) -> Path:
    """Return the path of the file that receives a suite's output."""
    return home() / "logs" / "test" / f"{suite.tier}-{suite.name.replace(' ', '-')}.log"
