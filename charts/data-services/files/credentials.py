"""Create the Secrets that the JSON file named on the command line describes.

An existing Secret keeps all its keys; only missing keys are added. A Secret that this script
created gets new values if the file requests a key `generation-N` that the Secret lacks; a Secret
that a user created never does. A key with `older` gets the value in `older` if the Secret that
`older` names exists already: the release can then be older than the key. The output names such a
key, because its value is public. A second run changes nothing. The script calls the API server with
the token of its ServiceAccount.
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


def encode_value(key: dict) -> str:
    """Return the fixed value of a key, or a random one of the given length, in base64."""
    text = key.get("value") or "".join(secrets.choice(LETTERS) for _ in range(key["length"]))
    return base64.b64encode(text.encode()).decode()


def find_value(path: str, key: dict) -> dict:
    """Return `older` of the key if the release can be older than the key, else the key itself."""
    older = key.get("older")
    return older if older and call("GET", f"{path}/{older['secret']}") else key


def ensure(path: str, name: str, keys: dict[str, dict]) -> str:
    """Create the Secret or add its missing keys; return a description of the change."""
    secret = call("GET", f"{path}/{name}")
    keys = {key: find_value(path, spec) for key, spec in keys.items()}
    if secret is None:
        data = {key: encode_value(spec) for key, spec in keys.items()}
        labels = {
            "app.kubernetes.io/part-of": "254carbon",
            "app.kubernetes.io/managed-by": MANAGER,
        }
        metadata = {"name": name, "labels": labels}
        call("POST", path, {"metadata": metadata, "type": "Opaque", "data": data})
        return "created" + describe_older(keys)
    missing = {key for key in keys if key not in secret.get("data", {})}
    ours = secret["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") == MANAGER
    renewed = ours and any(key.startswith("generation-") for key in missing)
    generated = {key for key, spec in keys.items() if "length" in spec}
    changed = missing | (generated if renewed else set())
    if changed:
        data = {key: encode_value(keys[key]) for key in changed}
        call("PATCH", f"{path}/{name}", {"data": data})
        what = f"{'renewed' if renewed else 'added'} {', '.join(sorted(changed))}"
        return what + describe_older({key: keys[key] for key in changed})
    return "unchanged"


def describe_older(keys: dict[str, dict]) -> str:
    """Return a warning for each key that has a public value; empty without such a key."""
    return "".join(
        f"; WARNING: {key} has a public value, because the Secret {spec['secret']} existed before:"
        " change it as in docs/rotate-credentials.md"
        for key, spec in keys.items()
        if "secret" in spec
    )


def main(file: str) -> None:
    path = f"/api/v1/namespaces/{(ACCOUNT / 'namespace').read_text()}/secrets"
    for secret in json.loads(Path(file).read_text()):
        print(f"Secret {secret['name']}: {ensure(path, **secret)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
