"""extraEnv, extraVolumeMounts and extraSidecars reach each container that connects to a store."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.charts.cases import CHARTS, RENDERS, list_pods

from carbon.charts.render import Object, Render, containers, render_objects
from carbon.errors import CarbonError

VARIABLE = {"name": "PGOPTIONS", "value": "-csearch_path=ml"}
MOUNT = {"name": "client-certificate", "mountPath": "/etc/client"}
VOLUME = {"name": "client-certificate", "secret": {"secretName": "client"}}
SIDECAR = {"name": "database-proxy", "image": "example.com/proxy:1"}

EXTENDED = [chart for chart in CHARTS if "extraSidecars" in chart.read_values()]
NODES = {"ray-cluster": ["head", "workers"], "data-services": ["postgresql", "s3"]}
"""Chart -> the sections of its values that have extraSidecars."""
CASES = [
    render
    for render in RENDERS
    if render.chart in [chart.folder for chart in EXTENDED] or render.chart.name in NODES
]


def extend(render: Render) -> Render:
    """Return a case with values for extraEnv, extraVolumeMounts, extraVolumes and extraSidecars."""
    sections = [f"{name}." for name in NODES.get(render.chart.name, [])] or [""]
    added = {
        "extraEnv": VARIABLE,
        "extraVolumeMounts": MOUNT,
        "extraVolumes": VOLUME,
        "extraSidecars": SIDECAR,
    }
    sets = [f"{at}{key}={json.dumps([each])}" for at in sections for key, each in added.items()]
    return Render(render.chart, render.values, (*render.sets, *sets), apis=render.apis)


def uses_store(container: Object) -> bool:
    """Return whether one of a container's environment variables has the address of a store."""
    stores = {"PGHOST", "S3_ENDPOINT", "MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"}
    stores |= {"RAY_REDIS_ADDRESS"}
    return not stores.isdisjoint(each["name"] for each in container.get("env") or [])


def list_clients(render: Render) -> Iterator[tuple[str, Object, Object]]:
    """Yield each container that connects to a store, after its workload and its pod."""
    for workload, pod in list_pods(render_objects(extend(render))):
        for container in containers(pod):
            if uses_store(container) or container["name"].startswith("wait-for-"):
                yield workload, pod, container


@pytest.mark.parametrize("render", CASES, ids=str)
def test_each_container_that_connects_to_a_store_gets_the_extra_variables_and_mounts(
    render: Render,
) -> None:
    for workload, pod, container in list_clients(render):
        place = f"{workload}: {container['name']}"
        assert VARIABLE in container["env"], place
        assert MOUNT in container["volumeMounts"], place
        assert VOLUME in pod["spec"]["volumes"], place


@pytest.mark.parametrize("render", CASES, ids=str)
def test_extra_sidecars_start_before_each_container_that_connects_to_a_store(
    render: Render,
) -> None:
    for workload, pod, container in list_clients(render):
        first = pod["spec"]["initContainers"][0]
        place = f"{workload}: {container['name']}"
        assert first == SIDECAR | {"restartPolicy": "Always"}, place


def add_sidecars(render: Render, section: str, names: Iterable[str]) -> Render:
    """Return a case with sidecars of these names in a section of the values."""
    path = f"{section}.extraSidecars".lstrip(".")
    sidecars = [SIDECAR | {"name": name} for name in sorted(names)]
    sets = (*render.sets, f"{path}={json.dumps(sidecars)}")
    return Render(render.chart, render.values, sets, apis=render.apis)


def list_names(render: Render) -> list[set[str]]:
    """Return the names of the containers of each pod."""
    pods = list_pods(render_objects(render))
    return [{each["name"] for each in containers(pod)} for _, pod in pods]


def list_names_beside_sidecar(render: Render, section: str) -> set[str]:
    """Return the names of the chart's containers in pods that get a sidecar of the section."""
    own = SIDECAR["name"]
    pods = list_names(add_sidecars(render, section, [own]))
    return {name for pod in pods if own in pod for name in pod} - {own}


@cache
def list_names_of_chart(chart: Path) -> frozenset[str]:
    """Return the names of all containers of a chart, in any case."""
    cases = [case for case in CASES if case.chart == chart]
    return frozenset(name for case in cases for pod in list_names(case) for name in pod)


@pytest.mark.parametrize("render", CASES, ids=str)
def test_a_sidecar_with_the_name_of_a_container_of_the_pod_is_refused(render: Render) -> None:
    for section in NODES.get(render.chart.name, [""]):
        names = list_names_beside_sidecar(render, section)
        if not names:
            continue
        with pytest.raises(CarbonError) as refused:
            render_objects(add_sidecars(render, section, names))
        # A name of an extra container of the values is reported for that container.
        lists = "extra(?:Sidecars|InitContainers|Containers)"
        reported = re.findall(rf"{lists}: (\S+): ", refused.value.what)
        assert names <= {*reported}, refused.value.what


@pytest.mark.parametrize("render", CASES, ids=str)
def test_a_sidecar_has_any_name_that_no_container_of_its_pods_has(render: Render) -> None:
    others = list_names_of_chart(render.chart)
    for section in NODES.get(render.chart.name, [""]):
        free = others - list_names_beside_sidecar(render, section)
        names = {name for name in free if not name.startswith("wait-for-")}
        render_objects(add_sidecars(render, section, names))


S3 = [
    render
    for render in CASES
    if render.chart.name != "data-services" and "AWS_DEFAULT_REGION" in str(render_objects(render))
]
"""The cases with clients of an S3 server that is not necessarily the chart's own."""
KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
ENDPOINTS = {"MLFLOW_S3_ENDPOINT_URL", "FEAST_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"}
STYLES = {"MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "AWS_CONFIG_FILE"}


def list_s3_variables(render: Render, s3: object) -> list[set[str]]:
    """Return the variables of each container that connects to the S3 store set to `s3`."""
    sets = (*render.sets, f"global.s3={json.dumps(s3)}")
    objects = render_objects(Render(render.chart, render.values, sets, apis=render.apis))
    variables = [
        {each["name"] for each in container.get("env") or []}
        for _, pod in list_pods(objects)
        for container in containers(pod)
    ]
    clients = [each for each in variables if "AWS_DEFAULT_REGION" in each]
    assert clients
    return clients


@pytest.mark.parametrize("secret", [None, {"name": ""}], ids=["null", "no name"])
@pytest.mark.parametrize("render", S3, ids=str)
def test_without_a_secret_no_container_with_an_s3_client_gets_keys_or_an_endpoint(
    render: Render, secret: object
) -> None:
    for variables in list_s3_variables(render, {"host": "", "existingSecret": secret}):
        assert not variables & (KEYS | ENDPOINTS)


@pytest.mark.parametrize("render", S3, ids=str)
def test_each_container_with_an_s3_client_gets_keys_endpoint_and_addressing_style(
    render: Render,
) -> None:
    secret = {"name": "keys", "keys": {"sessionToken": "token"}}
    s3 = {"host": "s3", "addressingStyle": "virtual", "existingSecret": secret}
    for variables in list_s3_variables(render, s3):
        assert variables >= KEYS
        assert variables & ENDPOINTS
        assert variables & STYLES
