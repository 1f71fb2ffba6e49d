"""Edits of the text of values files, and the rules on plain data."""

from typing import Any

import pytest
import yaml

from carbon.upgrade.migration.plan import Decision, Edit, apply_edit, plan_rule
from carbon.upgrade.migration.rules import Kind, Rule
from carbon.upgrade.migration.text import LayoutError, edit_text


@pytest.mark.parametrize(
    ("text", "target", "wanted"),
    [
        ("a: {b: 1, c: 2}\n", ("a", "d"), "a: {c: 2, d: 1}\n"),
        ("a: {b: 1}\n", ("c",), "c: 1\n"),
        ("a: {c: 2, b: 1}\ne: {}\n", ("e", "d"), "a: {c: 2}\ne: {d: 1}\n"),
        (
            "a:\n  b:\n    - 1\n    - x: |\n        two\n\n        lines\nc: {d: 1}\n",
            ("c", "e"),
            "",
        ),
        ("a:\n  b: # why\n    x: 1\n  c: 2\n", ("d",), "a:\n  c: 2\nd: # why\n  x: 1\n"),
        ("a:\n  b: 1\n\n# about c\nc: 2\n", ("d", "e"), "\n# about c\nc: 2\nd:\n  e: 1\n"),
        ("a:\r\n  b: 1\r\nc: 2\r\n", ("d",), "c: 2\r\nd: 1\r\n"),
        ("c: 2\na:\n  b: 1", ("c2", "x"), "c: 2\nc2:\n  x: 1\n"),
        ("a:\n    b:\n        x: 1\nc:\n  d: 1\n", ("c", "e"), "c:\n  d: 1\n  e:\n      x: 1\n"),
    ],
)
def test_a_key_moves_in_every_layout(text: str, target: tuple[str, ...], wanted: str) -> None:
    values, edit = yaml.safe_load(text), Edit(("a", "b"), target)
    result = edit_text(text, values, edit)
    assert yaml.safe_load(result) == apply_edit(values, edit)
    assert not wanted or result == wanted


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {b: 1, c: 2}\nd: *x\n",
        "d: &x {b: 1, c: 2}\na: *x\n",
        "d: &x {b: 1}\na:\n  <<: *x\n  c: 1\n",
    ],
)
def test_a_layout_that_would_change_other_values_is_refused(text: str) -> None:
    with pytest.raises(LayoutError):
        edit_text(text, yaml.safe_load(text), Edit(("a", "b"), ("z",)))


@pytest.mark.parametrize(
    ("values", "kind", "wanted"),
    [
        ({"a": 1}, Kind.MOVE, Edit(("a",), ("b",))),
        ({"a": 1, "b": 1}, Kind.MOVE, Edit(("a",), (), "b has the same value")),
        (
            {"a": 1, "b": 2},
            Kind.MOVE,
            Decision(("a",), "b replaces this key and is set too; remove one"),
        ),
        ({"a": 1}, Kind.DELETE, Edit(("a",), (), "reason")),
        ({"a": 1}, Kind.DECIDE, Decision(("a",), "reason")),
        ({"c": 1}, Kind.MOVE, None),
    ],
)
def test_a_rule_changes_only_what_has_one_meaning(
    values: dict[str, Any], kind: Kind, wanted: Edit | Decision | None
) -> None:
    rule = Rule(kind, ("a",), ("b",) if kind == Kind.MOVE else (), "reason")
    assert list(plan_rule(values, rule)) == ([wanted] if wanted else [])


def test_a_rule_with_a_star_moves_each_key_of_a_map() -> None:
    rule = Rule(Kind.MOVE, ("groups", "*", "old"), ("groups", "*", "new", "key"))
    (edit,) = plan_rule({"groups": {"gpu": {"old": 1}, "cpu": {"x": 1}}}, rule)
    assert edit == Edit(("groups", "gpu", "old"), ("groups", "gpu", "new", "key"))
