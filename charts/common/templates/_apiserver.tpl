{{- /*
common.apiserverModule renders the Python module `apiserver`, for scripts in pods that mount the token of
their ServiceAccount. Its functions `send` and `call` send a request to the API server, `changes`
watches a list. Takes no parameters and does not fail.
*/}}
{{- define "common.apiserverModule" -}}
"""Send requests to the API server with the token of the pod's ServiceAccount."""

import json
import os
import ssl
import urllib.error
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def send(method: str, path: str, body: dict | None = None) -> bytes | None:
    """Send a request to the API server.

    Returns the body of the response, or None if a GET finds no object at ``path``. Exits with the
    API server's message if it refuses the request, and with the error if it does not answer.
    """
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    url = f"https://{f'[{host}]' if ':' in host else host}:{port}{path}"
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    headers = {
        "Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}",
        "Content-Type": kind,
    }
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    tls = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    try:
        with urllib.request.urlopen(request, timeout=10, context=tls) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        if error.code == 404 and method == "GET":
            return None
        raise SystemExit(f"{method} {path}: {json.load(error)['message']}") from error
    except OSError as error:
        raise SystemExit(f"the API server does not answer: {error}") from error


def call(method: str, path: str, body: dict | None = None) -> dict | None:
    """Send a request to the API server, as ``send`` does; return the object of the response."""
    answer = send(method, path, body)
    return None if answer is None else json.loads(answer)


def changes(path: str, version: str) -> list[dict]:
    """Watch a list for five seconds from a resourceVersion on; return its events.

    Each event is {type, object}.
    """
    joint = "&" if "?" in path else "?"
    answer = send("GET", f"{path}{joint}watch=true&resourceVersion={version}&timeoutSeconds=5")
    return [json.loads(line) for line in (answer or b"").splitlines()]
{{- end }}
