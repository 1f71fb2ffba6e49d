"""Make the Secrets described by the JSON file named on the command line, each once.

A Secret that is there keeps every key it has; only keys that it lacks are added. So the Secrets
outlive releases, a user's own Secret of the same name is used as it is, and running this again
changes nothing. One that was made here gets new values when it lacks the key `generation-N` that
is asked for, once. It talks to the API server with its ServiceAccount's token.
"""

import base64
import json
import secrets
import string
import sys
from pathlib import Path

from apiserver import ACCOUNT, call

MANAGER = "data-services-credentials"
LETTERS = string.ascii_letters + string.digits


def value(key: dict) -> str:
    """Return the fixed value of a key, or a new one of the given length, in base64."""
    text = key.get("value") or "".join(secrets.choice(LETTERS) for _ in range(key["length"]))
    return base64.b64encode(text.encode()).decode()


def ensure(path: str, name: str, keys: dict[str, dict]) -> str:
    """Make the Secret or complete it; return what was done."""
    found = call("GET", f"{path}/{name}")
    if found is None:
        data = {key: value(spec) for key, spec in keys.items()}
        labels = {
            "app.kubernetes.io/part-of": "254carbon",
            "app.kubernetes.io/managed-by": MANAGER,
        }
        metadata = {"name": name, "labels": labels}
        call("POST", path, {"metadata": metadata, "type": "Opaque", "data": data})
        return "made"
    missing = {key for key in keys if key not in found.get("data", {})}
    ours = found["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") == MANAGER
    renewed = ours and any(key.startswith("generation-") for key in missing)
    generated = {key for key, spec in keys.items() if "length" in spec}
    changed = missing | (generated if renewed else set())
    if changed:
        data = {key: value(keys[key]) for key in changed}
        call("PATCH", f"{path}/{name}", {"data": data})
        return f"{'renewed' if renewed else 'completed with'} {', '.join(sorted(changed))}"
    return "kept"


def main(wanted: str) -> None:
    path = f"/api/v1/namespaces/{(ACCOUNT / 'namespace').read_text()}/secrets"
    for secret in json.loads(Path(wanted).read_text()):
        print(f"Secret {secret['name']}: {ensure(path, **secret)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
