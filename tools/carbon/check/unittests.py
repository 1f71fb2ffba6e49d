"""The charts' own tests by helm-unittest: each file once for the same chart, as far as it looks.

A file that names templates for all of its tests has only these drawn, and every template whose name
begins with `_` (docs: DOCUMENT.md of helm-unittest, `templates`), so that others may change.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import yaml

from carbon import externals
from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.check.digests import combined, of_files
from carbon.check.findings import RULES, Finding, declare
from carbon.check.result import Result
from carbon.check.site import Site
from carbon.check.suites import SHOWN, ran, said

UNITTEST = declare(
    "suites/helm-unittest",
    "The chart's own tests pass.",
    "Mend the chart, or the test if it asks for the wrong thing.",
)
_TESTS = "_test.yaml"


def tests(chart: Chart) -> dict[Path, str]:
    """The files of tests that helm-unittest would find, each with the hash of all it depends on."""
    folder = chart.suites()
    always: list[str] = []
    own: dict[Path, str] = {}
    some: dict[str, str] = {}
    for inside, content in of_files(folder).items():
        if inside.name.endswith(_TESTS) and inside.parts[0] == "tests":
            own[folder / inside] = content
        elif "templates" in inside.parts and not inside.name.startswith("_"):
            some[str(inside)] = content
        elif not inside.name.endswith(_TESTS):
            always += [str(inside), content]
    rest = combined(always)
    found = {}
    for path in sorted(own):
        drawn = _drawn(path)
        names = sorted(some if drawn is None else drawn & some.keys())
        found[path] = combined([rest, own[path], *(part for n in names for part in (n, some[n]))])
    return found


def _drawn(path: Path) -> set[str] | None:
    """The templates that a file of tests has drawn; None stands for all."""
    found: set[str] = set()
    for text in re.split(r"^---$", path.read_text("utf-8"), flags=re.M):
        suite = yaml.load(text.partition("\ntests:")[0], yaml.CSafeLoader)
        named = suite.get("templates") if isinstance(suite, dict) else None
        if not named or any("*" in name for name in named):
            return None
        below = ("templates", "charts", "crds")
        found |= {n if n.startswith(below) else f"templates/{n}" for n in named}
    return found


def unittest(root: Path, folder: Path, path: Path) -> Result:
    """Run one file of a chart's tests."""
    chart, site = Chart(folder, read_yaml(folder / "Chart.yaml")), Site(root)
    where = chart.suites()
    with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
        report = Path(work) / "report.xml"
        # A subchart's tests run with the subchart itself.
        command = [
            str(externals.ensure_program("helm-unittest")),
            "--strict",
            "--with-subchart=false",
        ]
        command += ["--file", str(path.relative_to(where))]
        command += ["--output-type", "JUnit", "--output-file", str(report)]
        done = ran([*command, str(where)], root)
        cases = list(_cases(report))
    found = [_failed(site, chart, path, case) for case in cases if _failure(case) is not None]
    if not cases or (done.returncode and not found):
        found = [_finding(site, chart, path, 1, said(done))]
    return Result(found, counts={"tests": len(cases)})


def _cases(report: Path) -> Iterator[ElementTree.Element]:
    if report.exists():
        yield from ElementTree.parse(report).iter("testcase")  # noqa: S314 - our own file


def _failure(case: ElementTree.Element) -> ElementTree.Element | None:
    failure = case.find("failure")
    return case.find("error") if failure is None else failure


def _failed(site: Site, chart: Chart, path: Path, case: ElementTree.Element) -> Finding:
    failure = _failure(case)
    text = (failure.text or failure.get("message") or "" if failure is not None else "").strip()
    name = case.get("name", "")
    first = "\n".join([name, *text.splitlines()[:SHOWN]])
    return _finding(site, chart, path, _line(path, name), first)


def _line(path: Path, name: str) -> int:
    """Where the test of a name stands."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if re.search(r"\bit:", line) and name.strip() in line:
            return number
    return 1


def _finding(site: Site, chart: Chart, path: Path, line: int, what: str) -> Finding:
    file = site.shown(path)
    return Finding(UNITTEST, chart.name, "suite", file, line, what, RULES[UNITTEST].remedy)
