"""A change of the checkout without which a finding does not occur is the cause of the finding."""

import shutil
import subprocess
from pathlib import Path

import pytest

from carbon.charts.discovery import read_chart
from carbon.charts.kubernetes import MINORS
from carbon.charts.merging import forget_defaults
from carbon.check.causes.following import fold_following
from carbon.check.causes.task import locate_causes
from carbon.check.engine.cases import Case
from carbon.check.findings import Finding
from carbon.check.programs.helm_unittest import run_tests
from carbon.check.reverts.cases import find_change
from carbon.check.reverts.changes import Change, list_changes, revert
from carbon.check.reverts.suites import locate_failures
from carbon.check.sources.generated import find_source

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: {{ .Values.repository }}:1.2.3
"""
TEST = """suite: web
templates: [deployment.yaml]
tests:
  - it: runs two pods
    asserts: [{equal: {path: spec.replicas, value: 2}}]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A Git repository with the chart web on the branch main."""
    for name, text in {
        "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "values.yaml": "repository: docker.io/library/web\ntag: latest\n",
        "templates/deployment.yaml": DEPLOYMENT,
        "tests/web_test.yaml": TEST,
    }.items():
        path = tmp_path / "charts/web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    run_git(tmp_path, "init", "-b", "main")
    commit(tmp_path)
    return tmp_path


def run_git(root: Path, *args: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", "-C", root, *identity, *args], check=True, capture_output=True)


def commit(root: Path) -> None:
    run_git(root, "add", "--all")
    run_git(root, "commit", "-m", "a")


def edit(root: Path, old: str, new: str) -> Path:
    path = root / "charts/web/templates/deployment.yaml"
    path.write_text(path.read_text().replace(old, new))
    return path


@pytest.mark.parametrize("is_committed", [False, True])
def test_lists_changes_since_the_merge_base(checkout: Path, is_committed: bool) -> None:
    run_git(checkout, "checkout", "-b", "change")
    path = edit(checkout, "replicas: 2", "replicas: 3\n  minReadySeconds: 5")
    edit(checkout, "metadata: {name: web}\n", "")
    new = checkout / "charts/web/templates/service.yaml"
    new.write_text("kind: Service\n")
    if is_committed:
        commit(checkout)
    changes = list_changes(checkout)
    old = DEPLOYMENT.splitlines(keepends=True)
    assert [change for change in changes if change.file == path] == [
        Change(path, range(2, 2), (old[2],)),
        Change(path, range(4, 6), (old[4],)),
    ]
    assert [change.old for change in changes if change.file == new] == [None]
    assert revert(changes) == {path: DEPLOYMENT, new: None}


def test_lists_no_changes_of_an_unchanged_checkout_and_outside_of_git(checkout: Path) -> None:
    assert list_changes(checkout) == []
    assert list_changes(checkout / "charts") == []


@pytest.mark.parametrize("wanted", range(5))
def test_finds_the_one_change_that_ends_a_finding(wanted: int) -> None:
    changes = [Change(Path("x"), range(line, line + 1), ()) for line in range(5)]
    assert find_change(changes, lambda some: changes[wanted] in some) == changes[wanted]


def test_finds_no_change_if_only_two_changes_together_end_a_finding_or_none_do() -> None:
    changes = [Change(Path("x"), range(line, line + 1), ()) for line in range(4)]
    assert find_change(changes, lambda some: {changes[0], changes[3]} <= set(some)) is None
    assert find_change(changes, lambda _: False) is None


def test_names_the_changed_line_of_a_template_that_reads_a_wrong_value(checkout: Path) -> None:
    path = edit(checkout, ":1.2.3", ":{{ .Values.tag }}")
    edit(checkout, "replicas: 2", "replicas: 3")
    forget_defaults()
    case = Case(checkout / "charts/web", "web", (), MINORS)
    name = "Deployment/web"
    keys = ("containers", "name=web", "image")
    finding = Finding("pods/image", "web", "", "x", 1, "wrong", "", name, keys)
    wrong = {"pods/image": {name}}
    (cause,) = locate_causes(checkout, case, [finding], wrong)
    assert cause
    assert cause.file.name == "values.yaml"
    (cause,) = locate_causes(checkout, case, [finding], wrong, list_changes(checkout))
    assert cause
    assert (cause.file, cause.line) == (path, 12)


def test_names_the_changed_line_that_makes_a_test_of_the_chart_fail(checkout: Path) -> None:
    path = edit(checkout, "replicas: 2", "replicas: 3")
    edit(checkout, ":1.2.3", ":1.2.4")
    folder = checkout / "charts/web"
    tests = folder / "tests/web_test.yaml"
    findings = run_tests(checkout, folder, tests).findings
    (cause,) = locate_failures(checkout, folder, tests, findings, list_changes(checkout))
    assert cause
    assert (cause.file, cause.line) == (path, 5)


def make_failure(template: str) -> Finding:
    what = f"runs\n- asserts[0] `equal` fail , Template:web/{template} , Path:spec.replicas"
    return Finding("suites/helm-unittest", "web", "", "charts/web/tests/a_test.yaml", 4, what)


def test_names_no_change_for_a_failed_test_of_a_new_chart(checkout: Path) -> None:
    new = checkout / "charts" / "new"
    shutil.copytree(checkout / "charts" / "web", new)
    test = new / "tests" / "web_test.yaml"
    test.write_text(TEST.replace("value: 2", "value: 3"))
    failed = run_tests(checkout, new, test).findings
    assert failed
    assert locate_failures(checkout, new, test, failed, list_changes(checkout)) == [None]


def test_a_failed_test_of_a_template_with_a_finding_is_named_in_the_finding() -> None:
    file = "charts/web/templates/deployment.yaml"
    finding = Finding("pods/image", "web", "", "charts/web/values.yaml", 2, "wrong")
    other = Finding("pods/image", "web", "", "charts/web/templates/job.yaml", 2, "wrong")
    failure = make_failure("templates/deployment.yaml")
    ((found, some),) = fold_following({finding: {file}, failure: {failure.file}})
    assert some == [finding, failure]
    assert found.what == "wrong\nalso fails:\nsuites/helm-unittest: runs"
    both = fold_following({other: {other.file}, failure: {failure.file}})
    assert [each for each, _ in both] == [other, failure]


def test_failed_tests_with_one_cause_are_one_finding() -> None:
    first = Finding("suites/helm-unittest", "web", "", "charts/web/values.yaml", 2, "runs")
    second = Finding("suites/helm-unittest", "web", "", "charts/web/values.yaml", 2, "stops")
    other = Finding("suites/helm-unittest", "web", "", "charts/web/values.yaml", 3, "waits")
    found = dict(fold_following({first: set(), second: set(), other: set()}))
    assert [each.what.splitlines()[0] for each in found] == ["runs", "waits"]
    assert list(found.values()) == [[first, second], [other]]


def test_the_only_change_is_the_cause_for_a_rule_that_cannot_run_again(checkout: Path) -> None:
    path = edit(checkout, "replicas: 2", "replicas: 3")
    case = Case(checkout / "charts/web", "web", (), MINORS)
    finding = Finding("capacity/counted", "web", "", "x", 1, "the sums differ")
    wrong: dict[str, set[str]] = {"capacity/counted": set()}
    (cause,) = locate_causes(checkout, case, [finding], wrong, list_changes(checkout))
    assert cause
    assert (cause.file, cause.line) == (path, 5)
    edit(checkout, ":1.2.3", ":1.2.4")
    assert locate_causes(checkout, case, [finding], wrong, list_changes(checkout)) == [None]


def test_names_the_source_that_made_generated_files_outdated_if_only_one_changed(
    checkout: Path,
) -> None:
    chart = read_chart(checkout / "charts/web")
    values = checkout / "charts/web/values.yaml"
    values.write_text("repository: docker.io/library/web\ntag: 1.2.3\n")
    edit(checkout, "replicas: 2", "replicas: 3")
    change = find_source(chart, list_changes(checkout))
    assert change
    assert (change.file, change.line) == (values, 2)
    (checkout / "charts/web/Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 2.0.0\n")
    assert find_source(chart, list_changes(checkout)) is None


def test_findings_about_the_same_changed_line_are_one_finding() -> None:
    file = "charts/web/values.yaml"
    published = Finding("checkov/CKV_K8S_38", "web", "", file, 2, "mounts a token")
    own = Finding("tokens/needed", "web", "", file, 2, "needs no token")
    failure = make_failure("templates/deployment.yaml")
    sources: dict[Finding, set[str]] = {published: set(), own: set(), failure: {failure.file}}
    ((found, some),) = fold_following(sources, {(file, 2)})
    assert some == [own, published, failure]
    assert found.what.splitlines()[:2] == ["needs no token", "also fails:"]
    assert len(dict(fold_following({published: set(), own: set()}))) == 2


def test_a_new_key_without_a_schema_is_one_finding_that_states_the_first_step() -> None:
    file = "charts/web/values.yaml"
    refused = Finding("render/accepted", "web", "", file, 2, "refused")
    undeclared = Finding("schema/defaults", "web", "", file, 2, "speed: no such key")
    sources: dict[Finding, set[str]] = {refused: set(), undeclared: set()}
    ((found, _),) = fold_following(sources, {(file, 2)})
    assert found.rule == "schema/defaults"
