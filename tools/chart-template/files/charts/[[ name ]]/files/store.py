"""Store the body of PUT /KEY, return it for GET /KEY, and delete it for DELETE /KEY."""

import json
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from database import NAME, execute, restore
from serving import serve

DATABASE = Path(sys.argv[2], NAME)
MAX_BYTES = json.loads(Path(__file__).with_name("settings.json").read_text())["maxBytes"]
STATEMENTS = {
    "PUT": "REPLACE INTO data VALUES (?, ?) RETURNING value",
    "GET": "SELECT value FROM data WHERE key = ?",
    "DELETE": "DELETE FROM data WHERE key = ? RETURNING value",
}


def answer(request: BaseHTTPRequestHandler) -> tuple:
    """Return the status and the value of a key."""
    values: list = [request.path]
    if request.command == "PUT":
        size = request.headers.get("Content-Length", "")
        if not size.isdecimal():
            return 411, "the header Content-Length needs the size of the value\n"
        if int(size) > MAX_BYTES:
            return 413, f"a value has at most {MAX_BYTES} bytes\n"
        values.append(request.rfile.read(int(size)))
    rows = execute(DATABASE, STATEMENTS[request.command], *values)
    return (200, rows[0][0]) if rows else (404, "not found\n")


restore(DATABASE)
execute(DATABASE, "CREATE TABLE IF NOT EXISTS data (key TEXT PRIMARY KEY, value BLOB)")
serve(int(sys.argv[1]), answer, *STATEMENTS)
