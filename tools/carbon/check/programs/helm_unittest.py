"""helm-unittest: the charts' own tests, one task for each file, which runs only if its
inputs changed.

For a file that names templates for all of its tests, helm-unittest renders only these and every
template whose name begins with `_` (DOCUMENT.md of helm-unittest, `templates`). Other templates are
no input of that file.
"""

import re
import tempfile
from pathlib import Path

import yaml

from carbon import externals
from carbon.charts.discovery import Chart, read_chart
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_files
from carbon.check.engine.result import Result
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.programs.junit_report import read_tests
from carbon.check.programs.process import read_errors, run_program

UNITTEST = declare(
    "suites/helm-unittest",
    "The chart's own tests pass.",
    "Correct the chart, or the test if its expectation is wrong.",
)
_SUFFIX = "_test.yaml"


def hash_tests(chart: Chart) -> dict[Path, str]:
    """Return the files with tests of a chart, each with the hash of all its inputs."""
    folder = chart.find_suites()
    always: list[str] = []
    own: dict[Path, str] = {}
    some: dict[str, str] = {}
    for inside, content in hash_files(folder).items():
        if inside.name.endswith(_SUFFIX) and inside.parts[0] == "tests":
            own[folder / inside] = content
        elif "templates" in inside.parts and not inside.name.startswith("_"):
            some[str(inside)] = content
        elif not inside.name.endswith(_SUFFIX):
            always += [str(inside), content]
    rest = combine(always)
    found = {}
    for path in sorted(own):
        named = _read_templates(path)
        names = sorted(some if named is None else named & some.keys())
        found[path] = combine([rest, own[path], *(part for n in names for part in (n, some[n]))])
    return found


def _read_templates(path: Path) -> set[str] | None:
    """Return the templates that a file with tests renders; None for all templates."""
    found: set[str] = set()
    for text in re.split(r"^---$", path.read_text("utf-8"), flags=re.M):
        try:
            suite = yaml.load(text.partition("\ntests:")[0], yaml.CSafeLoader)
        except yaml.YAMLError:
            return None  # helm-unittest then reports the error
        named = suite.get("templates") if isinstance(suite, dict) else None
        if not named or any("*" in name for name in named):
            return None
        below = ("templates", "charts", "crds")
        found |= {n if n.startswith(below) else f"templates/{n}" for n in named}
    return found


def run_tests(root: Path, folder: Path, path: Path) -> Result:
    """Run one file with tests of the chart in a folder."""
    chart, file = read_chart(folder), Checkout(root).format_path(path)
    where = chart.find_suites()
    with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
        report = Path(work) / "report.xml"
        # The tests of a subchart run with the subchart itself.
        command = [str(externals.ensure_program("helm-unittest")), "--strict"]
        command += ["--with-subchart=false", "--file", str(path.relative_to(where))]
        command += ["--output-type", "JUnit", "--output-file", str(report)]
        done = run_program([*command, str(where)], root)
        tests = list(read_tests(report))

    def add(line: int, what: str) -> Finding:
        return make_finding(UNITTEST, what, file, line, chart=chart.name, case="suite")

    found = [add(_find_line(path, name), what) for name, what in tests if what]
    if not tests or (done.returncode and not found):
        found = [add(1, read_errors(done))]
    return Result(found, counts={"tests": len(tests)})


def _find_line(path: Path, name: str) -> int:
    """Return the line of the test with a name."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if re.search(r"\bit:", line) and name.strip() in line:
            return number
    return 1
