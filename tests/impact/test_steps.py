"""The steps of the profile `production` on the recorded cluster, with and without its policies.

The steps are in docs/production.md. An oracle that reads nothing but the policies evaluates the
connections between the recorded pods before and after each step.
"""

from collections.abc import Iterator
from functools import cache

import pytest
from tests.impact.record import CONNECTIONS, PRODUCTION, list_pod_attempts
from tests.impact.release import (
    AFTER,
    NAMESPACE,
    RELEASE,
    REPLACED,
    Case,
    is_own,
    make_workloads,
    render_profile,
    render_step,
)

from carbon.charts.render import pod_templates
from carbon.check.services.reachability import evaluate, selects
from carbon.impact.cluster import Cluster
from carbon.impact.comparison import Impact
from carbon.impact.run import Run, read_used, read_values
from carbon.impact.state import Connection, State
from carbon.impact.steps import Step, list_steps, render_release
from carbon.impact.workloads import Workload

ENDPOINTS = ("endpoints", "podMetricsEndpoints")
STEPS = [step.name for step in list_steps(read_values([PRODUCTION]), NAMESPACE)]
ENTRIES = [name for name in STEPS if name not in ("nothing", "own-pods", "namespace")]
UNLABELED = ("feature-push", "model-consumers", "ray-job-submitter")
"""Entries whose pods need labels first."""
CASES = [Case(policies=True), Case(policies=False)]


@cache
def compare(case: Case) -> dict[str, tuple[Step, Impact]]:
    """Return what each step of the profile changes."""
    used = read_used(CONNECTIONS)
    run = Run(Cluster(case.list_objects()), read_values([PRODUCTION]), NAMESPACE, used)
    return {step.name: (step, impact) for step, impact in run.compare_steps()}


def list_ends(impact: Impact) -> Iterator[tuple[Workload, Workload]]:
    return ((each.connection.source, each.connection.target) for each in impact.lost)


