"""An OCI registry on the loopback interface, with TLS and a user with a password."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from carbon import externals
from carbon.process import run

USER, PASSWORD = "publisher", "proof of release"
HASH = "$2b$12$R7ChXycT4leH8Xwto26oae7fe34W28vkB.8jTApMAYS.lFcypqQd."
"""The password as bcrypt writes it."""


@dataclass(frozen=True)
class Server:
    """A running registry."""

    host: str
    authority: Path
    """The certificate that clients trust."""

    @property
    def url(self) -> str:
        return f"oci://{self.host}/charts"

    @property
    def options(self) -> tuple[str, str]:
        """The options with which Helm's commands trust the registry."""
        return "--ca-file", str(self.authority)

    def log_in(self) -> None:
        helm = externals.ensure_program("helm")
        login = (helm, "registry", "login", self.host, "--username", USER, "--password-stdin")
        run([*login, *self.options], stdin=f"{PASSWORD}\n")


@contextmanager
def start_registry(folder: Path) -> Iterator[Server]:
    """Start a registry that stores its data in a folder; stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    certificate, key = folder / "tls.crt", folder / "tls.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"]
    run([*command, "-keyout", str(key), "-out", str(certificate)])
    (folder / "users").write_text(f"{USER}:{HASH}\n")
    settings = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {
            "addr": f"127.0.0.1:{port}",
            "tls": {"certificate": str(certificate), "key": str(key)},
        },
        "auth": {"htpasswd": {"realm": "charts", "path": str(folder / "users")}},
    }
    (folder / "registry.yaml").write_text(yaml.safe_dump(settings))
    program = externals.ensure_program("registry")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [program, "serve", folder / "registry.yaml"],
            stdout=log,
            stderr=log,
            env=os.environ | {"OTEL_TRACES_EXPORTER": "none"},
        )
    try:
        wait_for_port(port, process)
        yield Server(f"127.0.0.1:{port}", certificate)
    finally:
        process.terminate()
        process.wait()


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the registry does not listen")
