"""The node closes and opens what the services table states, under the quickstart's NetworkPolicies.

Each pair of pods tries each port that one of them has or uses. The test of the tier `static`, which
computes from the policies what is open, tries the same connections.
"""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import cache

import pytest
import yaml
from tests.charts.cases import of_kind, profile
from tests.check.policies import attempts, expected
from tests.check.test_policies import MUTATIONS, remove_a_client, remove_default_deny
from tests.live.add_ons import add_addons
from tests.live.mesh.peers import Peers, Pod, start_pods

from carbon.charts.render import Object
from carbon.check.services.attempts import Attempt
from carbon.check.services.attempts import Peer as End
from carbon.cluster.access import kubectl
from carbon.platform.target import Target

PROFILE = "quickstart"
POLICIES = of_kind(profile(PROFILE), "NetworkPolicy")
APPLY = ("apply", "--server-side", "--force-conflicts", "-f", "-")


@cache
def list_cases() -> list[tuple[Attempt, bool]]:
    """Return the connections between different pods, and whether the services table allows each."""
    every = zip(attempts(PROFILE), expected(PROFILE), strict=True)
    return [
        (one, right)
        for one, right in every
        if one.source.namespace and one.target.namespace and one.source is not one.target
    ]


def name_pod(end: End) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{end.name}".lower()).strip("-")


def build_pods() -> list[Pod]:
    """Return a pod for each end of a connection; it answers on each port that another pod tries."""
    ports: dict[End, set[tuple[int, str]]] = {}
    for one, _ in list_cases():
        ports.setdefault(one.target, set()).add((one.port, one.transport))
    return [
        Pod(name_pod(end), end.namespace, end.labels, sorted(numbers))
        for end, numbers in ports.items()
    ]


@pytest.fixture(scope="module")
def peers(cluster: Target) -> Iterator[Peers]:
    with add_addons("network-policies"), start_pods(build_pods()) as peers:
        kubectl(*APPLY, stdin=yaml.safe_dump_all(POLICIES))
        await_policies(peers)
        yield peers


def await_policies(peers: Peers) -> None:
    """Wait until the policies are enforced; no policy of the quickstart selects these pods."""
    peers.await_policies("feast-ui-in-another-namespace", "feast-apply-in-another-namespace", 4242)


def try_all(peers: Peers, cases: Sequence[tuple[Attempt, bool]]) -> list[str]:
    """Try connections, print their number, and return those that differ from the table."""
    by_pod: dict[str, list[tuple[Attempt, bool]]] = {}
    for one, right in cases:
        by_pod.setdefault(name_pod(one.source), []).append((one, right))
    requests = {
        name: [
            (peers.addresses[name_pod(one.target)], one.port, one.transport, "GET", "/")
            for one, _ in each
        ]
        for name, each in by_pod.items()
    }
    answers = peers.ask(requests)
    found = [
        (one, right, answer)
        for name, each in by_pod.items()
        for (one, right), answer in zip(each, answers[name], strict=True)
    ]
    wrong = [
        f"{one} is {'closed' if right else 'open'} ({answer})"
        for one, right, answer in found
        if (answer == name_pod(one.target)) != right
    ]
    allowed = sum(right for _, right in cases)
    print(f"{allowed} allowed, {len(cases) - allowed} denied, {len(wrong)} wrong")
    return wrong


def test_exactly_the_connections_of_the_services_table_are_open(peers: Peers) -> None:
    cases = list_cases()
    assert 0 < sum(right for _, right in cases) < len(cases) / 2
    assert try_all(peers, cases) == []


@pytest.mark.parametrize("mutate", [remove_a_client, remove_default_deny], ids=lambda m: m.__name__)
def test_a_wrong_policy_is_found(peers: Peers, mutate: object) -> None:
    policies: list[Object] = deepcopy(POLICIES)
    mutate(policies)  # type: ignore[operator]
    names = {each["metadata"]["name"] for each in policies}
    removed = [each for each in POLICIES if each["metadata"]["name"] not in names]
    try:
        kubectl(*APPLY, stdin=yaml.safe_dump_all(policies))
        if removed:
            kubectl("delete", "-f", "-", stdin=yaml.safe_dump_all(removed))
        await_policies(peers)
        wanted = MUTATIONS[mutate]  # type: ignore[index]
        about = ("StatefulSet/postgresql", "a pod of another project")
        wrong = try_all(peers, [each for each in list_cases() if each[0].target.name in about])
        assert [line for line in wrong if wanted in line], wrong[:5]
    finally:
        kubectl(*APPLY, stdin=yaml.safe_dump_all(POLICIES))
        await_policies(peers)
