"""Deploy an application of Ray Serve with a proxy on every node; the application stays.

Environment: HEAD.
"""

import json
import os

import ray
from ray import serve

ray.init(f"ray://{os.environ['HEAD']}:10001")


class Number:
    def __call__(self) -> int:
        return 7


serve.start(http_options={"host": "0.0.0.0", "location": "EveryNode"})  # noqa: S104
number = serve.deployment(ray_actor_options={"num_cpus": 0.1})(Number)
serve.run(number.bind(), route_prefix="/n")
print(json.dumps({"deployed": True}))
