"""Print all that MLflow keeps, as JSON: runs with their artifacts, and models, by checksum."""

import hashlib
import json
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient

client = MlflowClient()


def checksum(uri: str) -> str:
    """Of all files below an artifact's address, their names among it."""
    with tempfile.TemporaryDirectory() as folder:
        there = Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder))
        files = sorted(f for f in (there, *there.rglob("*")) if f.is_file())
        text = "".join(f"{f.relative_to(there)} {hash_of(f)}\n" for f in files)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(file: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


runs = {
    run.info.run_id: {
        "params": run.data.params,
        "metrics": run.data.metrics,
        "status": run.info.status,
        "artifacts": {
            f.path: checksum(f"runs:/{run.info.run_id}/{f.path}")
            for f in client.list_artifacts(run.info.run_id)
        },
    }
    for run in client.search_runs([e.experiment_id for e in client.search_experiments()])
}
models = {
    f"{version.name}/{version.version}": checksum(f"models:/{version.name}/{version.version}")
    for version in client.search_model_versions()
}
print(json.dumps({"runs": runs, "models": models}), flush=True)
