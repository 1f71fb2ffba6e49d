"""Answer requests for / with the greeting in settings.json."""

import json
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from serving import serve

GREETING = json.loads(Path(__file__).with_name("settings.json").read_text())["greeting"]


def answer(request: BaseHTTPRequestHandler) -> tuple:
    """Return the status and the text of a response."""
    return (200, GREETING) if request.path == "/" else (404, "not found\n")


serve(int(sys.argv[1]), answer, "GET")
