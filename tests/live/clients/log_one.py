"""Log one run with a metric and an artifact in a new experiment; print the id of the run."""

import uuid

from mlflow import MlflowClient

client = MlflowClient()
run = client.create_run(client.create_experiment(uuid.uuid4().hex)).info.run_id
client.log_metric(run, "kept", 42)
client.log_text(run, "kept", "kept.txt")
print(run)
