"""Checks that Chart.yaml, values.yaml and values.schema.json are readable and agree."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.merging import compute_values
from carbon.charts.unreadable import find_unreadable_files
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_file
from carbon.check.engine.result import Result
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.sources.lines import find_in_yaml, find_repeated_keys, split_place
from carbon.errors import CarbonError
from carbon.files import read_yaml

READABLE = declare(
    "chart/readable",
    "Chart.yaml, values.yaml and values.schema.json can be read.",
    "Correct the file at this line.",
)
CONDITION = declare(
    "chart/condition",
    "Each condition and each tag of a dependency is in the values. A condition is the path of a "
    "boolean, and begins with the key of the dependency.",
    "Write the path of a boolean in values.yaml, such as NAME.enabled.",
)
IMPORT = declare(
    "chart/import-values",
    "Each import-values of a dependency names values that the subchart has.",
    "Write a key of the subchart's values, or a key below `exports` in these values.",
)
NAMED = declare(
    "chart/ci-values",
    "Every YAML file in ci/ is named *-values.yaml: `ct lint` and this check read no others.",
    "Rename the file to ci/NAME-values.yaml.",
)
KEYS = declare(
    "chart/keys",
    "No map in Chart.yaml or values.yaml has a key twice; Helm reads only the last.",
    "Remove one of the two lines; if both values are maps, merge them.",
)
VERSIONS = declare(
    "chart/kubernetes",
    "The kubeVersion of a chart includes versions with a suffix, such as v1.33.1-eks-abc1234.",
    "Add -0 to the lowest version: `>=1.33.0-0`. Helm compares a suffix as a pre-release, which a "
    "range includes only if one of its versions has one.",
)
FILES = ("Chart.yaml", "values.yaml", "values.schema.json")
_SUFFIX = re.compile(r"[\dxX*]-\w")
Row = dict[str, Any]


Errors = dict[Path, list[tuple[Path, int, str]]]
"""Folder of a chart -> path, line and error of each of its files that cannot be read."""


def list_folders(chart: Chart, around: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Yield the folder of a chart and the folders of its subcharts, nested ones included.

    `around` are the folders of the charts that contain the chart: a link may lead back to one.
    """
    yield chart.folder
    within = around | {chart.folder.resolve()}
    for path in sorted((chart.folder / "charts").glob("*/Chart.yaml")):
        if path.parent.resolve() not in within:
            yield from list_folders(Chart(path.parent, {}), within)


def find_unreadable(checkout: Checkout, chart: Chart, known: Errors) -> list[Finding]:
    """Return a finding for each file of a chart or of its subcharts that cannot be read.

    `known` gets the errors of each folder: many charts contain the same chart.
    """
    folders = [folder.resolve() for folder in list_folders(chart)]
    for folder in folders:
        if folder not in known:
            known[folder] = list(_find_errors(folder))
    return [
        make_finding(
            READABLE, what, checkout.format_path(file), line, chart=chart.name, case="files"
        )
        for folder in folders
        for file, line, what in known[folder]
    ]


def _find_errors(folder: Path) -> Iterator[tuple[Path, int, str]]:
    yield from ((path, 1, what) for path, what in find_unreadable_files(folder))
    if not (folder / "Chart.yaml").exists():
        yield folder / "Chart.yaml", 1, "the file is missing"
    for name in FILES:
        path = folder / name
        try:
            if path.is_dir():
                yield path, 1, "a file is expected, not a folder"
                continue
            if path.exists() and not path.is_file():
                continue
            if name.endswith(".json"):
                schema = json.loads(path.read_text("utf-8") if path.exists() else "{}")
                if not isinstance(schema, dict):
                    yield path, 1, 'a JSON object is expected, such as {"type": "object"}'
            elif path.exists():
                read = read_yaml(path)
                if name == "Chart.yaml":
                    yield from ((path, *each) for each in _find_wrong_fields(path, read))
        except json.JSONDecodeError as wrong:
            yield path, wrong.lineno, f"the file is not JSON: {wrong.msg}"
        except UnicodeDecodeError as wrong:
            yield path, 1, f"the file is not UTF-8: {wrong.reason}"
        except CarbonError as wrong:
            _, line, what = split_place(wrong.what)
            yield path, line, what


def _find_wrong_fields(path: Path, meta: Row) -> Iterator[tuple[int, str]]:
    """Yield line and error of each field of a Chart.yaml that has the wrong shape."""
    for name in ("name", "version"):
        if not isinstance(meta.get(name), str):
            yield find_in_yaml(path, [name]), f"{name} is missing or not a string"
    listed = meta.get("dependencies") or []
    if not isinstance(listed, list):
        yield find_in_yaml(path, ["dependencies"]), "dependencies is not a list"
        return
    for at, row in enumerate(listed):
        if not (isinstance(row, dict) and isinstance(row.get("name"), str)):
            yield find_in_yaml(path, ["dependencies", at]), f"dependency {at + 1} has no name"


