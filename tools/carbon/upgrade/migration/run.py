"""Changes a values file for another version of the charts, and lists what a person must decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from carbon.charts.discovery import Chart
from carbon.charts.render import Render, run_template
from carbon.charts.values import locate_problems
from carbon.check.engine.cases import PLAIN_RELEASE, RELEASE
from carbon.check.findings import KeyPath
from carbon.check.render.apis import list_apis
from carbon.errors import CarbonError
from carbon.files import parse_documents
from carbon.upgrade.migration.plan import Decision, Edit, Values, apply_edit, plan_rule
from carbon.upgrade.migration.rules import Rule
from carbon.upgrade.migration.text import LayoutError, edit_text
from carbon.upgrade.values.refusals import list_refusals
from carbon.upgrade.values.schemas import build_schema


@dataclass(frozen=True)
class Migration:
    """A values file for another version of the charts."""

    text: str
    edits: tuple[Edit, ...]
    decisions: tuple[Decision, ...]


def migrate(text: str, rules: Sequence[Rule], chart: Chart, release: str) -> Migration:
    """Return a values file for a chart, changed by rules.

    Keys that a person must decide about stay as they are.
    """
    values: Values = (parse_documents(text) or [None])[0] or {}
    edits: list[Edit] = []
    decisions: list[Decision] = []
    for rule in rules:
        for each in list(plan_rule(values, rule)):
            if isinstance(each, Decision):
                decisions.append(each)
                continue
            try:
                text = edit_text(text, values, each)
            except LayoutError as wrong:
                decisions.append(_describe_by_hand(each, wrong))
            else:
                values = apply_edit(values, each)
                edits.append(each)
    known = {decision.key for decision in decisions}
    rest = [d for d in judge(values, chart, release) if d.key not in known]
    return Migration(text, tuple(edits), (*decisions, *rest))


def get_release(ours: bool) -> str:
    """Return the name of the release with which charts of this project, or others, render."""
    return RELEASE if ours else PLAIN_RELEASE


def _describe_by_hand(edit: Edit, wrong: LayoutError) -> Decision:
    what = f"move the key to {'.'.join(edit.target)}" if edit.target else "remove the key"
    return Decision(edit.source, f"{wrong}; {what} by hand")


def select_needed(values: Values, rules: Sequence[Rule], chart: Chart) -> list[Rule]:
    """Return the rules about keys that the schema of a chart does not accept.

    Rules for the way back move only these keys: an earlier version may know both keys of a rule.
    """
    refused = [tuple(keys) for keys, _ in locate_problems(values, build_schema(chart))]
    return [rule for rule in rules if any(rule.source[: len(keys)] == keys for keys in refused)]


def judge(values: Values, chart: Chart, release: str) -> Iterator[Decision]:
    """Yield what the schema of a chart, or the chart itself, refuses in values."""
    problems = locate_problems(values, build_schema(chart))
    # The schemas of several charts can refuse one key of `global`.
    for keys, line in {tuple(keys): line for keys, line in problems}.items():
        yield Decision(keys, line.removeprefix(f"{'.'.join(keys)}: "))
    if problems:
        return
    for name, path, what in _list_refusals(values, chart, release):
        yield Decision((name, *path) if name and name != chart.name else path, what)


def _list_refusals(
    values: Values, chart: Chart, release: str
) -> Iterator[tuple[str, KeyPath, str]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "values.yaml"
        path.write_text(yaml.safe_dump(values), "utf-8")
        try:
            run_template(
                Render(chart.folder, (path,), release=release, apis=list_apis(), upgrade=True)
            )
        except CarbonError as refused:
            yield from list_refusals(refused.what)
