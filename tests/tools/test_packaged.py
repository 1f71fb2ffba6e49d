"""The files of a package, as .helmignore and Helm select them, and the size of a stored release."""

import base64
import gzip
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from carbon import externals
from carbon.charts.discovery import Chart, find_charts, read_chart
from carbon.charts.packaged import list_packaged
from carbon.charts.render import Output, Render, run_template
from carbon.check.engine.checkout import read_given_values
from carbon.check.render.apis import list_apis
from carbon.check.render.release_size import BUDGET, measure_release
from carbon.home import ROOT
from carbon.release.archives import read_archive
from carbon.release.packages import build_package

CHARTS = {chart.name: chart for chart in find_charts()}
UMBRELLA = CHARTS["254carbon"]
PROFILES = [(), *((path,) for path in sorted((ROOT / "values").glob("*.yaml")))]
SHARE = 30 * 1024
"""Maximum number of bytes of each subchart in the umbrella's release."""


def list_real_files(chart: Chart) -> set[str]:
    """Return the paths in the package that Helm builds."""
    name, content = build_package(chart)
    return {path.partition("/")[2] for path in read_archive(content, name)}


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_lists_the_files_that_helm_packages(chart: Chart) -> None:
    assert set(list_packaged(chart.folder)) == list_real_files(chart)


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_packages_have_no_modules_that_tests_have_compiled(chart: Chart, tmp_path: Path) -> None:
    copy = shutil.copytree(chart.folder, tmp_path / chart.name)
    for folder in (copy, *copy.glob("charts/*/")):
        compiled = folder / "files/__pycache__/test.cpython-311.pyc"
        compiled.parent.mkdir(parents=True, exist_ok=True)
        compiled.touch()
    assert list_packaged(copy) == list_packaged(chart.folder)


@pytest.mark.parametrize(
    "lines",
    [
        "*.md\n/files/a.md\n",
        "files/*.txt\n\n# all.md\n",
        "files/\n",
        "deep/*/b.txt\n",
        "deep/*\n",
        "b.txt/\n",
        "?.txt\n",
        "!Chart.yaml\n",
        "/deep\n",
        "[ab].txt\n",
    ],
)
def test_reads_patterns_as_helm_does(tmp_path: Path, lines: str) -> None:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    names = ("a.md", "files/a.md", "files/a.txt", "deep/x/b.txt", "b.txt", "templates/.hidden")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".helmignore").write_text(lines)
    assert set(list_packaged(tmp_path)) == list_real_files(read_chart(tmp_path))


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_a_package_has_no_tests_and_no_sources_of_generated_files(chart: Chart) -> None:
    unneeded = re.compile(r"(charts/[^/]+/)?(tests/|ci/|docs/|dashboards/.*\.yaml|.*schema\.yaml)")
    assert [path for path in list_packaged(chart.folder) if unneeded.match(path)] == []


def test_the_umbrellas_package_has_the_library_chart_once_and_one_readme() -> None:
    paths = [Path(path) for path in list_packaged(UMBRELLA.folder)]
    assert [p for p in paths if p.name == "README.md"] == [Path("README.md")]
    assert {p.parent for p in paths if p.name == "_names.tpl"} == {Path("charts/common/templates")}


@cache
def render(values: tuple[Path, ...]) -> Output:
    return run_template(Render(UMBRELLA.folder, values, apis=list_apis()))


def measure_stored(chart: Chart, *values: Path) -> int:
    """Return the bytes that Helm would store: the release that its client prints, encoded."""
    command = [str(externals.ensure_program("helm")), "install", "254carbon", str(chart.folder)]
    command += ["--dry-run=client", "--output", "json"]
    command += [part for path in values for part in ("--values", str(path))]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    release = json.dumps(json.loads(printed), separators=(",", ":"), ensure_ascii=False)
    return len(base64.b64encode(gzip.compress(release.encode(), 9)))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("254carbon", ""),
        ("254carbon", "ci/external-values.yaml"),
        ("feast", "ci/postgresql-values.yaml"),
        ("ray-cluster", "ci/standalone-values.yaml"),
        ("mesh-policies", ""),
    ],
)
def test_measures_a_release_as_helm_stores_it(name: str, file: str) -> None:
    chart = CHARTS[name]
    values = (chart.folder / file,) if file else ()
    printed = run_template(Render(chart.folder, values)).text
    measured = measure_release(chart, printed, read_given_values(values))
    assert measured == pytest.approx(measure_stored(chart, *values), rel=0.02)


@pytest.mark.parametrize("values", PROFILES, ids=lambda v: v[0].stem if v else "default")
def test_a_subchart_takes_at_most_30_kib_of_the_umbrellas_release(values: tuple[Path, ...]) -> None:
    documents, given = render(values).documents, read_given_values(values)
    whole = measure_release(UMBRELLA, "---\n".join(d.text for d in documents), given)
    assert whole < BUDGET
    for name in UMBRELLA.dependencies.values():
        others = [d.text for d in documents if f"/charts/{name}/" not in d.source]
        rest = measure_release(UMBRELLA, "---\n".join(others), given | {name: {"enabled": False}})
        assert whole - rest <= SHARE, name
