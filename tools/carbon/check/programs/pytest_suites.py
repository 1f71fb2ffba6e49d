"""pytest: tests of scripts, policies and documents of charts, in tests/charts of the checkout.

`tests/charts/inputs.yaml` lists the files with tests and what their tests read. It does not list
those of the folder `slow`, which only `tools/test` runs.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_file, hash_tree
from carbon.check.engine.result import Result
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.programs.junit_report import read_tests
from carbon.check.programs.process import SHOWN
from carbon.check.reverts.changes import Change, find_only
from carbon.check.sources.lines import find_text
from carbon.files import read_yaml
from carbon.home import ROOT

PYTEST = declare(
    "suites/pytest",
    "The tests of a chart's scripts, policies and documents pass.",
    "Correct the chart, or the test if its expectation is wrong.",
    house=True,
)
FOLDER = Path("tests") / "charts"
INPUTS = FOLDER / "inputs.yaml"
SLOW = frozenset({"slow"})
"""The folder with tests that a check does not run."""
LONGEST = 60
"""Seconds after which a test fails, such as a test of a script whose loop does not end.

After three times as many seconds no further test of the file starts.
"""


@dataclass(frozen=True)
class Suite:
    """One file with tests."""

    path: Path
    inputs: tuple[Path, ...]
    """Files and folders that the tests read, first those of the chart that the tests are about."""

    @property
    def chart(self) -> str:
        """The name of the chart."""
        return self.inputs[0].relative_to(ROOT / "charts").parts[0]


def list_suites(checkout: Checkout) -> Iterator[Suite]:
    """Yield the files with tests of this checkout; none for a copy, whose code is not imported."""
    if checkout.root.resolve() != ROOT:
        return
    for name, inputs in read_yaml(ROOT / INPUTS).items():
        yield Suite(ROOT / FOLDER / name, tuple(ROOT / each for each in inputs))


def find_input(checkout: Checkout, file: str, changes: Sequence[Change]) -> Change | None:
    """Return the one change to what the tests in a file read; None if there are more or none."""
    suites = [each for each in list_suites(checkout) if checkout.format_path(each.path) == file]
    return find_only(changes, (path for suite in suites for path in suite.inputs))


def hash_inputs(suite: Suite) -> str:
    """Return the hash of what the tests in a file read, and of all files in its folder."""
    hashes = (hash_file(p) if p.is_file() else hash_tree(p.resolve()) for p in suite.inputs)
    return combine([hash_tree(ROOT / FOLDER, SLOW), *hashes])


def run_suite(root: Path, chart: str, path: Path) -> Result:
    """Run one file with tests of a checkout."""
    with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
        report = Path(work) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += [f"--timeout={LONGEST}", f"--session-timeout={3 * LONGEST}"]
        command += [f"--junit-xml={report}", str(path)]
        done = subprocess.run(
            command, cwd=root, env=os.environ, capture_output=True, text=True, check=False
        )
        tests = list(read_tests(report))
    shown = Checkout(root).format_path(path)

    def add(line: int, what: str) -> Finding:
        return make_finding(PYTEST, what, shown, line, chart=chart, case="suite")

    found = [
        add(find_text(path, f"def {name.partition('[')[0]}("), what) for name, what in tests if what
    ]
    if done.returncode and not found:
        found = [add(1, "\n".join(done.stdout.splitlines()[-SHOWN:]))]
    return Result(found, counts={"tests": len(tests)})
