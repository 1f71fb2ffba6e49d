"""Pods get the answers that the services table states, under production's policies in a mesh.

Clients are inside and outside the mesh. Some have the labels of a client without its ServiceAccount
or without a sidecar, and one has a client's ServiceAccount without its labels.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.charts.cases import APIS, UMBRELLA, list_pods
from tests.live.add_ons import add_addons
from tests.live.mesh.peers import NAME, Peers, Pod, start_pods
from tests.live.mesh.rights import Call, Client, allows, list_calls
from tests.live.support import JSON, Release, wait

from carbon.charts.render import Object, Render, render_objects
from carbon.check.services.attempts import ELSEWHERE, PART_OF, UNLISTED, Rights
from carbon.check.services.attempts import Peer as End
from carbon.cluster import access
from carbon.mesh.table import AGENT_PORTS, NAMESPACE, PROFILES, Entry, load_globals, read_table
from carbon.platform.target import Target

PROFILE = PROFILES["production"]
TABLE = read_table(load_globals(PROFILE))
KINDS = ("NetworkPolicy", "PeerAuthentication", "AuthorizationPolicy", "Sidecar", "DestinationRule")
RIGHTS = Rights(TABLE, NAMESPACE, "platform")
RAY = "ray-cluster-head-svc"
"""The Service of KubeRay; the services table lists no Service for Ray."""


def list_entries() -> dict[str, Entry]:
    """Return the entries with an AuthorizationPolicy, and a client for each access to each port."""
    guarded = [entry for entry in TABLE.values() if entry.authorization]
    names = {entry.name for entry in guarded}
    for port in (port for entry in guarded for port in entry.ports):
        first = {access: name for name, access in sorted(port.clients.items(), reverse=True)}
        names |= set(first.values())
    return {name: TABLE[name] for name in sorted(names)}


ENTRIES = list_entries()


def build_ends(rendered: list[Object]) -> dict[str, End]:
    """Return a pod of each entry, with the labels of a rendered pod if there is one."""
    pods = [pod["metadata"]["labels"] for _, pod in list_pods(rendered)]
    ends = {}
    for number, (name, entry) in enumerate(ENTRIES.items()):
        matching = [labels for labels in pods if entry.selects(labels, entry.namespace)]
        ours = PART_OF if entry.policies else {}
        labels = next(iter(matching), ours | dict(entry.selector or {}))
        ends[name] = End(name, f"198.18.0.{number + 1}", entry.namespace, labels)
    return ends


def build_clients(ends: Mapping[str, End]) -> list[Client]:
    """Return the pods of all entries, forgeries of those that have access to a part, strangers."""
    clients = [
        Client(end, ENTRIES[name].account or "default", ENTRIES[name].mesh)
        for name, end in ends.items()
    ]
    guarded = [port for entry in ENTRIES.values() if entry.authorization for port in entry.ports]
    listed = {name for port in guarded for name in port.clients if TABLE[name].mesh}
    for name in sorted(listed & ends.keys()):
        end, account = ends[name], ENTRIES[name].account
        clients.append(Client(replace(end, name=f"{name}-without-account"), "forged", True))
        clients.append(Client(replace(end, name=f"{name}-without-sidecar"), account, False))
    # default-deny isolates the stranger, also from istiod and DNS, so a sidecar would not start.
    for name, labels, account, mesh in (
        ("stranger", PART_OF, "default", False),
        ("neighbour", {}, "neighbour", True),
        ("account-without-labels", {}, "ray-cluster", True),
    ):
        end = End(name, "198.18.1.1", NAMESPACE, {**labels, "app": name})
        clients.append(Client(end, account, mesh))
    for name in ("ray-cluster", "portal"):
        end = replace(ends[name], name=f"{name}-elsewhere", namespace=ELSEWHERE)
        clients.append(Client(end, "default", False))
    return clients


def get_service(entry: Entry) -> str:
    return next(iter(entry.services), RAY if entry.name == "ray-cluster" else entry.name)


def build_service(entry: Entry) -> JSON:
    """Return the Service of an entry, which selects the stand-in of the entry only."""
    ports = [
        {
            "name": f"{port.name}-{number}",
            "port": number,
            "appProtocol": port.protocol,
        }
        for port in entry.ports
        if port not in AGENT_PORTS
        for number in sorted({port.first, port.last})
    ]
    metadata = {"name": get_service(entry), "namespace": entry.namespace}
    spec = {"selector": {NAME: entry.name}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def build_pod(client: Client) -> Pod:
    entry = ENTRIES.get(client.end.name)
    ports = {
        n for p in (entry.ports if entry else ()) if p not in AGENT_PORTS for n in (p.first, p.last)
    }
    numbers = [(number, "TCP") for number in sorted(ports)] or [UNLISTED]
    end = client.end
    return Pod(end.name, end.namespace, end.labels, numbers, client.account, client.mesh)


class Matrix:
    """The pods, their requests, and what the services table states of each."""

    def __init__(self, node: str) -> None:
        """Render production's policies for a node with this address."""
        assert PROFILE
        dns = f'global.services.dns.cidrs=["{node}/32"]'
        rendered = render_objects(Render(UMBRELLA.folder, (PROFILE,), (dns,), apis=APIS))
        self.policies = [
            obj
            for obj in rendered
            if obj["kind"] in KINDS and obj["metadata"]["namespace"] == NAMESPACE
        ]
        self.ends = build_ends(rendered)
        self.clients = build_clients(self.ends)
        served = [entry for entry in ENTRIES.values() if build_service(entry)["spec"]["ports"]]
        self.services = [build_service(entry) for entry in served]
        calls = [
            call
            for client in self.clients
            for entry in served
            if client.end is not self.ends[entry.name]
            for call in list_calls(client, entry, self.ends[entry.name])
        ]
        self.expected = {call: allows(TABLE, RIGHTS, call) for call in calls}

    def try_all(self, peers: Peers, calls: list[Call]) -> dict[Call, str]:
        """Send requests; return the answers that differ from the services table."""
        by_pod: dict[str, list[Call]] = {}
        for call in calls:
            by_pod.setdefault(call.client.end.name, []).append(call)
        requests = {
            name: [
                (
                    f"{get_service(call.server)}.{call.server.namespace}.svc.cluster.local",
                    call.number,
                    "TCP",
                    call.method,
                    call.path,
                )
                for call in each
            ]
            for name, each in by_pod.items()
        }
        answers = peers.ask(requests)
        return {
            call: answer
            for name, each in by_pod.items()
            for call, answer in zip(each, answers[name], strict=True)
            if (answer == call.server.name) != self.expected[call]
        }


