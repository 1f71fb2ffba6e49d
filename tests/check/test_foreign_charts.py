"""`carbon check` examines other projects' charts: the test charts of Helm, many of them invalid."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from carbon.check.findings import RULES
from carbon.externals.golang import download_module
from carbon.externals.table import FOLDER

EXPECTED = {
    ("alpine", "kube-score/readable"),
    ("chart-bad-requirements", "chart/readable"),
    ("chart-missing-deps", "render/accepted"),
    ("chart-with-deprecated-api", "kubernetes/valid"),
    ("chart-with-template-with-invalid-yaml", "render/accepted"),
    ("chart-without-schema", "schema/defaults"),
    ("issue-9027", "render/helms"),
}
"""Some of the findings that the check must report: chart and rule."""
PUBLIC = (
    ("metrics-server", "sigs.k8s.io/metrics-server", "charts/metrics-server"),
    ("local-path-provisioner", "github.com/rancher/local-path-provisioner", "deploy/chart/*"),
)
"""Charts that are widely used: program whose module contains the chart, module, folder."""
SOUND = (
    "render/",
    "kubernetes/",
    "chart/",
    "values/",
    "schema/",
    "suites/",
    "check/",
    "selectors/",
)
"""Prefixes of the rules that widely used charts must not violate."""


@pytest.fixture(scope="module")
def folder() -> Path:
    return (
        download_module(FOLDER / "helm", "helm.sh/helm/v4")
        / "pkg"
        / "cmd"
        / "testdata"
        / "testcharts"
    )


def check(*args: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / "carbon"), "check", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_rules_of_this_project_do_not_apply_to_other_charts(folder: Path) -> None:
    charts = [path.parent for path in sorted(folder.glob("*/Chart.yaml"))]
    done = check(*charts, "--output", "json")
    assert done.returncode == 1, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert len(charts) > 25
    assert len(report["charts"]) > 20
    found = {(finding["chart"], finding["rule"]) for finding in report["findings"]}
    assert EXPECTED - found == set()
    assert {rule for _, rule in found if rule in RULES and RULES[rule].house} == set()
    assert "test1" not in {chart for chart, _ in found}


def test_charts_in_wide_use_violate_only_rules_about_hardening() -> None:
    found = [
        path
        for program, name, inside in PUBLIC
        for path in download_module(FOLDER / program, name).glob(inside)
    ]
    done = check(*found, "--output", "json")
    report: dict[str, Any] = json.loads(done.stdout)
    assert len(report["charts"]) == len(PUBLIC)
    rules = {finding["rule"] for finding in report["findings"]}
    assert {rule for rule in rules if rule in RULES and RULES[rule].house} == set()
    assert {rule for rule in rules if rule.startswith(SOUND)} == set()
