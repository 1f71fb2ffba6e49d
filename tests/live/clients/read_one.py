"""Print the metric and the artifact of the run RUN, separated by a space."""

import os

import mlflow
from mlflow import MlflowClient

run = os.environ["RUN"]
artifact = mlflow.artifacts.load_text(f"runs:/{run}/kept.txt")
print(MlflowClient().get_run(run).data.metrics["kept"], artifact)