@contextmanager
def allow_many_sidecars() -> Iterator[None]:
    """Raise the kernel's limit on inotify instances of one user until the block ends.

    All sidecars run as the user 1337, and each needs 4 instances.
    """
    limit = Path("/proc/sys/fs/inotify/max_user_instances")
    before = limit.read_text("ascii")
    limit.write_text(str(max(1024, int(before))), "ascii")
    try:
        yield
    finally:
        limit.write_text(before, "ascii")


@pytest.fixture(scope="module")
def matrix(mesh: Target) -> Matrix:
    state = access.read_state()
    assert state
    return Matrix(state.addresses.node)


@pytest.fixture(scope="module")
def peers(matrix: Matrix) -> Iterator[Peers]:
    """The pods, after each allowed request was answered, which needs the whole configuration."""
    with allow_many_sidecars(), add_addons("network-policies"):
        pods = [build_pod(client) for client in matrix.clients]
        with start_pods(pods, *matrix.services, *matrix.policies) as peers:
            peers.await_policies("ray-cluster-elsewhere", "portal-elsewhere", UNLISTED[0])
            open_calls = [call for call, right in matrix.expected.items() if right]

            def is_answered() -> bool:
                open_calls[:] = matrix.try_all(peers, open_calls)
                return not open_calls

            try:
                wait("answers to allowed requests", is_answered, 120)
            except AssertionError:
                print(*map(str, open_calls[:20]), sep="\n")
            yield peers


def test_exactly_the_requests_of_the_services_table_are_answered(
    matrix: Matrix, peers: Peers
) -> None:
    wrong = matrix.try_all(peers, [*matrix.expected])
    allowed = sum(matrix.expected.values())
    denied = len(matrix.expected) - allowed
    print(f"{len(peers.pods)} pods: {allowed} allowed, {denied} denied, {len(wrong)} wrong")
    assert 50 < allowed < denied
    assert [f"{call}: {answer}" for call, answer in wrong.items()] == []


def test_without_an_authorizationpolicy_wrong_answers_are_found(
    matrix: Matrix, peers: Peers
) -> None:
    calls = [
        call
        for call in matrix.expected
        if call.server.name == "ray-cluster" and call.port.name == "dashboard"
    ]
    [policy] = [
        each
        for each in matrix.policies
        if each["kind"] == "AuthorizationPolicy" and each["metadata"]["name"] == "ray-cluster"
    ]
    release = Release(NAMESPACE)
    release.kubectl("delete", "-f", "-", stdin=json.dumps(policy))

    def find() -> set[str]:
        return set(map(str, matrix.try_all(peers, calls)))

    wanted = {
        "portal -> ray-cluster 8265 POST /api/jobs",
        "portal-without-account -> ray-cluster 8265 GET /other",
    }
    wait("requests that the policy denied", lambda: wanted <= find(), 60)
    release.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(policy))
    wait("the policy", lambda: not find(), 60)
