"""Send requests to MLflow through its login proxy, with and without a login; print the answers.

Environment: PROXY (URL of the proxy), ISSUER, HOST (the public host), CLIENT_ID, CLIENT_SECRET.
The answers are one line of JSON. Like a gateway that terminates TLS, the script connects to the
proxy without TLS, so it passes the secure cookies itself.
"""

import json
import os
from urllib.parse import parse_qs, urlsplit

import requests

PROXY, ISSUER, HOST = (os.environ[name] for name in ("PROXY", "ISSUER", "HOST"))
CLIENT = (os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])
EXPERIMENTS = "/api/2.0/mlflow/experiments/search?max_results=1"
cookies: dict[str, str] = {}


def get(path: str, **headers: str) -> requests.Response:
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    sent = {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": cookie, **headers}
    answer = requests.get(PROXY + path, headers=sent, timeout=30, allow_redirects=False)
    cookies.update(answer.cookies.get_dict())
    return answer


def authorize(address: str, user: str) -> str:
    """Log in at the issuer; return the path to which it sends the browser back."""
    answer = requests.post(address, data={"sub": user}, timeout=30, allow_redirects=False)
    back = urlsplit(answer.headers["location"])
    assert back.netloc in (HOST, "tests.example.com"), back
    return f"{back.path}?{back.query}"


def browse(user: str) -> int:
    """Log in as a browser does; return the status of the callback."""
    cookies.clear()
    to_issuer = get("/", Accept="text/html").headers["location"]
    assert to_issuer.startswith(ISSUER), to_issuer
    return int(get(authorize(to_issuer, user)).status_code)


def request_token(user: str) -> str:
    """Request a token for a program from the issuer."""
    query = f"response_type=code&client_id={CLIENT[0]}&scope=openid+email"
    address = f"{ISSUER}/oauth2/authorize?{query}&redirect_uri=http://tests.example.com/back"
    code = parse_qs(urlsplit(authorize(address, user)).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code}
    form["redirect_uri"] = "http://tests.example.com/back"
    answer = requests.post(f"{ISSUER}/oauth2/token", data=form, auth=CLIENT, timeout=30)
    return str(answer.json()["id_token"])


answers: dict[str, object] = {
    "program without a token": get(EXPERIMENTS).status_code,
    "browser": get("/", Accept="text/html").status_code,
    "program with an invalid token": get(EXPERIMENTS, Authorization="Bearer nonsense").status_code,
    "alice's callback": browse("alice@example.com"),
    "alice's page": get("/", Accept="text/html").status_code,
    "alice's experiments": get(EXPERIMENTS).status_code,
    "mallory's callback": browse("mallory@elsewhere.org"),
    "mallory's experiments": get(EXPERIMENTS).status_code,
}
cookies.clear()
bearer = {"Authorization": f"Bearer {request_token('alice@example.com')}"}
answers["alice's program"] = get(EXPERIMENTS, **bearer).status_code
outside = {"Authorization": f"Bearer {request_token('mallory@elsewhere.org')}"}
answers["mallory's program"] = get(EXPERIMENTS, **outside).status_code

from mlflow import MlflowClient  # noqa: E402

os.environ["MLFLOW_TRACKING_TOKEN"] = bearer["Authorization"].removeprefix("Bearer ")
client = MlflowClient(PROXY)
run = client.create_run(client.create_experiment("alice's")).info.run_id
client.log_text(run, "kept", "kept.txt")
answers["alice's artifact"] = [file.path for file in client.list_artifacts(run)]
print(json.dumps(answers), flush=True)
