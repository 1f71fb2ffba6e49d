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

MEMORY = "nvidia.com/gpu.memory"
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


def list_nodes(pool: dict) -> list[dict]:
    """List the nodes of a pool."""
    labels = ",".join(f"{key}={value}" for key, value in pool["selector"].items())
    return call("GET", f"/api/v1/nodes?{urlencode({'labelSelector': labels})}")["items"]


def count_offered(pool: dict, nodes: list[dict]) -> int:
    """Count the GPUs, or shares of GPUs, that the nodes of a pool offer."""
    allocatable = (node["status"].get("allocatable", {}) for node in nodes)
    return sum(int(amounts.get(pool["resource"], 0)) for amounts in allocatable)


def compare_memory(pool: dict, nodes: list[dict]) -> list[str]:
    """List the nodes whose GPUs have a memory that differs by more than an eighth from the pool's.

    GPU feature discovery sets the label to the MiB of one GPU that applications can use. Of 12 GiB
    of a K80 with ECC, these are 11441 MiB.
    """
    differences = []
    for node in nodes if "memory" in pool else ():
        name, labels = node["metadata"]["name"], node["metadata"].get("labels", {})
        memory = int(labels.get(MEMORY, 0)) << 20
        if memory and abs(memory - pool["memory"]) > pool["memory"] / 8:
            has = f"{labels[MEMORY]} MiB of memory per GPU, not {pool['memory'] >> 20} MiB"
            differences.append(f"pool {pool['name']}: node {name} has {has}")
    return differences


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
    nodes, name = list_nodes(pool), f"pool {pool['name']}"
    offered = count_offered(pool, nodes)
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
    differences = compare_memory(pool, nodes)
    if offered != pool["offered"]:
        differences.append(
            f"{name}: nodes offer {offered} {pool['resource']}, not {pool['offered']}"
        )
    return differences


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
