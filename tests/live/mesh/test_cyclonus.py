"""What cyclonus, which others use on real clusters, computes from the rendered NetworkPolicies:
the table's connections are open and no others, in every profile."""

import json
import re
import tempfile
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import pytest
from tests.charts.cases import of_kind, profile
from tests.charts.test_network_policies import MUTATIONS, differences, forget_a_client
from tests.charts.traffic import Peer, Try

from carbon import externals
from carbon.charts.render import Object
from carbon.mesh.table import PROFILES
from carbon.process import run

_ANSWER = re.compile(r"IS ALLOWED\?\s*\|\s*(TRUE|FALSE)")


@pytest.mark.parametrize("name", PROFILES)
def test_exactly_the_tables_connections_are_open(name: str) -> None:
    assert differences(name, of_kind(profile(name), "NetworkPolicy"), computed) == []


def test_it_finds_what_is_forgotten() -> None:
    policies = deepcopy(of_kind(profile("quickstart"), "NetworkPolicy"))
    forget_a_client(policies)
    assert differences("quickstart", policies, computed) == [MUTATIONS[forget_a_client]]


def computed(policies: Sequence[Object], every: Sequence[Try]) -> list[bool]:
    """Whether each connection is open under the policies, as cyclonus computes it."""
    with tempfile.TemporaryDirectory() as folder:
        drawn, traffic = Path(folder, "policies.json"), Path(folder, "traffic.json")
        whole = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList"}
        drawn.write_text(json.dumps(whole | {"items": list(policies)}), "utf-8")
        traffic.write_text(json.dumps([_traffic(one) for one in every]), "utf-8")
        command: list[str | Path] = [externals.ensure_program("cyclonus"), "analyze"]
        command += ["--mode", "query-traffic"]
        command += ["--policy-path", drawn, "--traffic-path", traffic]
        said = run(command, timeout=300)
    answers = [answer == "TRUE" for answer in _ANSWER.findall(said)]
    assert len(answers) == len(every), f"cyclonus answered {len(answers)} of {len(every)}"
    return answers


def _traffic(one: Try) -> Object:
    def end(peer: Peer) -> Object:
        inside = {
            "Namespace": peer.namespace,
            "NamespaceLabels": {"kubernetes.io/metadata.name": peer.namespace},
            "PodLabels": dict(peer.labels),
        }
        return {"IP": peer.address} | ({"Internal": inside} if peer.namespace else {})

    return {
        "Source": end(one.source),
        "Destination": end(one.target),
        "Protocol": one.transport,
        "ResolvedPort": one.port,
        "ResolvedPortName": "",
    }
