"""The table of who may talk to whom knows everything that is rendered, and all that it needs."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest
from tests.charts.cases import UMBRELLA, profile, renders
from tests.charts.connections import (
    Connection,
    absent,
    connections,
    entry_of,
    pod_port,
    rendered_pods,
    services,
)

from carbon.charts.files import read_yaml
from carbon.charts.render import Object, Render, render_objects
from carbon.mesh.table import PROFILES, Table, load_globals, read_table

# Each profile, and the umbrella with each of its CI values.
CASES = [(profile(name), path) for name, path in PROFILES.items()]
CASES += [(r, r.values[0]) for r in renders(UMBRELLA) if r.values]
ALL = pytest.mark.parametrize(("render", "values"), CASES, ids=lambda v: str(v or "defaults"))


def unlisted(things: Sequence[Object], table: Table) -> list[str]:
    """Workloads without an entry, each with the one that it needs."""
    return sorted(
        f"{name}: write an entry of global.services with selector"
        f" {{app: {pod['metadata']['labels'].get('app')}}}"
        for name, pod in rendered_pods(things)
        if entry_of(pod, table) is None
    )


@ALL
def test_every_workload_has_an_entry(render: Render, values: Any) -> None:
    assert unlisted(render_objects(render), read_table(load_globals(values))) == []


@ALL
def test_every_connection_that_pods_open_is_in_the_table(render: Render, values: Any) -> None:
    table = read_table(load_globals(values))
    assert absent(connections(render_objects(render), table), table) == []


@ALL
def test_an_entry_has_the_account_of_its_pods(render: Render, values: Any) -> None:
    table = read_table(load_globals(values))
    for name, pod in rendered_pods(render_objects(render)):
        entry = entry_of(pod, table)
        assert entry is not None
        assert entry.account == pod["spec"]["serviceAccountName"], name


def disagreements(things: Sequence[Object], table: Table) -> list[str]:
    """Services whose ports the table lacks, or has rules by method for and they don't call HTTP."""
    found = []
    for service in services(things):
        entry = entry_of(service.pods[0], table)
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
def test_services_and_the_table_have_the_same_ports(render: Render, values: Any) -> None:
    assert disagreements(render_objects(render), read_table(load_globals(values))) == []


def test_a_head_whose_dashboard_kuberay_calls_tcp_is_found() -> None:
    dashboard = {"name": "dashboard", "containerPort": 8265}
    pod = {
        "metadata": {"labels": {"app": "ray-cluster"}},
        "spec": {"containers": [{"name": "ray", "ports": [dashboard]}]},
    }
    group: Object = {"template": pod}
    spec = {"headGroupSpec": group, "workerGroupSpecs": []}
    cluster = {"kind": "RayCluster", "metadata": {"name": "ray-cluster"}, "spec": spec}
    table = read_table(load_globals())
    said = "ray-cluster-head-svc: 8265 has rules by method: appProtocol http"
    assert disagreements([cluster], table) == [said]
    pod["spec"]["containers"][0]["ports"] = []  # type: ignore[index]
    own = {"name": "dashboard", "port": 8265, "appProtocol": "http"}
    group["headService"] = {"spec": {"ports": [own]}}
    assert disagreements([cluster], table) == []


def test_what_pods_connect_to_is_read_from_their_objects() -> None:
    things = render_objects(profile("quickstart"))
    found = connections(things, read_table(load_globals()))
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
    scraped = connections(render_objects(profile("production")), production)
    assert Connection("prometheus", "mlflow", 5000) in scraped


def test_what_is_missing_in_the_table_is_named() -> None:
    values = deepcopy(load_globals())
    things = render_objects(profile("quickstart"))
    del values["services"]["s3-buckets"]
    del values["services"]["postgresql"]["ports"]["tcp-postgresql"]["clients"]["mlflow-migration"]
    table = read_table(values)
    assert unlisted(things, table) == [
        "Job/s3-buckets: write an entry of global.services with selector {app: s3-buckets}"
    ]
    assert absent(connections(things, table), table) == [
        "Job/s3-buckets connects to s3: write `Job/s3-buckets: all` below"
        " global.services.s3.ports.*.clients (port 9000)",
        "mlflow-migration connects to postgresql: write `mlflow-migration: all` below"
        " global.services.postgresql.ports.*.clients (port 5432)",
    ]


def test_the_table_is_read_as_the_chart_reads_it() -> None:
    # Helm merges `global` over the chart's own; nothing else may be in between.
    own = read_yaml(UMBRELLA.folder / "charts" / "mesh-policies" / "values.yaml")["global"]
    assert own["services"].keys() <= load_globals()["services"].keys()
