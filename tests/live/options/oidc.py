"""An OpenID Connect issuer for tests, and values for a login through it."""

import json
from typing import Any

import yaml

HOST = "mlflow.example.com"
LOGIN = {
    "replicas": 3,
    "scratch": {"size": "4Gi"},  # for the largest upload
    "database": {"pool": {"size": 2, "maxOverflow": 2}},
    "publicHosts": [HOST],
    # A gateway passes the public host; the client of this test connects to the proxy directly.
    "extraAllowedHosts": ["mlflow-proxy:4180"],
    "oidc": {
        "enabled": True,
        "issuerUrl": "http://oidc-issuer:9400",
        "emailDomains": ["example.com"],
        "replicas": 1,
    },
}
USERS = [
    {"sub": user, "email": user, "email_verified": True}
    for user in ("alice@example.com", "mallory@elsewhere.org")
]


def build_issuer() -> str:
    """Return the pod and the Service of an issuer with two users, as YAML."""
    labels = {"app": "oidc-issuer"}
    restricted = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": "issuer",
        "image": "ghcr.io/geigerzaehler/oidc-provider-mock:0.3.4",
        "args": [f"--user-claims={json.dumps(user)}" for user in USERS],
        "readinessProbe": {
            "httpGet": {"path": "/.well-known/openid-configuration", "port": 9400},
        },
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}},
        "securityContext": restricted,
    }
    user = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    pod = {"securityContext": user, "containers": [container], "enableServiceLinks": False}
    objects: list[dict[str, Any]] = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "oidc-issuer", "labels": labels},
            "spec": pod,
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "oidc-issuer"},
            "spec": {"selector": labels, "ports": [{"port": 9400}]},
        },
    ]
    return yaml.safe_dump_all(objects)
