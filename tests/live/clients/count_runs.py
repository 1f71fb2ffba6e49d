"""Read every run with its metric and its artifact; print the counts as JSON.

Environment: MLFLOW_TRACKING_URI. The runs are those of log_runs.py.
"""

import json

import mlflow
from mlflow import MlflowClient

client = MlflowClient()
experiments = [e.experiment_id for e in client.search_experiments()]
runs = [run for e in experiments for run in client.search_runs([e], max_results=50_000)]
intact = 0
for run in runs:
    text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/number.txt")
    intact += text == str(int(run.data.metrics["number"]))
print(json.dumps({"experiments": len(experiments), "runs": len(runs), "intact": intact}))
