"""Read a feature over HTTP and gRPC for some time without retries; print the counts as JSON.

Environment: HOST, SECONDS, FEATURE (view:name), KEY (the entity's join key), ID, EXPECTED (the
value that every read must return), and PAUSE (seconds between two reads; 0.02 if it is not set). A
file /tmp/stop ends the time early. `failed_at` has the start and the end of each failed read (Unix
time in seconds). Each protocol reuses its connection, as clients do.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import grpc  # type: ignore[import-untyped]
import requests
from feast.protos.feast.serving import ServingService_pb2 as messages  # type: ignore
from feast.protos.feast.serving.GrpcServer_pb2_grpc import GrpcFeatureServerStub  # type: ignore
from feast.protos.feast.types.Value_pb2 import RepeatedValue, Value  # type: ignore

HOST, FEATURE, KEY, ID = (os.environ[name] for name in ("HOST", "FEATURE", "KEY", "ID"))
EXPECTED = float(os.environ["EXPECTED"])
PAUSE = float(os.environ.get("PAUSE", "0.02"))
STOP = Path("/tmp/stop")  # noqa: S108
END = time.monotonic() + float(os.environ["SECONDS"])

session = requests.Session()
stub = GrpcFeatureServerStub(grpc.insecure_channel(f"{HOST}:6567"))


def read_http() -> float:
    body = {"features": [FEATURE], "entities": {KEY: [ID]}}
    answer = session.post(f"http://{HOST}:6566/get-online-features", json=body, timeout=10)
    answer.raise_for_status()
    return float(answer.json()["results"][-1]["values"][0])


def read_grpc() -> float:
    request = messages.GetOnlineFeaturesRequest(
        features=messages.FeatureList(val=[FEATURE]),
        entities={KEY: RepeatedValue(val=[Value(string_val=ID)])},
    )
    return float(stub.GetOnlineFeatures(request, timeout=10).results[-1].values[0].double_val)


def read(protocol: str, once: Callable[[], float], counts: dict[str, object]) -> None:
    correct, failed, failed_at, outage, last = 0, [], [], 0.0, time.monotonic()
    while time.monotonic() < END and not STOP.exists():
        start = time.time()
        try:
            got = once()
            assert got == EXPECTED, got
        except Exception as error:
            failed.append(f"{type(error).__name__}: {error}"[:160])
            failed_at.append((start, time.time()))
        else:
            correct += 1
            now = time.monotonic()
            outage, last = max(outage, now - last), now
            if correct == 1:
                print(f"first read over {protocol}", flush=True)
        time.sleep(PAUSE)
    counts[protocol] = {
        "read": correct,
        "failed": len(failed),
        "failed_at": failed_at,
        "errors": sorted(set(failed))[:3],
        "longest gap, s": round(outage, 1),
    }


counts: dict[str, object] = {}
threads = [
    threading.Thread(target=read, args=(name, once, counts))
    for name, once in (("http", read_http), ("grpc", read_grpc))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(counts), flush=True)
