"""Submit a job through the Jobs API that runs a task on every node of the Ray cluster."""

import json
import os
import shlex
import time
import urllib.request

URL = os.environ["RAY_DASHBOARD"]
TOKEN = os.environ.get("RAY_AUTH_TOKEN", "")
JOB = """
import socket
import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On

ray.init(log_to_driver=False)
nodes = [node for node in ray.nodes() if node["Alive"]]
task = ray.remote(num_cpus=0)(lambda: socket.gethostname())
running = [task.options(scheduling_strategy=On(n["NodeID"], soft=False)).remote() for n in nodes]
hosts = sorted(ray.get(running, timeout=120))
assert hosts == sorted(node["NodeManagerHostname"] for node in nodes), hosts
print("a task ran on each of", len(hosts), "nodes:", *hosts)
"""


def call(path, body=None):
    request = urllib.request.Request(URL + path, body and json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if TOKEN:
        request.add_header("Authorization", f"Bearer {TOKEN}")
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


job = call("/api/jobs/", {"entrypoint": f"python -c {shlex.quote(JOB)}"})["submission_id"]
while (state := call(f"/api/jobs/{job}")["status"]) in ("PENDING", "RUNNING"):
    time.sleep(1)
print(call(f"/api/jobs/{job}/logs")["logs"])
assert state == "SUCCEEDED", call(f"/api/jobs/{job}")
