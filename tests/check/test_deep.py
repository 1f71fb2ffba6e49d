"""Values by chance: they are allowed ones, and what they break is told with as few as possible."""

from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from tests.check.drawn import MLFLOW
from tests.check.mutation import Mutation

from carbon.check.random_values import key_effects, renders
from carbon.check.random_values.generator import ValueGenerator
from carbon.check.sources.schema_tree import iterate_leaves, read_schema
from carbon.home import ROOT

SCHEMA = ROOT / "charts" / "mlflow" / "values.schema.json"
BROKEN = Mutation(
    "deep/holds",
    f"{MLFLOW}server/service.yaml",
    "spec:",
    'spec:\n  {{- if eq .Values.xFrameOptions "DENY" }}\n  - {{- end }}',
)

IDLE = (
    Mutation("deep/matters", "charts/mlflow/values.yaml", "", "\nidle: 3\n"),
    Mutation(
        "deep/matters",
        "charts/mlflow/values.schema.json",
        '"properties": {',
        '"properties": {"idle": {"type": "integer"},',
    ),
)


def test_most_values_are_ones_that_the_schema_allows() -> None:
    maker = ValueGenerator(1)
    made = [
        (leaf, maker.generate(leaf))
        for _, leaf in iterate_leaves(read_schema(SCHEMA))
        for _ in range(3)
    ]
    allowed = [Draft7Validator(leaf).is_valid(value) for leaf, value in made]
    assert sum(allowed) > 0.9 * len(allowed)


def test_the_same_seed_makes_the_same_values() -> None:
    first, again = ValueGenerator(7), ValueGenerator(7)
    some = [leaf for _, leaf in iterate_leaves(read_schema(SCHEMA))][:50]
    assert [first.generate(leaf) for leaf in some] == [again.generate(leaf) for leaf in some]


def test_what_breaks_a_chart_is_told_with_the_one_key_that_does(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    BROKEN.apply(root)
    chosen = {("xFrameOptions",): "DENY", ("workers",): 1, ("replicas",): 2}
    monkeypatch.setattr(renders, "BATCH", 1)
    monkeypatch.setattr(renders, "_choose_values", lambda *_: chosen)
    (finding,) = renders.try_values(root, root / "charts" / "mlflow", 1).findings
    assert finding.rule == renders.HOLDS
    assert finding.what.splitlines()[-1] == "xFrameOptions: DENY"


@pytest.mark.parametrize(("key", "found"), [("idle", [key_effects.MATTERS]), ("replicas", [])])
def test_a_key_that_changes_nothing_is_told(
    key: str, found: list[str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = root / "charts" / "mlflow"
    for mutation in IDLE:
        mutation.apply(root)
    for path in (folder / "ci").glob("*"):
        path.unlink()
    monkeypatch.setattr(
        key_effects, "iterate_leaves", lambda _: iter([((key,), {"type": "integer"})])
    )
    result = key_effects.check_keys(root, folder, 0, 1)
    assert [each.rule for each in result.findings] == found
