"""Run tasks on the workers while they are killed; print how many came back, and how often each ran.

Environment: HEAD, TASKS, SECONDS (of each).
"""

import json
import os
import time

import ray

ray.init(f"ray://{os.environ['HEAD']}:10001")
seconds = float(os.environ["SECONDS"])


def work(number: int) -> int:
    time.sleep(seconds)
    return number


wanted = list(range(int(os.environ["TASKS"])))
task = ray.remote(num_cpus=0.5, max_retries=5)(work)
asked = [task.remote(number) for number in wanted]
print("asked", flush=True)
got = ray.get(asked)
print(json.dumps({"asked": len(wanted), "lost": sorted(set(wanted) - set(got))}))
