"""Values in Markdown are those that the schemas accept."""

import json
from pathlib import Path
from typing import Any

import pytest

from carbon.check.texts.values.check import FLAGS, KEYS, VALUES, check_values

ENABLED = {"enabled": {"type": "boolean"}}
IMAGE = {"type": "object", "properties": {"tag": {"type": "string"}}, "additionalProperties": False}
MLFLOW = {
    "replicas": {"type": "integer", "minimum": 1},
    "image": IMAGE,
    "store": {"enum": ["s3", "file"]},
    "pools": {"type": "object", "additionalProperties": IMAGE},
    "hosts": {"type": "array", "items": {"type": "string"}},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
}
GLOBAL = {"monitoring": {"type": "object", "properties": ENABLED, "additionalProperties": False}}


def build(properties: dict[str, Any], is_open: bool = False) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": is_open}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with an umbrella, whose one subchart is mlflow, and with a values file."""
    schemas = {
        "charts/mlflow/values.schema.json": build({**MLFLOW, "global": build({}, is_open=True)}),
        "umbrella/values.schema.json": build({}),
        "schemas/254carbon.schema.json": build(
            {"mlflow": build({**MLFLOW, **ENABLED}), "global": build(GLOBAL)}
        ),
    }
    for name, schema in schemas.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema))
    (tmp_path / "charts/mlflow/Chart.yaml").write_text("name: mlflow\n")
    (tmp_path / "umbrella/Chart.yaml").write_text("name: platform\n")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples/values.yaml").write_text("{}\n")
    return tmp_path


def find_wrong(checkout: Path, text: str) -> list[tuple[str, int, str]]:
    """Return rule, line and what is wrong of each finding about a page."""
    (checkout / "page.md").write_text(text)
    findings = check_values(checkout).findings
    assert {each.file for each in findings} <= {"page.md"}
    return [(each.rule, each.line, each.what) for each in findings]


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("helm upgrade a umbrella/ --set mlflow.replica=2", "no key `replica`; write replicas"),
        ("helm upgrade a umbrella --set=mlflow.image.tags=2", "no key `tags`; write tag"),
        ("helm upgrade a umbrella/ \\\n  --set a=1,mlflow.image.tag=v2", "no key `a`"),
        ("helm upgrade a ./umbrella --set replicas=2", "no key `replicas`"),
        ("helm install a charts/mlflow --set mlflow.replicas=2", "no key `mlflow`"),
        ("helm install a oci://example.com/mlflow --set replica=2", "write replicas"),
        ("helm template umbrella/ --set-json 'mlflow.replicas=\"2\"'", "not of type 'integer'"),
        ("helm upgrade a umbrella/ --set-string mlflow.replicas=2", "not of type 'integer'"),
        ("helm upgrade a umbrella/ --set mlflow.store=s4", "'s4' is not one of"),
        ("helm upgrade a umbrella/ --set 'mlflow.hosts={1,a}'", "1 is not of type 'string'"),
        ("helm upgrade a umbrella/ --set 'mlflow.pool.x.tag=a'", "no key `pool`; write pools"),
        ("helm upgrade a umbrella/ --set mlflow.host[0]=a", "no key `host`; write hosts"),
        ("helm upgrade a umbrella/ --set-file mlflow.labels.a=examples/a.py", "examples/a.py"),
        ("helm upgrade a umbrella/ -f examples/value.yaml", "no file examples/value.yaml"),
        ("helm upgrade a umbrela/", "there is no chart in umbrela"),
        ("helm upgrade a charts/mlfow", "there is no chart in charts/mlfow"),
        ("tools/up --values examples/other.yaml", "no file examples/other.yaml"),
    ],
)
def test_reports_a_command_with_a_wrong_value_file_or_chart(
    checkout: Path, command: str, what: str
) -> None:
    indented = command.replace("\n", "\n    ")
    ((rule, line, found),) = find_wrong(checkout, f"Text:\n\n    {indented}\n")
    assert (rule, line) == (FLAGS, 4 if "\n" in command else 3)
    assert what in found


@pytest.mark.parametrize(
    "command",
    [
        "helm upgrade a umbrella/ --set mlflow.replicas=2,mlflow.image.tag=a --wait",
        "helm upgrade a umbrella/ --set mlflow.replicas=N",
        "helm upgrade a umbrella/ --set mlflow.replicas=null",
        'helm upgrade a umbrella/ --set-json \'mlflow.image={"tag": "a"}\'',
        "helm upgrade a umbrella/ --set 'mlflow.labels.example\\.com/team=a'",
        "helm upgrade a umbrella/ --set mlflow.hosts[0]=a",
        "helm upgrade a umbrella/ --set mlflow.pools.NAME.tag=a",
        "helm upgrade a umbrella/ --values examples/values.yaml -f my-values.yaml",
        "helm install velero vmware-tanzu/velero --set other.key=a",
        "helm test a --namespace other",
        "helm repo add other https://example.com/charts",
    ],
)
def test_accepts_a_command_with_correct_values_or_for_another_chart(
    checkout: Path, command: str
) -> None:
    assert find_wrong(checkout, f"    {command}\n\nAnd `{command}`.\n") == []


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("mlflow.replica", "`mlflow` has no key `replica`; write replicas"),
        ("global.monitor.enabled", "`global` has no key `monitor`; write monitoring"),
        ("mlfow.replicas", "there is no key `mlfow`; write mlflow"),
        ("image.tags", "`image` has no key `tags`; write tag"),
        ("pools.NAME.image", "`pools.NAME` has no key `image`, only tag"),
        ("mlflow.store: s4", "'s4' is not one of"),
        ("mlflow.enabled=no-way", "'no-way' is not of type 'boolean'"),
    ],
)
def test_reports_inline_code_with_a_wrong_key_or_value(
    checkout: Path, path: str, what: str
) -> None:
    ((rule, line, found),) = find_wrong(checkout, f"# Title\n\nSet\n`{path}`.\n")
    assert (rule, line) == (KEYS, 4)
    assert what in found


