"""docs/migrate-mlflow.md: keys exist, and migrated examples keep hosts, buckets and Secrets."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.cases import APIS, CHARTS

from carbon.charts.generate.fragments import Fragments, Schema
from carbon.charts.generate.schema import compile_schema
from carbon.charts.render import Object, Render, render_objects
from carbon.home import ROOT

TEXT = (ROOT / "docs" / "migrate-mlflow.md").read_text("utf-8")
EXAMPLE = re.compile(r"<!-- example: (\w+), (\w+) -->\n```yaml\n(.*?)```", re.S)
EXAMPLES = {(chart, whose): yaml.safe_load(text) for chart, whose, text in EXAMPLE.findall(TEXT)}
MLFLOW = next(chart for chart in CHARTS if chart.name == "mlflow")
# The host names, bucket names, Secrets and schedules of another chart's example, which this
# chart's objects must contain unchanged.
SETTINGS = re.compile(
    r"[a-z.]+\.example\.com|(?:tracking|models|runs|bitnami_mlflow(?:_auth)?|s3-keys)$|mlflow-\w+$"
    r"|\d \d.+"
)


def has_key(schema: Schema, path: str) -> bool:
    """Return whether a schema has a key; a map with free names has every key."""
    node: Any = schema
    for key in path.split("."):
        below = node.get("properties", {}).get(key) or node.get("additionalProperties")
        if not isinstance(below, dict):
            return False
        node = below
    return True


def list_documented_keys() -> set[str]:
    """Return the keys of this chart in the right columns of the tables, without relative keys."""
    cells = re.findall(r"^\|[^|]+\|([^|]+)\|", TEXT, re.M)
    keys = {key for cell in cells for key in re.findall(r"`([a-z]\w+(?:\.\w+)*)(?::[^`]*)?`", cell)}
    return keys - {"tracking", "username", "password", "accessKey", "secretKey"}


def find_settings(node: Any) -> set[str]:
    """Return the host names, bucket names, Secrets and schedules of an example."""
    if isinstance(node, dict):
        return set().union(*map(find_settings, node.values()), set())
    if isinstance(node, list):
        return set().union(*map(find_settings, node), set())
    return set(SETTINGS.findall(str(node)))


def render_example(chart: str, folder: Path) -> list[Object]:
    """Render this chart with the example that replaces another chart's example."""
    path = folder / "values.yaml"
    path.write_text(yaml.safe_dump(EXAMPLES[chart, "ours"]), "utf-8")
    return render_objects(Render(MLFLOW.folder, (path,), apis=APIS))


def test_every_documented_key_exists() -> None:
    schema = compile_schema(MLFLOW, Fragments())
    keys = list_documented_keys()
    assert len(keys) > 30
    assert [key for key in sorted(keys) if not has_key(schema, key)] == []


@pytest.mark.parametrize("chart", ["official", "community", "bitnami"])
def test_a_migrated_example_renders_the_hosts_buckets_secrets_and_schedules_of_the_original(
    chart: str, tmp_path: Path
) -> None:
    text = yaml.safe_dump(render_example(chart, tmp_path))
    settings = find_settings(EXAMPLES[chart, "theirs"])
    assert len(settings) >= 5
    assert [each for each in sorted(settings) if each not in text] == []


@pytest.mark.parametrize(("chart", "replicas"), [("official", 2), ("community", 3), ("bitnami", 2)])
def test_the_migrated_example_has_the_same_number_of_replicas(
    chart: str, replicas: int, tmp_path: Path
) -> None:
    [server] = [o for o in render_example(chart, tmp_path) if o["kind"] == "Deployment"]
    assert server["spec"]["replicas"] == replicas
