"""kube-validate reports what the API server refuses although the JSON Schemas accept it."""

from typing import Any

import pytest
from tests.check.example import build_chart

from carbon.check.causes.group import drop_refused
from carbon.check.findings import Finding
from carbon.check.programs.kube_validate import ACCEPTED, DEFAULTED, split_field, validate


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("kind: CronJob\nspec: {concurrencyPolicy: forbid}", ("spec", "concurrencyPolicy")),
        ("kind: Service\nspec: {type: Loadbalancer}", ("spec", "type")),
        (
            "kind: StatefulSet\nspec: {persistentVolumeClaimRetentionPolicy: {whenDeleted: keep}}",
            ("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"),
        ),
        ("kind: CronJob\nspec: {schedule: 0 3 * * 7}", ("spec", "schedule")),
        ("kind: Service\nspec: {ports: [{protocol: tcp}]}", ("spec", "ports", "name=http")),
        (
            "kind: Deployment\nspec: {template: {spec: {containers: [{imagePullPolicy: Alwys}]}}}",
            ("spec", "template", "spec", "containers", "name=main", "imagePullPolicy"),
        ),
        ("kind: PodDisruptionBudget\nspec: {minAvailable: 1}", ("spec",)),
    ],
)
def test_reports_the_field_that_the_api_server_refuses(text: str, path: tuple[str, ...]) -> None:
    obj = build_chart(text, {}).objects[0]
    ((rule, found, what),) = validate({"x": obj})["x"]
    assert rule == ACCEPTED
    assert found[: len(path)] == path
    assert what


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (
            "kind: StatefulSet\nspec: {volumeClaimTemplates: [{metadata: {name: data}, spec: "
            "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}",
            "spec.volumeClaimTemplates[0].kind",
        ),
        ("kind: NetworkPolicy\nspec: {ingress: [{ports: [{port: 80}]}]}", "ports[0].protocol"),
        (
            "kind: HTTPRoute\nspec: {rules: [{backendRefs: [{name: web, port: 80}]}]}",
            "spec.rules[0].backendRefs[0].weight",
        ),
    ],
)
def test_reports_a_field_that_the_api_server_adds_in_a_list(text: str, field: str) -> None:
    obj = build_chart(text, {}).objects[0]
    found = [what for rule, _, what in validate({"x": obj})["x"] if rule == DEFAULTED]
    assert any(field in what for what in found), found


def test_reports_no_field_that_the_api_server_adds_elsewhere() -> None:
    text = "kind: Deployment\nspec: {template: {spec: {containers: [{ports: [{name: http}]}]}}}"
    assert validate({"x": build_chart(text, {}).objects[0]}) == {"x": []}


def test_accepts_a_kind_of_another_project() -> None:
    chart = build_chart("kind: Backup\napiVersion: velero.io/v1", {})
    assert validate({"x": chart.objects[0]}) == {"x": []}


@pytest.mark.parametrize(
    ("field", "keys"),
    [
        ("spec.ports[0].port", ("spec", "ports", "name=http", "port")),
        ("spec.rules[0].host", ("spec", "rules", "0", "host")),
        ("spec.limits[memory]", ("spec", "limits", "memory")),
        ("", ()),
    ],
)
def test_reads_a_field_as_keys(field: str, keys: tuple[str, ...]) -> None:
    body: dict[str, Any] = {"spec": {"ports": [{"name": "http"}], "rules": [{"host": "x"}]}}
    assert split_field(field, body) == keys


def test_drops_a_refusal_at_the_line_of_another_finding() -> None:
    refused = Finding(ACCEPTED, "web", "", "values.yaml", 7, "refused")
    other = Finding("schedules/cron", "web", "", "values.yaml", 7, "wrong")
    assert list(drop_refused({refused: refused, other: other})) == [other]
    assert list(drop_refused({refused: refused})) == [refused]
