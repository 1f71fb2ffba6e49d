"""An installed release, as Helm stores it in a Secret."""

import base64
import gzip
import json
from types import SimpleNamespace
from typing import Any

import yaml

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "1"}}


def encode(**fields: Any) -> str:
    """Return the field `release` of the Secret of a release with one ConfigMap."""
    stored = {
        "name": "web",
        "namespace": "apps",
        "version": 3,
        "info": {"status": "deployed"},
        "chart": {"metadata": {"name": "web", "version": "1.2.0"}},
        "config": {"text": "stored"},
        "manifest": f"---\n# Source: web\n{yaml.safe_dump(CONFIG)}---\n",
        **fields,
    }
    packed = gzip.compress(json.dumps(stored).encode())
    return base64.b64encode(base64.b64encode(packed)).decode()


def make_target(*revisions: tuple[str, int, str]) -> Any:
    """Return a target whose API server lists the Secrets of some revisions."""
    secrets = [
        SimpleNamespace(
            metadata=SimpleNamespace(
                labels={"owner": "helm", "name": name, "version": str(number), "status": status}
            ),
            data={"release": encode(name=name, version=number, info={"status": status})},
        )
        for name, number, status in revisions
    ]
    client = SimpleNamespace(list=lambda *_, **__: secrets)
    return SimpleNamespace(client=client, namespace="apps", kubectl_flags="-n apps")
