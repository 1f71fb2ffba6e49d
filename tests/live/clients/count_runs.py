"""Read every run with its metric and its artifact; print the counts as JSON.

Environment: MLFLOW_TRACKING_URI, EXPERIMENTS (number of the oldest experiments to read; all if it
is not set). The runs are those of log_runs.py.
"""

import json
import os

import mlflow
from mlflow import MlflowClient

client = MlflowClient()
listed = client.search_experiments(order_by=["creation_time ASC"])
experiments = [e.experiment_id for e in listed][: int(os.environ.get("EXPERIMENTS", "50000"))]
runs = [run for e in experiments for run in client.search_runs([e], max_results=50_000)]
intact = 0
for run in runs:
    text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/number.txt")
    intact += text == str(int(run.data.metrics["number"]))
print(json.dumps({"experiments": len(experiments), "runs": len(runs), "intact": intact}))
