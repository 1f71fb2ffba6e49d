"""The two versions that are compared, and their objects."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from carbon.charts.merging import merge
from carbon.charts.render import Object, Render, run_template
from carbon.check.engine.cases import NAMESPACE, PLAIN_RELEASE, RELEASE
from carbon.check.render.apis import list_apis
from carbon.check.trees import iterate_texts
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.upgrade.cases import is_ours
from carbon.upgrade.difference.data import compare_data, list_charts
from carbon.upgrade.difference.live import Stored
from carbon.upgrade.findings import Finding
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.rules import run_rules
from carbon.upgrade.sides import InputError, Side
from carbon.upgrade.values.refusals import list_refusals, report_refused

Source = Side | Stored
_NUMBER = re.compile(r"-?(0|[1-9]\d*)")


@dataclass(frozen=True)
class Given:
    """The values that a user gives for the comparison."""

    files: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    """Values as `key=value`, in the form of the option --set-json."""

    def __bool__(self) -> bool:
        return bool(self.files or self.sets)


@dataclass(frozen=True)
class Compared:
    """Two versions with their objects, and the findings about them."""

    old: Source
    new: Source
    comparison: Comparison
    findings: list[Finding] = field(default_factory=list)


def parse_set(text: str) -> str:
    """Return a `key=value` of the option --set in the form of --set-json.

    Raises:
        InputError: the text is no key with a value, or has several.
    """
    key, found, value = text.partition("=")
    if not (found and key) or re.search(r"(?<!\\),", value):
        raise InputError(
            f"--set {text} is not one key with a value", "Write --set KEY=VALUE once for each key."
        )
    if value in ("true", "false", "null") or _NUMBER.fullmatch(value):
        return text
    return f"{key}={json.dumps(value.replace(f'{chr(92)},', ','))}"


def compare(old: Source, new: Source, given: Given, minor: str) -> Compared:
    """Return two versions with the objects that the same values render.

    Without given values, those of the installed release count.

    Raises:
        InputError: a values file can't be read, or the old version refuses the values.
    """
    try:
        given_values = merge(*map(read_yaml, given.files))
    except CarbonError as wrong:
        raise InputError(wrong.what, wrong.remedy) from wrong
    live = next((side for side in (old, new) if isinstance(side, Stored)), None)
    with TemporaryDirectory() as folder:
        if live and not given:
            path = Path(folder) / "values.yaml"
            path.write_text(yaml.safe_dump(live.values), "utf-8")
            given, given_values = Given((path,)), live.values
        try:
            before = _list_objects(old, given, live, minor, upgrade=False)
        except CarbonError as refused:
            main = old.main.name if isinstance(old, Side) else ""
            reasons = [
                ": ".join(filter(None, (name if name != main else "", ".".join(key), what)))
                for name, key, what in list_refusals(refused.what.replace(folder, ""))
            ]
            raise InputError(
                f"{old.label} refuses the values: {'; '.join(dict.fromkeys(reasons))}",
                "Pass values that the version before accepts; carbon migrate-values --reverse "
                "changes a values file of the version after.",
            ) from refused
        try:
            after = _list_objects(new, given, live, minor, upgrade=True)
        except CarbonError as refused:
            name = new.main.name if isinstance(new, Side) else ""
            findings = list(report_refused(name, refused.what.replace(folder, "")))
            return Compared(old, new, Comparison("", (), ()), findings)
    texts = frozenset(iterate_texts(given_values))
    comparison = Comparison("", tuple(before), tuple(after), minor, texts)
    # A program that the upgrade does not change writes the same data, also if the installed charts
    # are later than the release of their version.
    changed = [
        pair.before
        for pair in comparison.pairs
        if pair.before and (pair.changes or not pair.is_kept)
    ]
    findings = [*compare_data(old, new, list_charts(changed)), *run_rules(comparison)]
    return Compared(old, new, comparison, findings)


def _list_objects(
    source: Source, given: Given, live: Stored | None, minor: str, *, upgrade: bool
) -> Sequence[Object]:
    if isinstance(source, Stored):
        return source.objects
    name = RELEASE if is_ours(source) else PLAIN_RELEASE
    render = Render(
        source.chart,
        given.files,
        given.sets,
        live.name if live else name,
        live.namespace if live else NAMESPACE,
        kubernetes=f"{minor}.0",
        apis=list_apis(),
        upgrade=upgrade,
    )
    documents = run_template(render).documents
    if wrong := [each for each in documents if each.problem]:
        raise CarbonError(f"{wrong[0].source} renders invalid YAML: {wrong[0].problem}")
    return [each.body for each in documents if each.body]
