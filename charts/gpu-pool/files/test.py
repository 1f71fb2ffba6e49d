"""Verify the objects of the chart, and add two vectors on a GPU of each pool that has one.

The JSON file named on the command line lists the objects, each with the fields that it must have,
and the pools. The Deployment of a pool performs the vector addition: the test scales it to one
replica and back to none.
"""

import json
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from apiserver import ACCOUNT, call

NAMESPACE = (ACCOUNT / "namespace").read_text()


def compare(expected: object, actual: object, path: str = "") -> list[str]:
    """List the expected fields that an object lacks; a condition is a field named by its type."""
    if not isinstance(expected, dict):
        return [] if str(expected) == str(actual) else [f"{path[1:]} is {actual}, not {expected}"]
    fields = actual if isinstance(actual, dict) else {}
    conditions = {c["type"]: c["status"] for c in fields.get("status", {}).get("conditions", [])}
    values = {**conditions, **fields}
    return [
        difference
        for key, value in expected.items()
        for difference in compare(value, values.get(key), f"{path}.{key}")
    ]


def verify_object(expected: dict, operator_namespace: str) -> list[str]:
    """List the differences between an object on the cluster and what the chart expects of it."""
    name = f"{expected['resource']}/{expected['name']}"
    namespaces = {"release": NAMESPACE, "operator": operator_namespace}
    namespace = namespaces.get(expected["scope"])
    group = f"apis/{expected['group']}" if expected["group"] else "api"
    within = f"namespaces/{namespace}/" if namespace else ""
    actual = call("GET", f"/{group}/{expected['version']}/{within}{name}")
    if actual is None:
        return [f"{name} does not exist"]
    differences = [f"{name}: {line}" for line in compare(expected["hold"], actual)]
    if not differences:
        print(f"{name}: as expected", flush=True)
    return differences


def count_offered(pool: dict) -> int:
    """Count the GPUs, or shares of GPUs, that the nodes of a pool offer."""
    labels = ",".join(f"{key}={value}" for key, value in pool["selector"].items())
    nodes = call("GET", f"/api/v1/nodes?{urlencode({'labelSelector': labels})}")
    allocatable = (node["status"].get("allocatable", {}) for node in nodes["items"])
    return sum(int(amounts.get(pool["resource"], 0)) for amounts in allocatable)


def scale(deployment: str, replicas: int) -> None:
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{deployment}/scale"
    call("PATCH", path, {"spec": {"replicas": replicas}})


def add_vectors(pool: dict, seconds: int) -> bool:
    """Add two vectors on one GPU of a pool; return whether the addition succeeded in time."""
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{pool['deployment']}"
    deadline = time.monotonic() + seconds
    scale(pool["deployment"], 1)
    try:
        while time.monotonic() < deadline:
            if call("GET", path)["status"].get("readyReplicas"):
                return True
            time.sleep(2)
        return False
    finally:
        scale(pool["deployment"], 0)


def verify_pool(pool: dict, seconds: int) -> list[str]:
    """List the reasons why a pool is not usable; a pool without any GPU is only reported."""
    offered, name = count_offered(pool), f"pool {pool['name']}"
    if not offered:
        print(f"{name}: no node offers {pool['resource']}, so no vectors are added", flush=True)
        return []
    if not add_vectors(pool, seconds):
        return [
            f"{name}: the vector addition did not succeed within {seconds} s. For the reason run: "
            f"kubectl describe pods; "
            f"kubectl logs deployment/{pool['deployment']} --container vector-add"
        ]
    print(f"{name}: vectors added on one of {offered} {pool['resource']}", flush=True)
    if offered != pool["offered"]:
        return [f"{name}: nodes offer {offered} {pool['resource']}, not {pool['offered']}"]
    return []


def main(file: str) -> None:
    expected = json.loads(Path(file).read_text())
    problems = [
        line
        for each in expected["objects"]
        for line in verify_object(each, expected["operatorNamespace"])
    ]
    problems += [
        line for pool in expected["pools"] for line in verify_pool(pool, expected["timeoutSeconds"])
    ]
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main(sys.argv[1])
