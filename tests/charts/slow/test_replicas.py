"""What only one process can do is refused for several replicas, and scaling has checked rules."""

import json

import pytest
from tests.charts.cases import APIS, CHARTS

from carbon.charts.render import Render, render_objects, run_template
from carbon.errors import CarbonError

DEFAULTS = {chart.name: chart.read_values() for chart in CHARTS if not chart.is_umbrella}
FOLDERS = {chart.name: chart.folder for chart in CHARTS}
SINGLE: dict[str, dict[str, object]] = {
    "mlflow": {
        "artifacts.store": "file",
        "backgroundJobs.enabled": True,
    },
    "feast": {"registry.store": "file"},
}
"""Chart -> values that only one server can use: a volume of one node, or a queue of one server."""


def list_replicas() -> list[tuple[str, str, str, object]]:
    """Return each value of SINGLE with each number of replicas of its chart's servers."""
    cases = []
    for chart, features in SINGLE.items():
        values = DEFAULTS[chart]
        sections = [key for key, each in values.items() if isinstance(each, dict)]
        servers = ["", *(f"{key}." for key in sections if "replicas" in values[key])]
        # Only the server itself has artifacts and background jobs, not oauth2-proxy.
        servers = [each for each in servers if chart == "feast" or not each]
        cases += [(chart, at, key, value) for key, value in features.items() for at in servers]
    return cases


def refuse(chart: str, values: dict[str, object]) -> str:
    """Return the message by which a chart refuses values."""
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in values.items())
    with pytest.raises(CarbonError) as refused:
        run_template(Render(FOLDERS[chart], sets=sets, apis=APIS))
    return refused.value.what


@pytest.mark.parametrize(("chart", "at", "key", "value"), list_replicas(), ids=str)
def test_a_feature_of_a_single_process_refuses_more_replicas(
    chart: str, at: str, key: str, value: object
) -> None:
    values = {key: value, "replicas": 1} | {f"{at}replicas": 3}
    message = refuse(chart, values | ({f"{at}enabled": True} if at else {}))
    assert f"- {at}replicas: " in message or f"- {key.rpartition('.')[0]}" in message


@pytest.mark.parametrize("variable", ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"])
def test_a_variable_does_not_enable_what_a_single_process_does(variable: str) -> None:
    message = refuse("mlflow", {"replicas": 3, "extraEnv": [{"name": variable, "value": "true"}]})
    assert f"extraEnv: {variable}: the chart sets" in message


SCALED = [name for name, values in DEFAULTS.items() if "behavior" in values.get("autoscaling", {})]
POLICY = {"type": "Pods", "value": 1, "periodSeconds": 60}
BEHAVIOR = {
    "scaleDown": {"stabilizationWindowSeconds": 600, "policies": [POLICY], "selectPolicy": "Min"},
    "scaleUp": {"policies": [POLICY, POLICY | {"type": "Percent"}]},
}


@pytest.mark.parametrize("chart", SCALED)
def test_the_speed_of_scaling_reaches_the_autoscaler_unchanged(chart: str) -> None:
    scaling = {"enabled": True, "maxReplicas": 2, "behavior": BEHAVIOR}
    sets = (f"autoscaling={json.dumps(scaling)}",)
    objects = render_objects(Render(FOLDERS[chart], sets=sets, apis=APIS))
    found = [each["spec"] for each in objects if each["kind"] == "HorizontalPodAutoscaler"]
    assert [each["behavior"] for each in found] == [BEHAVIOR]


@pytest.mark.parametrize("chart", SCALED)
@pytest.mark.parametrize(
    ("behavior", "place"),
    [
        ({"scaleDwn": {}}, "'scaleDwn' not allowed"),
        ({"scaleUp": {"policies": [{"type": "Pods", "value": 1}]}}, "property 'periodSeconds'"),
        ({"scaleUp": {"policies": [POLICY | {"value": 0}]}}, "/policies/0/value'"),
        ({"scaleDown": {"selectPolicy": "min"}}, "/scaleDown/selectPolicy'"),
        ({"scaleDown": {"stabilizationWindowSeconds": 3601}}, "/stabilizationWindowSeconds'"),
    ],
    ids=str,
)
def test_rules_of_scaling_that_the_api_server_refuses_are_refused(
    chart: str, behavior: object, place: str
) -> None:
    assert place in refuse(chart, {"autoscaling.behavior": behavior})
