"""Benchmark of `tools/new-chart`, and of `carbon check` of the new chart.

    python -m tests.bench.new_chart [--write]

For each kind of chart it creates a chart in a copy of the checkout and checks the chart with an
empty cache. The external programs are built before the first measurement. Run the benchmark on an
idle machine; it takes about a minute.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.check import make_cache
from tests.bench.report import report, table
from tests.bench.usage import Usage, measure
from tests.checkouts import copy_checkout, run_carbon, run_git

from carbon import externals
from carbon.check.engine.run import PROGRAMS
from carbon.console import err
from carbon.home import home
from carbon.scaffold.template import KINDS

CREATE_S, CHECK_S = 10, 8
"""Limits in seconds of creating a chart and of checking it."""


def main() -> None:
    """Run all measurements and report a table; end with status 1 if one exceeds its limit."""
    externals.ensure_built(PROGRAMS)
    work = home() / "bench" / "new-chart"
    shutil.rmtree(work, ignore_errors=True)
    try:
        (work / "root").mkdir(parents=True)
        measured = list(_measure_kinds(work, copy_checkout(work / "root")))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    rows = [_format_row(*each) for each in measured]
    text = table(("run", "time", "limit", "share of the limit", "peak memory"), rows)
    report("new chart", f"On {os.cpu_count()} cores:\n\n{text}")
    slow = [run for run, usage, limit in measured if usage.seconds > limit]
    if slow:
        sys.exit(f"✗ over the limit: {', '.join(slow)}")


def _measure_kinds(work: Path, root: Path) -> Iterator[tuple[str, Usage, int]]:
    """Yield each run with its usage and its limit in seconds."""
    run_carbon(root, "generate", "--check")  # Python compiles the modules of the copy
    for kind in KINDS:
        name = f"new-{kind}"
        create = ("new-chart", name, "--kind", kind, "--defaults")
        yield f"`tools/new-chart NAME --kind {kind}`", _run(work, root, *create), CREATE_S
        run_git(root, "add", "--all")
        run_git(root, "commit", "--quiet", "--message", name)
        usage = _run(work, root, "check", name)
        yield f"`carbon check NAME` of the new {kind}, empty cache", usage, CHECK_S


def _run(work: Path, root: Path, *words: str) -> Usage:
    """Run the `carbon` of a copy with an empty cache of its own, and measure the run.

    Raises:
        RuntimeError: the command failed; the message is its output.
    """
    cache = make_cache(work / "-".join(words[:2]))
    os.environ["CARBON_HOME"] = str(cache)
    try:
        with measure() as usage:
            done = run_carbon(root, *words)
    finally:
        del os.environ["CARBON_HOME"]
    if done.returncode:
        raise RuntimeError(done.stdout)
    err.print(f"… carbon {' '.join(words)}: {usage.seconds:.1f} s", highlight=False)
    return usage


def _format_row(run: str, usage: Usage, limit: int) -> list[str]:
    share = f"{usage.seconds / limit:.0%}"
    memory = f"{usage.bytes / 2**20:.0f} MiB"
    return [run, f"{usage.seconds:.1f} s", f"{limit} s", share, memory]


if __name__ == "__main__":
    main()
