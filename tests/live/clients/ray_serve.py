"""Deploy an application of Ray Serve, send a request through the head's Service, shut Serve down.

Environment: HEAD (a host), SHARED (size in MiB of an object that nodes transfer).
"""

import json
import os
import urllib.request

import ray
from ray import serve

head = os.environ["HEAD"]
ray.init(f"ray://{head}:10001")


class Double:
    def __call__(self, request):  # type: ignore[no-untyped-def]
        return int(request.query_params["n"]) * 2


def size(blob: bytes) -> int:
    return len(blob)


serve.start(http_options={"host": "0.0.0.0"})  # noqa: S104
serve.run(serve.deployment(Double).bind(), route_prefix="/double")
answer = urllib.request.urlopen(f"http://{head}:8000/double?n=21", timeout=60).read()
measure = ray.remote(num_cpus=0)(size)
blob = ray.put(b"x" * (int(os.environ["SHARED"]) << 20))
passed = ray.get([measure.remote(blob) for _ in range(4)])
print(json.dumps({"answer": int(answer), "passed": passed, "nodes": len(ray.nodes())}))
serve.shutdown()
