"""Self-signed certificates for tests."""

import tempfile
from pathlib import Path

from carbon.process import run


def create_certificate(*names: str) -> tuple[str, str]:
    """Create a self-signed certificate for host names; return it and its key, both in PEM."""
    with tempfile.TemporaryDirectory() as folder:
        cert, key = Path(folder) / "tls.crt", Path(folder) / "tls.key"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        command += ["-subj", f"/CN={names[0]}", "-keyout", str(key), "-out", str(cert)]
        command += ["-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)]
        run(command)
        return cert.read_text("utf-8"), key.read_text("utf-8")
