"""docs/migrate-mlflow.md: its keys exist, and each example of ours means what theirs says."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.cases import APIS, CHARTS

from carbon.charts.fragments import Fragments, Schema
from carbon.charts.render import Object, Render, render_objects
from carbon.charts.schema import compiled
from carbon.home import ROOT

TEXT = (ROOT / "docs" / "migrate-mlflow.md").read_text("utf-8")
EXAMPLE = re.compile(r"<!-- example: (\w+), (\w+) -->\n```yaml\n(.*?)```", re.S)
EXAMPLES = {(chart, whose): yaml.safe_load(text) for chart, whose, text in EXAMPLE.findall(TEXT)}
MLFLOW = next(chart for chart in CHARTS if chart.name == "mlflow")
# Of theirs, what has to be found again, word for word, in what ours draws.
FACTS = re.compile(
    r"[a-z.]+\.example\.com|(?:tracking|models|runs|bitnami_mlflow(?:_auth)?|s3-keys)$|mlflow-\w+$"
    r"|\d \d.+"
)


def described(schema: Schema, path: str) -> bool:
    """Whether a key is in a schema; below a map of any names, any name is."""
    node: Any = schema
    for key in path.split("."):
        below = node.get("properties", {}).get(key) or node.get("additionalProperties")
        if not isinstance(below, dict):
            return False
        node = below
    return True


def named_here() -> set[str]:
    """The keys of ours that stand in the right column of the tables, without relative ones."""
    cells = re.findall(r"^\|[^|]+\|([^|]+)\|", TEXT, re.M)
    keys = {key for cell in cells for key in re.findall(r"`([a-z]\w+(?:\.\w+)*)(?::[^`]*)?`", cell)}
    return keys - {"tracking", "username", "password", "accessKey", "secretKey"}


def words(node: Any) -> set[str]:
    """Every word of an example that names something."""
    if isinstance(node, dict):
        return set().union(*map(words, node.values()), set())
    if isinstance(node, list):
        return set().union(*map(words, node), set())
    return set(FACTS.findall(str(node)))


def drawn(chart: str, folder: Path) -> list[Object]:
    path = folder / "values.yaml"
    path.write_text(yaml.safe_dump(EXAMPLES[chart, "ours"]), "utf-8")
    return render_objects(Render(MLFLOW.folder, (path,), apis=APIS))


def test_every_key_that_the_tables_name_exists() -> None:
    schema = compiled(MLFLOW, Fragments())
    assert len(named_here()) > 30
    assert [key for key in sorted(named_here()) if not described(schema, key)] == []


@pytest.mark.parametrize("chart", ["official", "community", "bitnami"])
def test_what_their_example_names_is_in_what_ours_draws(chart: str, tmp_path: Path) -> None:
    theirs = EXAMPLES[chart, "theirs"]
    text = yaml.safe_dump(drawn(chart, tmp_path))
    facts = words(theirs)
    assert len(facts) >= 5
    assert [fact for fact in sorted(facts) if fact not in text] == []


@pytest.mark.parametrize(("chart", "replicas"), [("official", 2), ("community", 3), ("bitnami", 2)])
def test_there_are_as_many_servers(chart: str, replicas: int, tmp_path: Path) -> None:
    [server] = [t for t in drawn(chart, tmp_path) if t["kind"] == "Deployment"]
    assert server["spec"]["replicas"] == replicas
