"""Lists the cases: the values with which both versions of a chart are rendered."""

import hashlib
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbon.charts.discovery import UMBRELLA, Chart
from carbon.check.engine.cases import PLAIN_RELEASE, RELEASE, is_empty
from carbon.check.engine.digests import hash_file
from carbon.files import read_yaml
from carbon.home import ROOT, home
from carbon.upgrade.sides import Side
from carbon.upgrade.values.schemas import build_schema

Values = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A chart in both versions, and one values file."""

    old: Path
    """The folder of the chart in the old version."""
    new: Path
    chart: str
    values: Path | None
    """The values file; None for the default values."""
    ours: bool = True

    @property
    def release(self) -> str:
        """The name of the release."""
        return RELEASE if self.ours else PLAIN_RELEASE

    def __str__(self) -> str:
        """Return the name of the case in the report."""
        name = self.values.stem.removesuffix("-values") if self.values else "defaults"
        return f"{self.chart}: {name}"


def list_cases(old: Side, new: Side, reverse: bool = False) -> list[Case]:
    """Return the cases of all charts that both versions contain.

    The values files of a rollback are those of the earlier version, which is the new side: Helm
    stored them with the earlier revision.
    """
    sides = (new, new if new.root else old) if reverse else (old, new)
    before, after = old.list_charts(), new.list_charts()
    return [
        Case(before[name].folder, after[name].folder, name, values, ours)
        for name in after
        if name in before
        for ours in [is_ours(new)]
        for values in [None, *_list_values(name, *sides, is_main=name == new.main.name)]
    ]


def is_ours(side: Side) -> bool:
    """Return whether the charts are this project's, so that its profiles apply to them."""
    return side.main.name == "254carbon" or (side.root or Path()) == ROOT


def _list_values(name: str, first: Side, second: Side, is_main: bool) -> Iterator[Path]:
    """Yield the CI values files and profiles of a chart.

    Of two files with the same path, that of the first version counts: its users have these values.
    Of two equal files, that of the second version counts, with which `carbon check` renders.
    If neither version is a checkout, the files of the working tree count.
    """
    roots = [root for root in (first.root, second.root) if root]
    if not roots and is_ours(second):
        roots = [ROOT]
    found: dict[Path, Path] = {}
    for root in roots:
        for path in _list_files(root, name, is_main):
            inside = path.relative_to(root)
            if hash_file(found.get(inside, path)) == hash_file(path):
                found[inside] = path
    yield from (path for path in found.values() if not is_empty(path))


def _list_files(root: Path, name: str, is_main: bool) -> list[Path]:
    umbrella = root / UMBRELLA / "Chart.yaml"
    folders = [root / "charts" / name / "ci"]
    if is_main and umbrella.exists() and read_yaml(umbrella).get("name") == name:
        folders = [root / UMBRELLA / "ci", root / "values", root / "values" / "ci"]
    return sorted(path for folder in folders for path in folder.glob("*.yaml"))


def adapt_values(case: Case, old: Chart) -> tuple[Path, ...]:
    """Return the values files of a case, without the keys that the old version does not know.

    A values file of the new version may set new keys. A user of the old version has none of them.
    """
    if case.values is None:
        return ()
    values = read_yaml(case.values)
    known = drop_unknown(values, build_schema(old))
    if known == values:
        return (case.values,)
    text = json.dumps(known, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    path = home() / "upgrade" / "values" / digest / case.values.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return (path,)


def drop_unknown(values: Values, schema: Any) -> Values:
    """Return a copy of values without the keys that a schema refuses as unknown."""
    from jsonschema import Draft7Validator  # loads slowly

    known = deepcopy(values)
    validator = Draft7Validator(schema)
    while unknown := [e for e in validator.iter_errors(known) if _is_unknown(e)]:
        for error in unknown:
            node: Any = known
            for key in error.absolute_path:
                node = node[key]
            declared = error.schema.get("properties", {})
            for key in [key for key in node if key not in declared]:
                del node[key]
    return known


def _is_unknown(error: Any) -> bool:
    closed = error.validator == "additionalProperties" and error.validator_value is False
    return closed and not error.schema.get("patternProperties")
