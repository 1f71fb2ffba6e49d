"""Look at what the chart drew, and add two vectors on a GPU of each pool that has one.

The JSON file named on the command line lists the pools, and the objects with what they must hold. A
pool's addition is done by its Deployment, which is scaled up for it and down again.
"""

import json
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from apiserver import ACCOUNT, call

NAMESPACE = (ACCOUNT / "namespace").read_text()


def differences(wanted: object, found: object, at: str = "") -> list[str]:
    """What an object does not hold; conditions are held by their type."""
    if not isinstance(wanted, dict):
        return [] if str(wanted) == str(found) else [f"{at[1:]} is {found}, not {wanted}"]
    fields = found if isinstance(found, dict) else {}
    conditions = {c["type"]: c["status"] for c in fields.get("status", {}).get("conditions", [])}
    both = {**conditions, **fields}
    return [line for k, v in wanted.items() for line in differences(v, both.get(k), f"{at}.{k}")]


def look_at(thing: dict, operator: str) -> list[str]:
    """Why an object is not as it should be."""
    name = f"{thing['resource']}/{thing['name']}"
    place = {"release": NAMESPACE, "operator": operator}.get(thing["scope"])
    group = f"apis/{thing['group']}" if thing["group"] else "api"
    where = f"namespaces/{place}/" if place else ""
    found = call("GET", f"/{group}/{thing['version']}/{where}{name}")
    if found is None:
        return [f"{name} is not there"]
    wrong = [f"{name}: {line}" for line in differences(thing["hold"], found)]
    if not wrong:
        print(f"{name}: as it should be", flush=True)
    return wrong


def offered(pool: dict) -> int:
    """How many of a pool's resource its nodes offer."""
    labels = ",".join(f"{key}={value}" for key, value in pool["selector"].items())
    nodes = call("GET", f"/api/v1/nodes?{urlencode({'labelSelector': labels})}")
    there = (node["status"].get("allocatable", {}) for node in nodes["items"])
    return sum(int(each.get(pool["resource"], 0)) for each in there)


def scale(deployment: str, replicas: int) -> None:
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{deployment}/scale"
    call("PATCH", path, {"spec": {"replicas": replicas}})


def added(pool: dict, seconds: int) -> bool:
    """Add two vectors on one GPU of a pool; whether that was done in time."""
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


def try_out(pool: dict, seconds: int) -> list[str]:
    """Why a pool is not usable; one without any GPU is only told of."""
    there, name = offered(pool), f"pool {pool['name']}"
    if not there:
        print(f"{name}: no node offers {pool['resource']}, so no vectors are added", flush=True)
        return []
    if not added(pool, seconds):
        return [
            f"{name}: no addition within {seconds} s; see why with: kubectl describe pods and "
            f"kubectl logs deployment/{pool['deployment']} --container vector-add"
        ]
    print(f"{name}: vectors added on one of {there} {pool['resource']}", flush=True)
    if there != pool["offered"]:
        return [f"{name}: nodes offer {there} {pool['resource']}, not {pool['offered']}"]
    return []


def main(file: str) -> None:
    expected = json.loads(Path(file).read_text())
    wrong = [
        line
        for thing in expected["objects"]
        for line in look_at(thing, expected["operatorNamespace"])
    ]
    wrong += [
        line for pool in expected["pools"] for line in try_out(pool, expected["timeoutSeconds"])
    ]
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main(sys.argv[1])
