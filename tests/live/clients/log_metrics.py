"""Log metrics as fast as the servers accept them, to one server after the other, in rounds.

Environment: SERVERS (a JSON map of name to URL), ROUNDS, SECONDS (of one measurement), THREADS.
Every second round has the reverse order. The last line of the output is a JSON list with a map for
each round: name -> `rate` (requests per second) and `p99` (latency in milliseconds).
"""

import json
import os
import threading
import time

from mlflow import MlflowClient

SERVERS = json.loads(os.environ["SERVERS"])
SECONDS, THREADS = float(os.environ["SECONDS"]), int(os.environ["THREADS"])


def log(client: MlflowClient, deadline: float, took: list[float]) -> None:
    """Create a run and log metrics to it until the deadline; append each duration in seconds."""
    run = client.create_run("0").info.run_id
    step = 0
    while (start := time.monotonic()) < deadline:
        step += 1
        client.log_metric(run, "loss", 1.0 / step, step=step)
        took.append(time.monotonic() - start)


def measure(address: str) -> dict[str, float]:
    """Log with THREADS clients for SECONDS; return `rate` and `p99`."""
    took: list[float] = []
    start = time.monotonic()
    deadline = start + SECONDS
    clients = [
        threading.Thread(target=log, args=(MlflowClient(address), deadline, took))
        for _ in range(THREADS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds = time.monotonic() - start
    return {
        "rate": len(took) / seconds,
        "p99": sorted(took)[int(len(took) * 0.99)] * 1000,
    }


for address in SERVERS.values():  # fill caches before the first measurement
    MlflowClient(address).create_run("0")
rounds = []
for number in range(int(os.environ["ROUNDS"])):
    order = list(SERVERS) if number % 2 == 0 else list(reversed(SERVERS))
    rounds.append({name: measure(SERVERS[name]) for name in order})
    print(f"round {number + 1}", flush=True)
print(json.dumps(rounds), flush=True)
