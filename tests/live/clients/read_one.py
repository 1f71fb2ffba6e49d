"""Print the metric and the artifact of the run that RUN names, with a space between."""

import os

import mlflow
from mlflow import MlflowClient

run = os.environ["RUN"]
artifact = mlflow.artifacts.load_text(f"runs:/{run}/kept.txt")
print(MlflowClient().get_run(run).data.metrics["kept"], artifact)
