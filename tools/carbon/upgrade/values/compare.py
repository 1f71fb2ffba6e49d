"""The values of a chart in both versions: schemas, defaults, and `--reuse-values`."""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from carbon.charts.discovery import Chart
from carbon.charts.merging import compute_values
from carbon.charts.quantities import read_quantity
from carbon.charts.render import Render, run_template
from carbon.check.findings import KeyPath
from carbon.check.render.apis import list_apis
from carbon.errors import CarbonError
from carbon.upgrade.findings import Bump, Finding, Severity
from carbon.upgrade.objects.changes import Change, list_changes
from carbon.upgrade.templates import count_checks
from carbon.upgrade.values.limits import Narrowing
from carbon.upgrade.values.narrowing import list_added_keys, list_narrowings
from carbon.upgrade.values.refusals import list_refusals
from carbon.upgrade.values.schemas import read_own_schema
from carbon.upgrade.values.vanished import VANISHED, report_vanished


def compare_schemas(old: Chart, new: Chart) -> Iterator[Finding]:
    """Yield each value that only the new schema refuses, and each new key."""
    before, after = read_own_schema(old.folder), read_own_schema(new.folder)
    found = list_narrowings(before, after, new.read_values())
    added = tuple(dict.fromkeys(list_added_keys(before, after)))
    version = str(old.meta.get("version"))
    for each in {(n.path, n.kind, n.what): n for n in found}.values():
        if each.kind in VANISHED:
            yield report_vanished(new.name, version, each, added, (before, after))
        else:
            yield _report_narrowing(new.name, each)
    for path in added:
        yield Finding(
            "values/added",
            Severity.NOTE,
            new.name,
            path,
            "is a new key",
            "Values files need no change.",
            bump=Bump.MINOR,
        )


_WHY = "The upgrade fails if your values files have such a value."
_RENDER = (
    "Run `carbon migrate-values FILE` for each of your values files. It names each value to "
    "change; if there is none, do nothing."
)
_SHAPES = ("type-changed", "enum-removed", "required-added", "closed")
"""Changes of the shape of values. Others refuse a few texts or numbers only."""


def _report_narrowing(chart: str, each: Narrowing) -> Finding:
    shape = each.kind in _SHAPES
    return Finding(
        f"values/{each.kind}",
        Severity.BREAKING if shape else Severity.PERSON,
        chart,
        each.path,
        each.what,
        _WHY,
        _RENDER,
        each.old,
        each.new,
        bump=Bump.MAJOR,
    )


def compare_checks(old: Chart, new: Chart) -> Iterator[Finding]:
    """Yield a finding if the new templates check values at more places than the old ones."""
    before, after = (count_checks(chart.folder) for chart in (old, new))
    if after > before:
        what = "has more checks of values in its templates"
        yield Finding(
            "values/checks", Severity.PERSON, new.name, (), what, _WHY, _RENDER, before, after
        )


def compare_defaults(old: Chart, new: Chart) -> Iterator[Finding]:
    """Yield each default value that changes. Users without this key get the new value."""
    schema = read_own_schema(new.folder)
    for change in list_changes(old.read_values(), new.read_values()):
        if change.is_added or change.is_removed or _is_equal_quantity(change):
            continue
        flips = _is_choice(change, schema)
        yield Finding(
            "values/default",
            Severity.PERSON if flips else Severity.NOTE,
            new.name,
            change.path,
            "has another default",
            "Releases that do not set the key change their behavior."
            if flips
            else "Releases that do not set the key get the new value.",
            f"To keep the old behavior, set {'.'.join(change.path)}: {json.dumps(change.old)}."
            if flips
            else "",
            change.old,
            change.new,
        )


def _is_equal_quantity(change: Change) -> bool:
    before, after = read_quantity(change.old), read_quantity(change.new)
    return before is not None and before == after


def _is_choice(change: Change, schema: Any) -> bool:
    """Return whether a default switches behavior: a boolean, a word of a list, or another type."""
    if isinstance(change.old, bool) or type(change.old) is not type(change.new):
        return True
    for step in change.path:
        schema = schema.get("properties", {}).get(step, {}) if isinstance(schema, dict) else {}
    return isinstance(schema, dict) and "enum" in schema


_LACKING = re.compile(r"\.Values\.([\w.]+)>:\s+nil pointer")
"""The end of Helm's message about a template that reads a key of a map that is absent."""


def find_reuse_problems(old: Chart, new: Chart, release: str) -> Iterator[Finding]:
    """Yield what fails in an upgrade with `--reuse-values`.

    Helm then passes the values that it stored, defaults of the old chart included, and no new
    defaults of the chart itself; those of its subcharts it adds.
    """
    stored = compute_values(old, {})
    if stored == compute_values(new, {}):
        return
    with tempfile.TemporaryDirectory() as folder:
        chart = Path(folder) / new.name
        chart.mkdir()
        for source in new.folder.iterdir():
            if source.name not in ("values.yaml", "ci", "tests"):
                (chart / source.name).symlink_to(source.resolve())
        (chart / "values.yaml").write_text(yaml.safe_dump(stored), "utf-8")
        try:
            run_template(Render(chart, release=release, apis=list_apis(), upgrade=True))
            return
        except CarbonError as refused:
            message = refused.what
    if lacking := _LACKING.search(message):
        what = f"a template reads {lacking[1]}, which the old values lack"
        yield _report_reuse(new.name, (), what)
        return
    for name, path, what in list_refusals(message):
        yield _report_reuse(name or new.name, path, what.replace(folder, ""))


def _report_reuse(chart: str, path: KeyPath, what: str) -> Finding:
    return Finding(
        "values/reuse",
        Severity.PERSON,
        chart,
        path,
        f"an upgrade with --reuse-values fails: {what}",
        "Helm passes the defaults of the old chart, which lack the new keys.",
        "Pass --reset-then-reuse-values, or the values files with -f.",
    )
