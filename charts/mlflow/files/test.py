"""Log a run with a metric and an artifact through the Service, and read both back."""

import tempfile
import uuid
from pathlib import Path

import mlflow

client = mlflow.MlflowClient()
mark = uuid.uuid4().hex

mlflow.set_experiment("helm-test")
with mlflow.start_run(run_name=mark) as run:
    mlflow.log_metric("answer", 42.0)
    mlflow.log_text(mark, "notes/mark.txt")

logged = client.get_run(run.info.run_id)
assert logged.info.run_name == mark, logged.info
assert logged.info.status == "FINISHED", logged.info
assert logged.data.metrics == {"answer": 42.0}, logged.data
with tempfile.TemporaryDirectory() as folder:
    path = client.download_artifacts(run.info.run_id, "notes/mark.txt", folder)
    assert Path(path).read_text() == mark
print(f"run {run.info.run_id}: metric and artifact read back through {mlflow.get_tracking_uri()}")
