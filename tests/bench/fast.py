"""How long `tools/test --fast` takes where all programs are built and nothing has changed.

    python -m tests.bench.fast [--write]

Run it on an idle machine; it takes a few minutes.
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
    """Run it once so that caches are filled, then a few times more; print each and the median."""
    _timed()
    times = [_timed() for _ in range(RUNS)]
    rows = [[f"{', '.join(f'{seconds:.0f} s' for seconds in times)}", f"{median(times):.0f} s"]]
    report("fast", f"On {os.cpu_count()} cores:\n\n{table(('runs', 'median'), rows)}")


def _timed() -> float:
    command = [str(ROOT / "tools" / "test"), "--fast"]
    err.print("… tools/test --fast")
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\ntools/test --fast failed ({done.returncode})")
    return time.monotonic() - start


if __name__ == "__main__":
    main()