def test_each_entry_of_another_team_is_a_step() -> None:
    assert {"postgresql", "kafka", "datahub-gms", "datahub-ingestion", "flink"} <= {*ENTRIES}
    assert STEPS[:2] == ["nothing", "own-pods"]
    assert STEPS[-1] == "namespace"
    step, _ = compare(CASES[0])["own-pods"]
    assert step.done
    assert not any(compare(CASES[0])[name][0].done for name in [*ENTRIES, "namespace"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_first_steps_select_only_pods_of_the_release(case: Case) -> None:
    _, nothing = compare(case)["nothing"]
    _, own = compare(case)["own-pods"]
    assert [*nothing.selected, *nothing.lost] == []
    assert own.selected
    assert [str(each.workload) for each in own.selected if not is_own(each.workload)] == []
    assert [ends for ends in list_ends(own) if not any(map(is_own, ends))] == []


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("name", ENTRIES)
def test_the_step_of_an_entry_selects_only_its_pods(case: Case, name: str) -> None:
    step, impact = compare(case)[name]
    labels = step.values["global"]["services"][name]["selector"]
    mine = [each.workload for each in impact.selected]
    assert all(selects({"matchLabels": labels}, each.peer.labels) for each in mine)
    assert bool(mine) == (name not in UNLABELED)
    assert [ends for ends in list_ends(impact) if not {*ends} & {*mine}] == []


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("name", STEPS)
def test_no_step_closes_a_connection_in_use(case: Case, name: str) -> None:
    _, impact = compare(case)[name]
    assert [each for each in impact.lost if each.used] == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_step_names_the_connections_that_it_closes(case: Case) -> None:
    installed = [obj for obj in case.list_objects() if obj["kind"] == "NetworkPolicy"]
    attempts = list_pod_attempts()
    only = [one for _, _, one in attempts]
    before = evaluate(installed, only)
    for name in STEPS:
        rendered = [each for each in render_step(name) if each["kind"] == "NetworkPolicy"]
        after = evaluate([*installed, *rendered], only)
        closed = {
            (client, server, one.port, one.transport)
            for (client, server, one), was, now in zip(attempts, before, after, strict=True)
            if was and not now
        }
        changes = (each.connection for each in compare(case)[name][1].lost)
        named = {(str(c.source), str(c.target), c.port, c.transport) for c in changes}
        assert closed <= named, name
        before = after


@pytest.mark.parametrize("name", ["namespace"])
def test_the_last_step_isolates_only_pods_without_an_entry(name: str) -> None:
    _, impact = compare(AFTER)[name]
    isolated = [each.workload.name for each in impact.selected if each.isolated]
    assert sorted(isolated) == ["shell", "train-prices"]
    state = State(render_step(name))
    workloads = {each.name: each for each in make_workloads()}
    for transport in ("UDP", "TCP"):
        dns = Connection(workloads["shell"], workloads["coredns"], 53, transport)
        assert state.find_refusals(dns) == []


@pytest.mark.parametrize("name", STEPS[1:])
def test_the_own_pods_are_protected_and_reach_what_they_need(name: str) -> None:
    state = State(render_step(name))
    workloads = make_workloads()
    shell = next(each for each in workloads if each.name == "shell")
    own = [each for each in workloads if each.ours and each.namespace == NAMESPACE]
    assert len(own) > 10
    attempts = [Connection(shell, each, port, how) for each in own for port, how in each.ports]
    assert [one for one in attempts if not state.find_refusals(one)] == []
    assert compare(AFTER)[name][1].missing == []


@pytest.mark.parametrize("name", STEPS)
def test_prometheus_reaches_the_target_of_each_monitor(name: str) -> None:
    workloads = make_workloads()
    prometheus = next(each for each in workloads if each.name == "prometheus")
    state = State(render_step(name))
    found = [
        Connection(prometheus, target, port, "TCP") for target, port in list_targets(workloads)
    ]
    assert len(found) > 40
    assert [str(one) for one in found if state.find_refusals(one)] == []


def list_targets(workloads: list[Workload]) -> Iterator[tuple[Workload, int]]:
    """Yield the workloads and the ports that the recorded and the rendered monitors scrape.

    The release replaces the recorded monitors of Ray, Feast and MLflow.
    """
    objects = [*AFTER.list_objects(), *render_profile()]
    services = [obj for obj in objects if obj["kind"] == "Service"]
    for monitor in (obj for obj in objects if obj["kind"] in ("PodMonitor", "ServiceMonitor")):
        spec = monitor["spec"]
        wanted = spec["selector"]
        if monitor["kind"] == "ServiceMonitor" and wanted["matchLabels"].get("app") in REPLACED:
            continue
        ports = {end.get("port") for key in ENDPOINTS for end in spec.get(key, [])}
        for each in workloads:
            named = each.peer.ports
            if monitor["kind"] == "PodMonitor" and selects(wanted, each.peer.labels):
                yield from ((each, number) for name, number in named.items() if name in ports)
            for service in services if monitor["kind"] == "ServiceMonitor" else ():
                pods = service["spec"].get("selector") or {}
                if (
                    selects(wanted, service["metadata"].get("labels") or {})
                    and pods.items() <= each.peer.labels.items()
                    and service["metadata"]["name"] in each.services
                ):
                    targets = {p["name"]: p["targetPort"] for p in service["spec"]["ports"]}
                    yield from (
                        (each, named.get(target, target))
                        for name, target in targets.items()
                        if name in ports
                    )


def test_every_rendered_pod_has_a_monitor_or_no_metrics_port() -> None:
    """A guard of the test above: the platform's own metrics ports are among the targets."""
    targets = {(str(each), port) for each, port in list_targets(make_workloads())}
    rendered = render_profile()
    metrics = [
        port
        for obj in rendered
        for pod in pod_templates(obj)
        for container in pod["spec"]["containers"]
        for port in container.get("ports") or []
        if port.get("name") == "metrics"
    ]
    assert metrics
    assert {port["containerPort"] for port in metrics} <= {number for _, number in targets}


@pytest.mark.parametrize("name", ["nothing", "namespace"])
def test_the_charts_accept_the_values_of_a_step(name: str) -> None:
    step, _ = compare(CASES[0])[name]
    assert render_release(step.values, RELEASE, NAMESPACE)
