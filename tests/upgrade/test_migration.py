"""`carbon migrate-values`: the rules, the text of files, and the values files of old releases."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from carbon.charts.discovery import read_chart
from carbon.check.engine.cases import RELEASE
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.upgrade.cases import Case, list_cases
from carbon.upgrade.findings import Bump, Severity
from carbon.upgrade.migration.plan import Decision, Edit, apply_edit
from carbon.upgrade.migration.rules import Kind, Rule, localize, read_rules, select_rules
from carbon.upgrade.migration.run import judge, migrate, select_needed
from carbon.upgrade.sides import find_new, find_old
from carbon.upgrade.values.compare import compare_schemas
from carbon.upgrade.values.limits import Narrowing
from carbon.upgrade.values.vanished import MISSING, report_vanished

OLD, NEW = find_old("0.1.0"), find_new()
CASES = [case for case in list_cases(OLD, NEW) if case.values and OLD.root in case.values.parents]
REFUSED = {
    "254carbon: production": {"global.services.kubernetes-api.ports"},
    "data-services: full": {"postgresql.extraEnv", "postgresql.podSecurityContext.runAsUser"},
    "mlflow: full": {"backgroundJobs.enabled"},
    "ray-cluster: full": {"kuberay.suspend"},
    "ray-cluster: scaled": {
        "podSecurityContext.runAsUser",
        "workerGroups.cpu.idleTimeoutSeconds",
        "workerGroups.cpu.priority",
    },
}
"""Values files of release 0.1.0 with values that the charts of the working tree refuse."""
FILE = """\
# Values of a cluster

ray-cluster:
  mode: kuberay  # with the operator
  kuberay:
    # the network of the office,
    # not the Internet
    extraSpec:
      suspend: false
      # read by the cloud
      headServiceAnnotations:
        example.com/internal: 'true'  # a text
  workers: {replicas: 2}
mlflow:
  # two of them
  replicas: 2
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "carbon", "migrate-values", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def join(decisions: tuple[Decision, ...]) -> set[str]:
    return {".".join(each.key) for each in decisions}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_values_file_of_release_0_1_0_is_accepted_or_names_its_refused_keys(
    case: Case,
) -> None:
    assert case.values
    text = case.values.read_text("utf-8")
    done = migrate(text, select_rules(OLD, NEW, case.chart), read_chart(case.new), case.release)
    assert join(done.decisions) == REFUSED.get(str(case), set())
    assert all(each.why for each in done.decisions)
    assert done.edits or done.text == text


def test_all_values_files_of_release_0_1_0_are_tested() -> None:
    assert set(REFUSED) < {str(case) for case in CASES}
    assert len(CASES) > 25


def list_moves() -> Iterator[tuple[Rule, Any]]:
    """Yield each rule about a moved key of ray-cluster, and a value of the key."""
    samples: dict[str, Any] = {
        "rayVersion": "2.60.0",
        "suspend": True,
        "type": "Recreate",
        "enableInTreeAutoscaling": True,
        "headServiceAnnotations": {"example.com/a": "b"},
        "env": [{"name": "A", "value": "b"}],
        "idleTimeoutSeconds": 30,
        "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "1"}},
        "upscalingMode": "Default",
        "version": "v2",
    }
    for rule in localize(read_rules(), "ray-cluster"):
        if rule.kind == Kind.MOVE:
            yield rule, samples[rule.source[-1]]


@pytest.mark.parametrize(
    ("rule", "value"), list(list_moves()), ids=lambda each: ".".join(getattr(each, "target", ""))
)
def test_a_moved_key_is_accepted_by_both_versions_in_its_place(rule: Rule, value: Any) -> None:
    before, after = (side.list_charts()["ray-cluster"] for side in (OLD, NEW))
    base: dict[str, Any] = {"mode": "kuberay", "autoscaling": {"enabled": True}}
    if rule.target == ("autoscaling", "enabled"):
        del base["autoscaling"]
    old = apply_edit({**base, "moved": value}, Edit(("moved",), rule.source))
    assert list(judge(old, before, RELEASE)) == []
    new = migrate(yaml.safe_dump(old), select_rules(OLD, NEW, after.name), after, RELEASE)
    assert new.decisions == ()
    assert [edit.target for edit in new.edits] == [rule.target]
    back = select_rules(OLD, NEW, after.name, reverse=True)
    needed = select_needed(yaml.safe_load(new.text), back, before)
    returned = migrate(new.text, needed, before, RELEASE)
    assert returned.decisions == ()
    if needed:
        assert yaml.safe_load(returned.text) == old


