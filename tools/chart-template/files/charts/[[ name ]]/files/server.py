"""Answer requests for / with the greeting in settings.json."""

import hmac
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from serving import serve

GREETING = json.loads(Path(__file__).with_name("settings.json").read_text())["greeting"]
TOKEN = os.environ.get("TOKEN", "")


def answer(path: str, headers: Mapping) -> tuple:
    """Return the status and the text of a response."""
    given = headers.get("Authorization", "").encode("latin-1", "replace")
    if TOKEN and not hmac.compare_digest(given, f"Bearer {TOKEN}".encode()):
        return 401, "the header Authorization needs the token of the Secret\n"
    return (200, GREETING) if path == "/" else (404, "not found\n")


serve(int(sys.argv[1]), answer)
