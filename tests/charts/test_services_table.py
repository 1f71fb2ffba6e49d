"""The services table: it has an entry for each workload and allows each connection of a pod."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest
from tests.charts.cases import UMBRELLA, list_pods, profile, renders
from tests.charts.connections import (
    Connection,
    find_connections,
    find_entry,
    list_missing,
    list_services,
    pod_port,
)

from carbon.charts.render import Object, Render, render_objects
from carbon.files import read_yaml
from carbon.mesh.table import PROFILES, Table, load_globals, read_table

# Each profile, and the umbrella with each of its CI values files.
CASES = [(profile(name), path) for name, path in PROFILES.items()]
CASES += [(r, r.values[0]) for r in renders(UMBRELLA) if r.values]
ALL = pytest.mark.parametrize(("render", "values"), CASES, ids=lambda v: str(v or "defaults"))


def list_unlisted(rendered: Sequence[Object], table: Table) -> list[str]:
    """Return the entry to add for each workload without an entry in the services table."""
    return sorted(
        f"{name}: write an entry of global.services with selector"
        f" {{app: {pod['metadata']['labels'].get('app')}}}"
        for name, pod in list_pods(rendered)
        if find_entry(pod, table) is None
    )


@ALL
def test_every_workload_has_an_entry_in_the_services_table(render: Render, values: Any) -> None:
    assert list_unlisted(render_objects(render), read_table(load_globals(values))) == []


@ALL
def test_every_connection_of_a_pod_is_in_the_services_table(render: Render, values: Any) -> None:
    table = read_table(load_globals(values))
    assert list_missing(find_connections(render_objects(render), table), table) == []


@ALL
def test_every_entry_names_the_service_account_of_its_pods(render: Render, values: Any) -> None:
    table = read_table(load_globals(values))
    for name, pod in list_pods(render_objects(render)):
        entry = find_entry(pod, table)
        assert entry is not None
        assert entry.account == pod["spec"]["serviceAccountName"], name


def find_differences(rendered: Sequence[Object], table: Table) -> list[str]:
    """Return differences between the ports of Services and of the services table.

    A port with rules per HTTP method needs an appProtocol of HTTP, or Istio cannot apply the rules.
    """
    found = []
    for service in list_services(rendered):
        entry = find_entry(service.pods[0], table)
        if entry is None or (entry.services and service.name not in entry.services):
            found.append(f"{service.name}: no entry has it among its services")
            continue
        for port in service.ports:
            number = pod_port(port, service.pods)
            mine = [p for p in entry.ports if p.first <= number <= p.last]
            if len(mine) != 1:
                found.append(f"{service.name}: {number} is not one port of {entry.name}")
            elif mine[0].access and port["appProtocol"] not in ("http", "grpc"):
                found.append(f"{service.name}: {number} has rules by method: appProtocol http")
    return found


@ALL
def test_services_and_the_services_table_have_the_same_ports(render: Render, values: Any) -> None:
    assert find_differences(render_objects(render), read_table(load_globals(values))) == []


def test_a_dashboard_port_with_app_protocol_tcp_is_reported() -> None:
    dashboard = {"name": "dashboard", "containerPort": 8265}
    pod = {
        "metadata": {"labels": {"app": "ray-cluster"}},
        "spec": {"containers": [{"name": "ray", "ports": [dashboard]}]},
    }
    group: Object = {"template": pod}
    spec = {"headGroupSpec": group, "workerGroupSpecs": []}
    cluster = {"kind": "RayCluster", "metadata": {"name": "ray-cluster"}, "spec": spec}
    table = read_table(load_globals())
    message = "ray-cluster-head-svc: 8265 has rules by method: appProtocol http"
    assert find_differences([cluster], table) == [message]
    pod["spec"]["containers"][0]["ports"] = []  # type: ignore[index]
    own = {"name": "dashboard", "port": 8265, "appProtocol": "http"}
    group["headService"] = {"spec": {"ports": [own]}}
    assert find_differences([cluster], table) == []


def test_connections_are_read_from_rendered_pods_and_monitors() -> None:
    found = find_connections(render_objects(profile("quickstart")), read_table(load_globals()))
    assert found >= {
        Connection("mlflow", "postgresql", 5432),
        Connection("mlflow", "s3", 9000),
        Connection("mlflow-migration", "postgresql", 5432),
        Connection("mlflow-test", "mlflow", 5000),
        Connection("postgresql-databases", "postgresql", 5432),
        Connection("s3-buckets", "s3", 9000),
        Connection("data-services-credentials", "kubernetes-api"),
    }
    production = read_table(load_globals(PROFILES["production"]))
    scraped = find_connections(render_objects(profile("production")), production)
    assert Connection("prometheus", "mlflow", 5000) in scraped


def test_messages_name_the_missing_entries_and_clients() -> None:
    values = deepcopy(load_globals())
    rendered = render_objects(profile("quickstart"))
    del values["services"]["s3-buckets"]
    del values["services"]["postgresql"]["ports"]["tcp-postgresql"]["clients"]["mlflow-migration"]
    table = read_table(values)
    assert list_unlisted(rendered, table) == [
        "Job/s3-buckets: write an entry of global.services with selector {app: s3-buckets}"
    ]
    assert list_missing(find_connections(rendered, table), table) == [
        "Job/s3-buckets connects to s3: write `Job/s3-buckets: all` below"
        " global.services.s3.ports.*.clients (port 9000)",
        "mlflow-migration connects to postgresql: write `mlflow-migration: all` below"
        " global.services.postgresql.ports.*.clients (port 5432)",
    ]


def test_the_services_table_contains_every_entry_of_the_policies_chart() -> None:
    # Helm merges the umbrella's `global` over the chart's; the Python code must do the same.
    own = read_yaml(UMBRELLA.folder / "charts" / "mesh-policies" / "values.yaml")["global"]
    assert own["services"].keys() <= load_globals()["services"].keys()
