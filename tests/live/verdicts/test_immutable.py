"""A real API server agrees with the table of immutable fields, row by row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.verdicts.comparison import find_differences
from tests.live.verdicts.helm_update import Updater

from carbon.charts.render import Object
from carbon.files import read_yaml
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.rules import immutable

EXAMPLES = read_yaml(Path(__file__).parent / "immutable.yaml")


def merge(node: Any, patch: Any) -> Any:
    """Return a node with a patch merged over it; null removes, and lists are replaced."""
    if not isinstance(patch, dict):
        return None if patch == "rendered null" else patch
    known = node if isinstance(node, dict) else {}
    merged = {key: merge(known.get(key), child) for key, child in patch.items()}
    removed = {key for key, child in patch.items() if child is None}
    return {key: child for key, child in (known | merged).items() if key not in removed}


def list_changes() -> Iterator[tuple[str, Object, Object]]:
    """Yield the name of each example, and the object before and after the change."""
    for kind, example in EXAMPLES.items():
        meta = {"name": example.get("name", "a")}
        old = {"kind": kind.split()[0], "metadata": meta, **example["object"]}
        for change in example["changes"]:
            yield f"{kind} {change}", old, merge(old, change)


CHANGES = list(list_changes())


@pytest.mark.parametrize(
    ("old", "new"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES]
)
def test_the_api_server_agrees_about_a_change(old: Object, new: Object, updater: Updater) -> None:
    differences = find_differences(Comparison("", (old,), (new,)), updater)
    assert not differences, "\n".join(differences)


def test_each_row_of_the_table_has_an_example() -> None:
    covered = {
        (kind, row.path)
        for kind, rows in immutable.read_table().items()
        for row in rows
        for name, old, new in CHANGES
        if name.startswith(f"{kind} ")
        for pair in Comparison("", (old,), (new,)).pairs
        for change in pair.changes
        if row.covers(change)
    }
    rows = {(kind, row.path) for kind, rows in immutable.read_table().items() for row in rows}
    assert rows - covered == set()


def test_a_row_that_the_table_lacks_is_noticed(
    updater: Updater, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(immutable, "read_table", dict)
    name, old, new = CHANGES[0]
    assert name.startswith("StatefulSet")
    assert find_differences(Comparison("", (old,), (new,)), updater)
