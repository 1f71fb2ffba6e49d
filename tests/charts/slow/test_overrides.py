"""An override of a name, or of a ServiceAccount, needs the new name in the services table."""

import json
from typing import Any

import pytest
from tests.charts.cases import APIS, UMBRELLA, of_kind

from carbon.charts.render import Render, run_template
from carbon.errors import CarbonError

TRACKING = {
    "mlflow": {"selector": {"app": "tracking"}, "serviceAccount": "tracking"}
    | {"services": ["tracking"]},
    "mlflow-migration": {
        "selector": {"app": "tracking-migration"},
        "serviceAccount": "tracking",
    },
    "mlflow-test": {"selector": {"app": "tracking-test"}, "serviceAccount": "tracking"},
}
RENAMED = {"fullnameOverride": "tracking"}


def render(**values: Any) -> Render:
    """Return a render of the umbrella with values by the name of a chart, or `services`."""
    shared = {"services": values.pop("services", {}), "mesh": {"enabled": True}}
    given = {name.replace("_", "-"): each for name, each in values.items()} | {"global": shared}
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in given.items())
    return Render(UMBRELLA.folder, sets=sets, apis=APIS)


@pytest.mark.parametrize(
    ("values", "chart", "pods"),
    [
        ({"mlflow": RENAMED}, "mlflow", "tracking"),
        ({"mlflow": {"nameOverride": "tracking"}}, "mlflow", "tracking"),
        ({"feast": {"nameOverride": "features"}}, "feast", "features-server"),
        ({"ray_cluster": {"fullnameOverride": "ray"}}, "ray-cluster", "ray-head"),
        ({"data_services": {"redis": {"nameOverride": "cache"}}}, "data-services", "cache"),
        ({"gpu_pool": {"enabled": True, "nameOverride": "gpus"}}, "gpu-pool", "gpus-test"),
        ({"backup": {"enabled": True, "fullnameOverride": "saved"}}, "backup", "saved-drill"),
    ],
)
def test_an_override_is_refused_while_no_entry_selects_its_pods(
    values: dict[str, Any], chart: str, pods: str
) -> None:
    with pytest.raises(CarbonError) as refused:
        run_template(render(**values))
    assert f"global.services: no entry selects the pods of {pods} (app: " in refused.value.what
    assert f"or remove nameOverride and fullnameOverride below {chart}" in refused.value.what


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"serviceAccount": "mlflow"}, "mlflow.serviceAccount: the pods of tracking have the"),
        ({"services": ["mlflow"]}, "mlflow.services: the list has no tracking"),
    ],
)
def test_an_entry_needs_the_serviceaccount_and_the_service(
    change: dict[str, Any], message: str
) -> None:
    services = TRACKING | {"mlflow": TRACKING["mlflow"] | change}
    with pytest.raises(CarbonError, match=message):
        run_template(render(mlflow=RENAMED, services=services))


def test_a_name_of_a_serviceaccount_is_compared_with_the_services_table() -> None:
    with pytest.raises(CarbonError, match="the pods of mlflow have the ServiceAccount own"):
        run_template(render(mlflow={"serviceAccount": {"name": "own"}}))


def test_policies_and_principals_follow_the_services_table() -> None:
    rendered = render(mlflow=RENAMED, services=TRACKING)
    policies = of_kind(rendered, "NetworkPolicy", "AuthorizationPolicy")
    by_name = {(each["kind"], each["metadata"]["name"]): each["spec"] for each in policies}
    selected = by_name["NetworkPolicy", "mlflow"]["podSelector"]
    assert selected == {"matchLabels": {"app": "tracking"}}
    assert "sa/tracking" in str(by_name["AuthorizationPolicy", "mlflow"]["rules"])


def test_without_mesh_policies_every_name_is_accepted() -> None:
    assert run_template(render(mlflow=RENAMED, mesh_policies={"enabled": False})).documents
