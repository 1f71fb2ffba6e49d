"""Log a run, write its artifact directly to the S3 store, and print the results as JSON.

Environment: MLFLOW_TRACKING_URI, MLFLOW_S3_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
"""

import json
import os

import mlflow
import requests
from mlflow import MlflowClient

client = MlflowClient()
run = client.create_run("0")
client.log_text(run.info.run_id, "kept", "kept.txt")
read = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/kept.txt")
proxied = f"{os.environ['MLFLOW_TRACKING_URI']}/api/2.0/mlflow-artifacts/artifacts?path=x"
print(
    json.dumps(
        {
            "scheme": run.info.artifact_uri.split(":")[0],
            "read": read,
            "through the server": requests.get(proxied, timeout=30).status_code,
        }
    ),
    flush=True,
)
