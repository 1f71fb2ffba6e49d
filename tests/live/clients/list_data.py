"""Print all runs with checksums of their artifacts, and checksums of all models, as JSON."""

import hashlib
import json
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient

client = MlflowClient()


def compute_checksum(uri: str) -> str:
    """Return the SHA-256 of the names and contents of all files of an artifact."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder))
        files = sorted(f for f in (root, *root.rglob("*")) if f.is_file())
        text = "".join(f"{f.relative_to(root)} {compute_hash(f)}\n" for f in files)
    return hashlib.sha256(text.encode()).hexdigest()


def compute_hash(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


runs = {
    run.info.run_id: {
        "params": run.data.params,
        "metrics": run.data.metrics,
        "status": run.info.status,
        "artifacts": {
            f.path: compute_checksum(f"runs:/{run.info.run_id}/{f.path}")
            for f in client.list_artifacts(run.info.run_id)
        },
    }
    for run in client.search_runs([e.experiment_id for e in client.search_experiments()])
}
models = {
    f"{version.name}/{version.version}": compute_checksum(
        f"models:/{version.name}/{version.version}"
    )
    for version in client.search_model_versions()
}
print(json.dumps({"runs": runs, "models": models}), flush=True)
