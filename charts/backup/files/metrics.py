"""Serve the metrics that the last restore drill left in a ConfigMap, mounted as a folder.

There are none before the first drill, so the file may be missing.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Metrics(BaseHTTPRequestHandler):
    """Answers every request with the file."""

    file: Path

    def do_GET(self) -> None:
        text = self.file.read_bytes() if self.file.exists() else b""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_request(self, *_: object) -> None:
        """Say nothing of each scrape and probe."""


if __name__ == "__main__":
    Metrics.file = Path(sys.argv[1])
    ThreadingHTTPServer(("", int(sys.argv[2])), Metrics).serve_forever()
