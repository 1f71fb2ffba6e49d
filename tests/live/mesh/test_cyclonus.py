"""cyclonus as a second oracle for the rendered NetworkPolicies of every profile."""

import json
import re
import tempfile
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import pytest
from tests.charts.cases import of_kind, profile
from tests.check.policies import compare
from tests.check.test_policies import MUTATIONS, remove_a_client

from carbon import externals
from carbon.charts.render import Object
from carbon.check.services.attempts import Attempt, Peer
from carbon.mesh.table import PROFILES
from carbon.process import run

_ANSWER = re.compile(r"IS ALLOWED\?\s*\|\s*(TRUE|FALSE)")


@pytest.mark.parametrize("name", PROFILES)
def test_exactly_the_connections_of_the_services_table_are_open(name: str) -> None:
    assert compare(name, of_kind(profile(name), "NetworkPolicy"), evaluate) == []


def test_cyclonus_reports_a_client_that_the_policy_lacks() -> None:
    policies = deepcopy(of_kind(profile("quickstart"), "NetworkPolicy"))
    remove_a_client(policies)
    assert compare("quickstart", policies, evaluate) == [MUTATIONS[remove_a_client]]


def evaluate(policies: Sequence[Object], attempts: Sequence[Attempt]) -> list[bool]:
    """Return whether each connection is open under the policies, evaluated by cyclonus."""
    with tempfile.TemporaryDirectory() as folder:
        rendered, traffic = Path(folder, "policies.json"), Path(folder, "traffic.json")
        objects = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList"}
        rendered.write_text(json.dumps(objects | {"items": list(policies)}), "utf-8")
        traffic.write_text(json.dumps([_describe(one) for one in attempts]), "utf-8")
        command: list[str | Path] = [externals.ensure_program("cyclonus"), "analyze"]
        command += ["--mode", "query-traffic"]
        command += ["--policy-path", rendered, "--traffic-path", traffic]
        output = run(command, timeout=300)
    answers = [answer == "TRUE" for answer in _ANSWER.findall(output)]
    total = len(attempts)
    assert len(answers) == total, f"cyclonus evaluated {len(answers)} of {total} connections"
    return answers


def _describe(one: Attempt) -> Object:
    """Return a connection in the format of cyclonus."""

    def describe_peer(peer: Peer) -> Object:
        internal = {
            "Namespace": peer.namespace,
            "NamespaceLabels": {"kubernetes.io/metadata.name": peer.namespace},
            "PodLabels": dict(peer.labels),
        }
        return {"IP": peer.address} | ({"Internal": internal} if peer.namespace else {})

    return {
        "Source": describe_peer(one.source),
        "Destination": describe_peer(one.target),
        "Protocol": one.transport,
        "ResolvedPort": one.port,
        "ResolvedPortName": "",
    }
