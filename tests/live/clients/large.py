"""Send a slow query and an upload of 2 GiB to MLflow through its login proxy; print the answers.

Environment: as for login.py. The answers are one line of JSON: status and whole seconds.
"""

import json
import os
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import requests

PROXY, ISSUER, HOST = (os.environ[name] for name in ("PROXY", "ISSUER", "HOST"))
CLIENT = (os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])
BACK = "http://tests.example.com/back"
EXPERIMENTS = "/api/2.0/mlflow/experiments/search?max_results=1"
UPLOAD = "/api/2.0/mlflow-artifacts/artifacts/large.bin"


def request_token() -> str:
    """Request a token for a program from the issuer."""
    query = f"response_type=code&client_id={CLIENT[0]}&scope=openid+email&redirect_uri={BACK}"
    address, form = f"{ISSUER}/oauth2/authorize?{query}", {"sub": "alice@example.com"}
    back = requests.post(address, data=form, timeout=30, allow_redirects=False).headers["location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    answer = requests.post(f"{ISSUER}/oauth2/token", data=form, auth=CLIENT, timeout=30)
    return str(answer.json()["id_token"])


def list_chunks() -> Iterator[bytes]:
    """Yield 2 GiB."""
    chunk = os.urandom(2**20)
    for _ in range(2048):
        yield chunk


headers = {"Host": HOST, "Authorization": f"Bearer {request_token()}"}
answers: dict[str, list[int]] = {}
for name, method, path, body in (
    ("query", "GET", EXPERIMENTS, None),
    ("upload", "PUT", UPLOAD, list_chunks()),
):
    started = time.monotonic()
    answer = requests.request(method, PROXY + path, headers=headers, data=body, timeout=900)
    answers[name] = [answer.status_code, round(time.monotonic() - started)]
print(json.dumps(answers), flush=True)
