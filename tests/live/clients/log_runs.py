"""Log runs for some time with the retries of MLflow's client, then read all acknowledged runs.

Environment: MLFLOW_TRACKING_URI, SECONDS, PAUSE (seconds between two runs; 0 if it is not set). A
file /tmp/stop ends the time early. The last line of the output is JSON: the number of requests and
of acknowledged runs, the errors of failed calls, their start and end (Unix time in s), and the
ids of lost runs.
"""

import json
import os
import time
import uuid
from pathlib import Path

from mlflow import MlflowClient

STOP = Path("/tmp/stop")  # noqa: S108
client = MlflowClient()
experiment = client.create_experiment(f"faults-{uuid.uuid4().hex}")
acknowledged: dict[str, int] = {}
failed: list[str] = []
failed_at: list[tuple[float, float]] = []
deadline = time.monotonic() + float(os.environ["SECONDS"])
number = requests = 0
while time.monotonic() < deadline and not STOP.exists():
    number += 1
    start = time.time()
    try:
        requests += 1
        run = client.create_run(experiment).info.run_id
        requests += 1
        client.log_metric(run, "number", number)
        requests += 1
        client.log_text(run, str(number), "number.txt")
        requests += 1
        client.set_terminated(run)
    except Exception as error:
        failed.append(f"{type(error).__name__}: {error}"[:200])
        failed_at.append((start, time.time()))
    else:
        acknowledged[run] = number
        if len(acknowledged) == 1:
            print("first run acknowledged", flush=True)
    time.sleep(float(os.environ.get("PAUSE", "0")))

lost = []
for run, number in acknowledged.items():
    metric = client.get_run(run).data.metrics.get("number")
    artifact = [f.path for f in client.list_artifacts(run)]
    if metric != number or artifact != ["number.txt"]:
        lost.append(run)
counts = {
    "requests": requests,
    "acknowledged": len(acknowledged),
    "failed": failed,
    "failed_at": failed_at,
    "lost": lost,
}
print(json.dumps(counts), flush=True)
