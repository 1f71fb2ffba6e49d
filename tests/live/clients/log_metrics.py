"""Log metrics as fast as the servers take them, to one after the other, round by round.

Environment: SERVERS (a JSON map of name to address), ROUNDS, SECONDS (of one measurement), THREADS.
Every second round goes in the other order. Prints a JSON list, a map of name to what was measured
for each round: requests a second, and the time in milliseconds that 99 of 100 stayed below.
"""

import json
import os
import threading
import time

from mlflow import MlflowClient

SERVERS = json.loads(os.environ["SERVERS"])
SECONDS, THREADS = float(os.environ["SECONDS"]), int(os.environ["THREADS"])


def log(client: MlflowClient, deadline: float, took: list[float]) -> None:
    """Log metrics into a run of one's own until the deadline."""
    run = client.create_run("0").info.run_id
    step = 0
    while (start := time.monotonic()) < deadline:
        step += 1
        client.log_metric(run, "loss", 1.0 / step, step=step)
        took.append(time.monotonic() - start)


def measured(address: str) -> dict[str, float]:
    """What a server does for SECONDS with THREADS clients."""
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


for address in SERVERS.values():  # connections and caches, before anything counts
    MlflowClient(address).create_run("0")
rounds = []
for number in range(int(os.environ["ROUNDS"])):
    order = list(SERVERS) if number % 2 == 0 else list(reversed(SERVERS))
    rounds.append({name: measured(SERVERS[name]) for name in order})
    print(f"round {number + 1}", flush=True)
print(json.dumps(rounds), flush=True)
