"""A finding of `carbon check` names the line that causes it; one cause gives one finding."""

from collections.abc import Callable
from pathlib import Path

import pytest

from carbon.charts.kubernetes import MINORS
from carbon.charts.merging import forget_defaults
from carbon.check.causes import group
from carbon.check.causes.task import locate_causes
from carbon.check.engine.cases import Case
from carbon.check.engine.checkout import Checkout
from carbon.check.findings import Finding
from carbon.check.render.examination import Examination

HELPERS = """{{- define "web.pod" }}
terminationGracePeriodSeconds: 30
{{- end }}
{{- define "web.container" }}
image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
securityContext:
  allowPrivilegeEscalation: {{ .Values.escalation }}
  {{- toYaml .Values.securityContext | nindent 2 }}
  readOnlyRootFilesystem: true
{{- end }}
{{- define "web.all" }}
  {{- $ports := list }}
  {{- range include "web.ports" . | fromYamlArray }}
    {{- $ports = append $ports (dict "name" .name "port" .number) }}
  {{- end }}
  {{- toYaml $ports }}
{{- end }}
{{- define "web.ports" }}
- {name: http, number: {{ add .Values.port 1 }}}
- {name: metrics, number: 9090}
{{- end }}
"""
WORKLOAD = """apiVersion: apps/v1
kind: {kind}
metadata:
  name: web-{name}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      {{{{- include "web.pod" . | nindent 6 }}}}
      containers:
        - name: {name}
          {{{{- include "web.container" . | nindent 10 }}}}
          ports:
            {{{{- range include "web.all" . | fromYamlArray }}}}
            - name: {{{{ .name }}}}
              containerPort: {{{{ .port }}}}
            {{{{- end }}}}
"""
VALUES = """port: 8080
escalation: false
image:
  repository: docker.io/library/web
  tag: latest
securityContext:
  capabilities: {drop: [ALL]}
"""
RULE = "pods/image"
CONTAINER = ("containers", "name=server")
Locate = Callable[..., list[Finding]]


@pytest.fixture
def locate(tmp_path: Path) -> Locate:
    """Return a function that locates the causes of findings about a field of a chart's objects.

    The chart renders the Deployment web-server, and the DaemonSet web-agent from the same helper.
    """
    templates = tmp_path / "templates"
    templates.mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text(VALUES)
    (templates / "_helpers.tpl").write_text(HELPERS)
    objects = {"Deployment/web-server": "Deployment", "DaemonSet/web-agent": "DaemonSet"}
    for subject, kind in objects.items():
        name = subject.partition("-")[2]
        text = WORKLOAD.format(kind=kind, name=name)
        (templates / f"{name}.yaml").write_text(text)

    def run(*path: str, files: tuple[Path, ...] = (), both: bool = False) -> list[Finding]:
        forget_defaults()
        rule = RULE if path[-1] == "image" else "example/field"
        findings = [
            Finding(rule, "web", "", "x", 1, f"{subject} is wrong", "", subject, keys)
            for subject, keys in (
                ("Deployment/web-server", path),
                ("DaemonSet/web-agent", tuple(key.replace("server", "agent") for key in path)),
            )
        ][: 2 if both else 1]
        wrong = {rule: {each.subject for each in findings}}
        causes = locate_causes(tmp_path, Case(tmp_path, "web", files, MINORS), findings, wrong)
        known = {f.key: cause for f, cause in zip(findings, causes, strict=True) if cause}
        shown = {cause: cause.file.name for cause in known.values()}
        placed = group.place_findings(findings, known, shown).values()
        return [finding for finding, _ in group.group_findings(placed)]

    return run


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((*CONTAINER, "securityContext", "readOnlyRootFilesystem"), "_helpers.tpl:9"),
        ((*CONTAINER, "securityContext", "allowPrivilegeEscalation"), "values.yaml:2"),
        ((*CONTAINER, "securityContext", "capabilities"), "values.yaml:7"),
        ((*CONTAINER, "securityContext", "capabilities", "add"), "values.yaml:7"),
        ((*CONTAINER, "ports", "name=http", "containerPort"), "_helpers.tpl:19"),
        ((*CONTAINER, "ports", "name=metrics", "containerPort"), "_helpers.tpl:20"),
        (("spec", "selector", "matchLabels", "app"), "server.yaml:7"),
        ((*CONTAINER, "image"), "values.yaml:5"),
        (CONTAINER, "server.yaml:14"),
    ],
)
def test_names_the_line_that_renders_a_field(
    locate: Locate, path: tuple[str, ...], place: str
) -> None:
    (finding,) = locate(*path)
    assert f"{finding.file}:{finding.line}" == place


def test_names_the_values_file_that_sets_a_value(locate: Locate, tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text("image: {tag: x}\nescalation: true\n")
    path = (*CONTAINER, "securityContext", "allowPrivilegeEscalation")
    (finding,) = locate(*path, files=(file,))
    assert (finding.file, finding.line) == ("more.yaml", 2)


def test_findings_with_the_same_cause_are_one_finding_that_lists_all_objects(
    locate: Locate,
) -> None:
    (finding,) = locate(*CONTAINER, "securityContext", "readOnlyRootFilesystem", both=True)
    assert finding.objects == ("Deployment/web-server", "DaemonSet/web-agent")
    assert (finding.file, finding.line) == ("_helpers.tpl", 9)


def test_names_the_helper_if_all_objects_that_include_it_lack_a_field(locate: Locate) -> None:
    (finding,) = locate(*CONTAINER, "securityContext", "seccompProfile", both=True)
    assert finding.file == "_helpers.tpl"
    (finding,) = locate(*CONTAINER, "securityContext", "seccompProfile")
    assert finding.file != "_helpers.tpl" or finding.line == 6
    (finding,) = locate("automountServiceAccountToken", both=True)
    assert (finding.file, finding.line) == ("_helpers.tpl", 2)


def test_a_finding_of_checkov_that_repeats_one_of_this_project_is_dropped() -> None:
    own = Finding("security/read-only", "web", "", "x", 1, "wrong", subject="Pod/a")
    published = Finding("checkov/CKV_K8S_22", "web", "", "x", 1, "wrong", subject="Pod/a")
    other = Finding("checkov/CKV_K8S_22", "web", "", "x", 1, "wrong", subject="Pod/b")
    assert group.drop_repeated([own, published, other]) == [own, other]


def test_a_chart_that_does_not_render_has_no_findings_of_its_suites() -> None:
    broken = Finding("render/accepted", "web", "", "x", 1, "refused")
    suite = Finding("suites/ct-lint", "web", "", "x", 1, "failed")
    other = Finding("suites/ct-lint", "store", "", "x", 1, "failed")
    assert group.drop_following([broken, suite, other], {}) == [broken, other]


def test_all_findings_of_a_mistake_in_a_library_chart_have_the_same_cause(root: Path) -> None:
    # The helper of the library chart renders the field in every pod of the chart.
    file = root / "charts" / "common" / "templates" / "_pods.tpl"
    text = file.read_text().replace("enableServiceLinks: false", "enableServiceLinks: true")
    file.unlink()
    file.write_text(text)
    case = Case(root / "charts" / "mlflow", "mlflow", (), MINORS)
    findings = Examination(Checkout(root), case).run().findings
    wrong = {each.rule: {other.subject for other in findings} for each in findings}
    causes = locate_causes(root, case, findings, wrong)
    assert len(findings) > 1
    assert {each and (each.file.name, each.line) for each in causes} == {
        ("_pods.tpl", text[: text.index("enableServiceLinks:")].count("\n") + 1)
    }
