"""Benchmark of `tools/test --fast`: all programs are built and no file has changed.

    python -m tests.bench.fast [--write]

Run the benchmark on an idle machine; it takes a few minutes.
"""

import os
import subprocess
import sys
import time
from statistics import median

from tests.bench.report import report, table

from carbon.console import err
from carbon.home import ROOT

RUNS = 3


def main() -> None:
    """Run `tools/test --fast` once to fill the caches, then RUNS times; report the median."""
    _time_run()
    times = [_time_run() for _ in range(RUNS)]
    runs = ", ".join(f"{seconds:.0f} s" for seconds in times)
    rows = [[runs, f"{median(times):.0f} s"]]
    report("fast", f"On {os.cpu_count()} cores:\n\n{table(('runs', 'median'), rows)}")


def _time_run() -> float:
    """Return the duration of one run in seconds; exits if the run fails."""
    command = [str(ROOT / "tools" / "test"), "--fast"]
    err.print("… tools/test --fast")
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        status = f"tools/test --fast ended with exit status {done.returncode}"
        sys.exit(f"{done.stdout}{done.stderr}\n{status}")
    return time.monotonic() - start


if __name__ == "__main__":
    main()