def hash_inputs(chart: Chart) -> str:
    """Return the hash of the files that `check_chart_files` reads."""
    names = sorted(path.name for path in (chart.folder / "ci").glob("*"))
    files = (hash_file(folder / name) for folder in list_folders(chart) for name in FILES)
    return combine([*names, *files])


def check_chart_files(root: Path, folder: Path) -> Result:
    """Compare conditions, tags and import-values with the values, and find repeated keys."""
    chart, checkout = read_chart(folder), Checkout(root)
    path, ours = folder / "Chart.yaml", checkout.is_ours(chart)
    values = compute_values(chart, {})
    found = [
        make_finding(
            NAMED,
            "neither `ct lint` nor `carbon check` reads this file",
            checkout.format_path(each),
            chart=chart.name,
            case="files",
        )
        for each in sorted((folder / "ci").glob("*.y*ml"))
        if not each.name.endswith("-values.yaml")
    ]
    for at, row in enumerate(chart.meta.get("dependencies") or []):
        for rule, key, what in [*_check_switches(row, values, ours), *_check_imports(chart, row)]:
            line = find_in_yaml(path, ["dependencies", at, key])
            shown = checkout.format_path(path)
            found.append(make_finding(rule, what, shown, line, chart=chart.name, case="files"))
    versions = str(chart.meta.get("kubeVersion") or "")
    for each in versions.split("||") if versions else ():
        if not _SUFFIX.search(each):
            what = f"kubeVersion: Helm refuses v1.33.1-eks-abc1234 for the range {each.strip()}"
            shown, line = checkout.format_path(path), find_in_yaml(path, ["kubeVersion"])
            found.append(make_finding(VERSIONS, what, shown, line, chart=chart.name, case="files"))
    for file in (path, folder / "values.yaml"):
        for line, what in find_repeated_keys(file):
            shown = checkout.format_path(file)
            found.append(make_finding(KEYS, what, shown, line, chart=chart.name, case="files"))
    return Result(found)


def _check_switches(row: Row, values: Row, ours: bool) -> Iterator[tuple[str, str, str]]:
    """Yield rule, key and error of each condition and tag of a dependency.

    Helm ignores a condition that the values lack. Other projects leave out conditions below the
    subchart's own key, which their users add, and have subcharts that depend on another subchart.
    """
    name, key = row["name"], row.get("alias") or row["name"]
    switch = _look_up(values, [key, "enabled"])[1] if ours else None
    if isinstance(switch, bool) and not (row.get("condition") or row.get("tags")):
        yield CONDITION, "name", f"{name} has no condition; write condition: {key}.enabled"
    for condition in str(row.get("condition") or "").split(","):
        path = condition.strip().split(".")
        there, value = _look_up(values, path)
        if condition.strip() and not there and (ours or path[0] != key):
            what = f"the condition {condition.strip()} of {name} is not in the values"
            yield CONDITION, "condition", what
        elif there and not isinstance(value, bool) and path != [""]:
            what = f"the condition {condition.strip()} of {name} is {value!r}, not true or false"
            yield CONDITION, "condition", what
        elif there and ours and path[0] != key:
            what = f"the condition {condition.strip()} of {name} does not begin with {key}"
            yield CONDITION, "condition", what
    tags = values.get("tags")
    for tag in row.get("tags") or []:
        if (ours or isinstance(tags, dict)) and not _look_up(values, ["tags", str(tag)])[0]:
            yield CONDITION, "tags", f"the tag {tag} of {name} is not in the values, under `tags`"


def _check_imports(chart: Chart, row: Row) -> Iterator[tuple[str, str, str]]:
    """Yield rule, key and error of each import-values of a dependency that the chart contains."""
    name, folder = row["name"], chart.folder / "charts" / str(row["name"])
    if not (folder / "Chart.yaml").exists():
        return
    values = compute_values(read_chart(folder), {})
    for entry in row.get("import-values") or []:
        path = entry.get("child", "") if isinstance(entry, dict) else f"exports.{entry}"
        if not _look_up(values, str(path).split("."))[0]:
            yield IMPORT, "import-values", f"import-values: {name} has no values {path}"


def _look_up(values: Any, path: list[str]) -> tuple[bool, Any]:
    """Return whether values have a key, and its value."""
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return False, None
        values = values[key]
    return True, values