@pytest.mark.parametrize(
    "path",
    [
        "mlflow.replicas",
        "mlflow.image.tag: 1.2-full",
        "mlflow.pools.NAME.tag",
        "pools.<name>.tag",
        "mlflow.hosts[0]",
        "mlflow.*",
        "mlflow.store: …",
        "mlflow.labels.a.b",
        "spec.replicas",
        "mlflow.yaml",
        "mlflow.example.com",
        "mlflow.log_model",
        "mlflow.MlflowClient",
    ],
)
def test_accepts_inline_code_with_correct_keys_or_without_keys(checkout: Path, path: str) -> None:
    assert find_wrong(checkout, f"Set `{path}`.\n") == []


def test_accepts_any_key_in_a_section_about_a_release(checkout: Path) -> None:
    page = checkout / "CHANGELOG.md"
    released = "## 0.2.0 (2026-11-30)\n\n- `mlflow.gone.tag` is no longer accepted.\n"
    page.write_text(f"# Changelog\n\n## Unreleased\n\n{released}", "utf-8")
    assert check_values(checkout).findings == []
    page.write_text(f"# Changelog\n\n## Unreleased\n\n- `mlflow.gone.tag`\n\n{released}", "utf-8")
    assert [(each.rule, each.line) for each in check_values(checkout).findings] == [(KEYS, 5)]


def test_accepts_keys_of_another_chart_in_its_column(checkout: Path) -> None:
    row = "| other chart | this chart |\n|---|---|\n| `image.tags`, `a\\|b` | `image.{}` |\n"
    assert find_wrong(checkout, row.format("tag")) == []
    ((rule, line, _),) = find_wrong(checkout, row.format("tags"))
    assert (rule, line) == (KEYS, 3)


@pytest.mark.parametrize(
    ("block", "line", "what"),
    [
        ("mlflow:\n  replicas: 1\n  imag: {tag: a}", 2, "mlflow.imag: no such key; write image"),
        ("mlflow:\n  replicas: none", 1, "not of type 'integer'"),
        ("global:\n  monitor: {enabled: true}", 1, "global.monitor: no such key"),
        ("mlfow: {replicas: 1}", 0, "mlfow: no such key; write mlflow"),
        ("replicas: 1\nimage: {tags: a}", 1, "image.tags: no such key; write tag"),
        ("replicas: 0", 0, "less than the minimum"),
        ("replica: 1\nimage: {tag: a}", 0, "replica: no such key; write replicas"),
        ("global: {monitor: {}}\nreplicas: 1", 0, "global.monitor: no such key"),
        ("mlflow:\n  replicas: 1\n image: {tag: a}", 2, "the block is not YAML"),
        ("mlflow:\n  labels: {a: b", 1, "the block is not YAML"),
        ("mlflow: {stores: s3}\n\nkubectl get pods", 0, "mlflow.stores: no such key"),
    ],
)
@pytest.mark.parametrize("is_fenced", [True, False])
def test_reports_a_yaml_block_with_a_wrong_key_or_value(
    checkout: Path, block: str, line: int, what: str, is_fenced: bool
) -> None:
    indented = "\n".join(f"    {each}" if each else "" for each in block.splitlines())
    text = f"```yaml\n{block}\n```" if is_fenced else f"\n{indented}"
    ((rule, at, found),) = find_wrong(checkout, f"Of mlflow:\n\n{text}\n")
    assert (rule, at) == (VALUES, 4 + line)
    assert what in found


@pytest.mark.parametrize(
    "block",
    [
        "mlflow: {replicas: 1}",
        "mlflow:\n  image: null\n  labels: {a: b}",
        "replicas: 1\nglobal: {monitoring: {enabled: true}}",
        "replicas: 2\nother: {image: a}",
        "apiVersion: v1\nkind: Pod",
        "mlflow: {{ .Values.mlflow }}",
        "- replica: 1",
        "text",
    ],
)
def test_accepts_a_yaml_block_with_correct_values_or_without_values(
    checkout: Path, block: str
) -> None:
    assert find_wrong(checkout, f"Of mlflow:\n\n```yaml\n{block}\n```\n") == []


def test_reads_values_of_a_chart_only_on_a_page_that_names_it(checkout: Path) -> None:
    assert find_wrong(checkout, "```yaml\nimage: {tags: a}\n```\n") == []
