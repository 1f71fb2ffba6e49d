"""Serve the metrics of the last restore drill, from a ConfigMap that is mounted as a folder.

Before the first restore drill the file does not exist, and the server returns no metrics.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Metrics(BaseHTTPRequestHandler):
    """Returns the content of the file for every GET request."""

    file: Path

    def do_GET(self) -> None:
        text = self.file.read_bytes() if self.file.exists() else b""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_request(self, *_: object) -> None:
        """Log nothing: Prometheus and the kubelet send requests all the time."""


if __name__ == "__main__":
    Metrics.file = Path(sys.argv[1])
    ThreadingHTTPServer(("", int(sys.argv[2])), Metrics).serve_forever()
