"""Keys of values that the new version does not know: moved by a rule, or refused without one."""

from collections.abc import Sequence
from typing import Any

from carbon.check.findings import KeyPath
from carbon.home import ROOT
from carbon.release.index import PLATFORM
from carbon.upgrade.findings import Bump, Finding, Severity
from carbon.upgrade.migration.rules import Kind, Rule, find_rule, strip_chart
from carbon.upgrade.values.limits import Narrowing

VANISHED = ("removed", "ignored")
"""The kinds of narrowings after which a key is unknown."""
MISSING = tuple(f"values/{kind}" for kind in VANISHED)
"""The rules of findings about keys for which schemas/upgrade/migrations has no rule."""


def report_vanished(
    chart: str, version: str, each: Narrowing, added: Sequence[KeyPath], schemas: tuple[Any, Any]
) -> Finding:
    """Return the finding about a key that only the old version of a chart knows.

    `version` is the old version, `added` lists the new keys, and `schemas` are those of both
    versions.
    """
    if rule := find_rule(chart, each.path, version):
        return _report_rule(chart, each, rule)
    ignored = each.kind == "ignored"
    what = each.what
    if renamed := [path for path in added if _is_renamed(each.path, path, schemas)]:
        what += f"; perhaps it is renamed to {'.'.join(renamed[0])}"
    return Finding(
        f"values/{each.kind}",
        Severity.PERSON if ignored else Severity.BREAKING,
        chart,
        each.path,
        what,
        "A values file that sets the key is accepted, and the setting has no effect."
        if ignored
        else "The upgrade fails with values that the old version accepts.",
        "Accept the old key for one release, or add a rule to schemas/upgrade/migrations, by which "
        "`carbon migrate-values` changes values files."
        if chart == PLATFORM or (ROOT / "charts" / chart).is_dir()
        else "Accept the old key for one release, or document which key to set before the upgrade.",
        each.old,
        each.new,
        bump=Bump.MAJOR,
    )


def _is_renamed(old: KeyPath, new: KeyPath, schemas: tuple[Any, Any]) -> bool:
    """Return whether a new key has the schema of an old one, and its parent or its name."""
    one, two = (_get_schema(*pair) for pair in zip(schemas, (old, new), strict=True))
    alike = isinstance(one, dict) and isinstance(two, dict) and _strip(one) == _strip(two)
    return alike and (old[:-1] == new[:-1] or old[-1] == new[-1])


def _get_schema(schema: Any, path: KeyPath) -> Any:
    for key in path:
        schema = schema.get("properties", {}).get(key) if isinstance(schema, dict) else None
    return schema


def _strip(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: child for key, child in schema.items() if key != "description"}


def _report_rule(chart: str, each: Narrowing, rule: Rule) -> Finding:
    """Return the finding about a key that a rule moves or drops."""
    moves = rule.kind == Kind.MOVE
    target = strip_chart(rule.target, chart) or rule.target
    return Finding(
        "values/moved" if moves else "values/dropped",
        Severity.PERSON,
        chart,
        each.path,
        f"is now {'.'.join(target)}" if moves else each.what,
        "The new version does not read the old key." if moves else rule.why,
        "Decide what replaces the key in each values file before the upgrade."
        if rule.kind == Kind.DECIDE
        else "Run `carbon migrate-values FILE` for each of your values files before the upgrade.",
        bump=Bump.MAJOR,
    )
