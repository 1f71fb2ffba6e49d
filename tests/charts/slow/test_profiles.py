"""The profile `small-server` fits its machine, and releases of `production` fit one cluster."""

import json
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from tests.charts.cases import APIS, UMBRELLA, profile

from carbon.charts.render import Render, identity, render_objects, run_template
from carbon.check.capacity.loads import Load, list_loads, sum_loads
from carbon.check.render.objects import RenderedChart, list_objects
from carbon.errors import CarbonError
from carbon.home import ROOT

PROFILE = Render(UMBRELLA.folder, (ROOT / "values" / "small-server.yaml",), apis=APIS)
PRODUCTION = profile("production")
MACHINE = {"cpu": Decimal(8), "memory": Decimal(32 * 10**9)}


@cache
def read_loads() -> tuple[Load, ...]:
    chart = RenderedChart("254carbon", list_objects(run_template(PROFILE).documents))
    return tuple(list_loads(chart, {}))


@pytest.mark.parametrize("what", MACHINE)
def test_the_requests_are_60_to_90_percent_of_the_machine(what: str) -> None:
    servers = [load for load in read_loads() if load.kind == "server"]
    always = sum(load.compute_amount("requests", what) * load.pods for load in servers)
    highest = sum_loads(read_loads(), "requests", what)
    assert Decimal("0.6") < always / MACHINE[what]
    assert highest / MACHINE[what] < Decimal("0.9")


@pytest.mark.parametrize("what", MACHINE)
@pytest.mark.parametrize("name", ["Deployment/feast-server", "StatefulSet/ray-cluster-head"])
def test_feast_and_ray_are_larger_than_in_the_quickstart(name: str, what: str) -> None:
    small = RenderedChart(
        "254carbon", list_objects(run_template(Render(UMBRELLA.folder, apis=APIS)).documents)
    )
    quickstart = {load.object.identity: load for load in list_loads(small, {})}[name]
    [load] = [each for each in read_loads() if each.object.identity == name]
    assert load.compute_amount("requests", what) > quickstart.compute_amount("requests", what)


def test_the_charts_refuse_more_than_the_machine() -> None:
    resources = json.dumps({"requests": {"cpu": "5"}, "limits": {"cpu": "5"}})
    with pytest.raises(CarbonError, match=r"capacity\.nodes: requests can add up to [\d.]+ cores"):
        run_template(replace(PROFILE, sets=(f"ray-cluster.workers.resources={resources}",)))


def list_names(namespace: str, drill: str) -> set[tuple[str, str, str]]:
    """Return kind, namespace and name of the objects of production in a namespace."""
    keys = ("backup.drill", "mlflow", "feast", "ray-cluster.head")
    sets = [f'{key}.priorityClassName=""' for key in keys]
    for name in ("daily", "weekly"):
        sets.append(f"backup.schedules.{name}.namespaces={json.dumps([namespace])}")
    sets.append(f"backup.drill.namespace={json.dumps(drill)}")
    render = replace(PRODUCTION, namespace=namespace, sets=tuple(sets))
    found = (obj for obj in render_objects(render) if obj)
    return {
        (obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
        for obj in found
    }


def test_two_releases_share_no_object_but_those_of_a_shared_restore_drill() -> None:
    first = list_names("data-platform", "restore-drill")
    shared = first & list_names("second", "restore-drill")
    assert ("Namespace", "", "restore-drill") in shared
    assert {each for each in shared if "restore-drill" not in each} == set()
    assert first & list_names("second", "second-restore-drill") == set()


def test_production_has_as_many_pods_of_feast_as_the_cluster() -> None:
    objects = [obj for obj in render_objects(PRODUCTION) if obj]
    [server] = [obj for obj in objects if identity(obj) == "Deployment/feast-server"]
    assert server["spec"]["replicas"] == 2
