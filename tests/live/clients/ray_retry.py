"""Run tasks that are retried when a worker is killed; print the lost tasks as JSON.

Environment: HEAD, TASKS (number), SECONDS (duration of each task).
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


numbers = list(range(int(os.environ["TASKS"])))
task = ray.remote(num_cpus=0.5, max_retries=5)(work)
references = [task.remote(number) for number in numbers]
print("submitted", flush=True)
results = ray.get(references)
print(json.dumps({"submitted": len(numbers), "lost": sorted(set(numbers) - set(results))}))
