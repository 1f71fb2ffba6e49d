"""Send requests to MLflow as several users; print the answers as JSON.

Environment: MLFLOW_TRACKING_URI, ADMIN, PASSWORD (of the administrator), CA (a certificate in PEM).
"""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import requests

URI = os.environ["MLFLOW_TRACKING_URI"]
CA = Path("/tmp/ca.crt")  # noqa: S108
CA.write_text(os.environ["CA"], encoding="utf-8")
os.environ["MLFLOW_TRACKING_SERVER_CERT_PATH"] = str(CA)
EXPERIMENTS = "/api/2.0/mlflow/experiments/search?max_results=1"


def log_in(user: str, password: str) -> None:
    os.environ["MLFLOW_TRACKING_USERNAME"] = user
    os.environ["MLFLOW_TRACKING_PASSWORD"] = password


def get_status(path: str, login: tuple[str, str] | None = None, **headers: str) -> int:
    answer = requests.get(URI + path, auth=login, headers=headers, verify=str(CA), timeout=30)
    return int(answer.status_code)


admin = (os.environ["ADMIN"], os.environ["PASSWORD"])
answers: dict[str, object] = {
    "health": get_status("/health"),
    "no login": get_status(EXPERIMENTS),
    "wrong password": get_status(EXPERIMENTS, (admin[0], "wrong password")),
    "admin": get_status(EXPERIMENTS, admin),
    "foreign host": get_status(EXPERIMENTS, admin, Host="evil.example"),
    "public host": get_status(EXPERIMENTS, admin, Host="mlflow.example.com"),
    "service": get_status(EXPERIMENTS, admin, Host=f"{urlsplit(URI).hostname}:5000"),
    "health of a foreign host": get_status("/health", Host="evil.example"),
}
root = f"https://{urlsplit(URI).netloc}/metrics"
metrics = requests.get(root, auth=admin, verify=str(CA), timeout=30)
answers["metrics"] = metrics.status_code
answers["metrics without login"] = requests.get(root, verify=str(CA), timeout=30).status_code
answers["X-Frame-Options"] = metrics.headers.get("x-frame-options")

from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from mlflow.server import get_app_client  # noqa: E402

log_in(*admin)
users = get_app_client("basic-auth", tracking_uri=URI)
for name in ("alice", "bob"):
    users.create_user(name, f"{name}'s password 1")
log_in("alice", "alice's password 1")
client = MlflowClient()
experiment = client.create_experiment("alice's")
run = client.create_run(experiment).info.run_id
client.log_metric(run, "kept", 42)
client.log_text(run, "kept", "kept.txt")
log_in("bob", "bob's password 1")
answers["bob reads"] = client.get_run(run).data.metrics["kept"]
try:
    client.log_metric(run, "kept", 0)
except MlflowException as refused:
    answers["bob writes"] = refused.get_http_status_code()
try:
    users.create_user("carol", "carol's password 1")
except MlflowException as refused:
    answers["bob creates a user"] = refused.get_http_status_code()
log_in("alice", "alice's password 1")
client.delete_run(run)
answers["run"] = run
print(json.dumps(answers), flush=True)