def test_comments_quotes_and_order_stay() -> None:
    done = migrate(FILE, select_rules(OLD, NEW, "254carbon"), NEW.main, RELEASE)
    assert done.decisions == ()
    assert (
        done.text
        == """\
# Values of a cluster

ray-cluster:
  mode: kuberay  # with the operator
  kuberay:
    suspend: false
  workers: {replicas: 2}
  head:
    service:
      # the network of the office,
      # not the Internet
      # read by the cloud
      annotations:
        example.com/internal: 'true'  # a text
mlflow:
  # two of them
  replicas: 2
"""
    )


def test_a_layout_that_is_refused_needs_a_person() -> None:
    text = (
        "ray-cluster:\n  kuberay: &a {extraSpec: {suspend: true}}\n  head: {podLabels: {}}\nx: *a\n"
    )
    rules = select_rules(OLD, NEW, "254carbon")
    done = migrate(text, rules, NEW.main, RELEASE)
    assert done.text == text
    assert done.decisions[0].why == (
        "aliases (*) in the file do not allow the edit; "
        "move the key to ray-cluster.kuberay.suspend by hand"
    )


def test_every_key_that_vanished_since_the_newest_release_has_a_rule() -> None:
    before, after = find_old().list_charts(), NEW.list_charts()
    found = [
        f for name in after if name in before for f in compare_schemas(before[name], after[name])
    ]
    assert [(f.subject, f.field) for f in found if f.rule in MISSING] == []


@pytest.mark.parametrize(
    ("path", "rule", "severity"),
    [
        (("resources", "claims"), "values/dropped", Severity.PERSON),
        (("podSecurityContext",), "values/removed", Severity.BREAKING),
    ],
)
def test_the_upgrade_check_refuses_a_vanished_key_without_a_rule(
    path: tuple[str, ...], rule: str, severity: Severity
) -> None:
    same = {"type": "string", "description": "a"}
    schemas = (
        {"properties": {path[0]: same}},
        {"properties": {"other": {**same, "description": "b"}}},
    )
    found = report_vanished(
        "mlflow", "0.1.0", Narrowing(path, "removed", "x"), [("other",)], schemas
    )
    assert (found.rule, found.severity, found.least_bump) == (rule, severity, Bump.MAJOR)
    if rule in MISSING:
        assert found.what == "x; perhaps it is renamed to other"
        assert "schemas/upgrade/migrations" in found.remedy


@pytest.mark.parametrize(
    "text",
    [
        "- {kind: rename, from: a, to: b}",
        "- {kind: delete, from: a}",
        "- {kind: move, from: a.*, to: b}",
    ],
)
def test_an_invalid_rule_is_an_error_with_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "0.3.0.yaml").write_text(text)
    with pytest.raises(CarbonError, match=r"0\.3\.0\.yaml"):
        read_rules(tmp_path)


def test_a_key_that_several_schemas_refuse_is_one_decision() -> None:
    values = {"global": {"monitoring": {"grafana": {"url": "https://example.com"}}}}
    (decision,) = judge(values, OLD.main, RELEASE)
    assert decision.key == ("global", "monitoring", "grafana")


def test_the_command_prints_the_file_and_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(FILE)
    done = run(str(path), "--from", "0.1.0")
    assert done.returncode == 0, done.stderr
    assert "annotations:\n" in done.stdout
    assert "ray-cluster.kuberay.extraSpec.suspend is now ray-cluster.kuberay.suspend" in done.stderr
    assert path.read_text() == FILE


def test_the_command_replaces_the_file_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(FILE.replace("replicas: 2\n", "replicas: two\n"))
    path.chmod(0o600)
    done = run(str(path), "--from", "0.1.0", "--in-place", "--output", "json")
    assert done.returncode == 4, done.stderr
    report = json.loads(done.stdout)
    assert report["text"] == path.read_text()
    assert [each["key"] for each in report["decisions"]] == [["mlflow", "replicas"]]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["values.yaml"]


def test_the_command_refuses_a_chart_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("{}")
    done = run(str(tmp_path / "values.yaml"), "--chart", "tracking")
    assert done.returncode == 2
    assert "mlflow" in done.stderr


def test_the_documented_folder_has_only_rules_of_versions() -> None:
    assert {path.suffix for path in (ROOT / "schemas/upgrade/migrations").iterdir()} == {".yaml"}
