"""Feast's clone.sh, run with the real git against its own HTTP server, which requires a login.

Over HTTPS, git trusts the CA certificates by the variables that the chart renders for caBundle.
"""

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.charts.processes import CHARTS, serve

from carbon.charts.render import Render, containers, pod_templates, render_objects

USER, PASSWORD = "reader", "p@ss w:rd/%"


class Backend(BaseHTTPRequestHandler):
    """Runs `git http-backend` (CGI) for a client with the right login."""

    root: Path
    lines: list[str]
    login = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    def do_GET(self) -> None:
        self.lines.append(self.path)
        private = self.path.startswith("/private")
        if private and self.headers.get("Authorization") != self.login:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=git")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path.replace("/private", ""),
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        done = subprocess.run(
            ["git", "http-backend"], input=sent, env=env, capture_output=True, check=False
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        self.send_response(200)
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name and name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


def git(folder: Path, *arguments: str) -> str:
    person = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    command = ["git", "-C", str(folder), *person, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> type[Backend]:
    """The handler of a server with the repository `features`: two commits, the first tagged v1."""
    root = tmp_path_factory.mktemp("git")
    folder = root / "features"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for version in ("v1", "v2"):
        (folder / "version").write_text(version)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", version)
        git(folder, "tag", version)
    return type("Handler", (Backend,), {"root": root, "lines": []})


@pytest.fixture(scope="module")
def url(backend: type[Backend]) -> Iterator[str]:
    """The URL of a server with the repository `features`."""
    with serve(backend) as url:
        yield url


@pytest.fixture
def secure_url(backend: type[Backend], tmp_path: Path) -> Iterator[str]:
    """The URL of an HTTPS server whose certificate only the file ca.crt in `tmp_path` verifies."""
    key, certificate = tmp_path / "tls.key", tmp_path / "ca.crt"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), backend) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()


def read_trust(certificate: Path) -> dict[str, str]:
    """Return the variables of the container that clones, with another path of the CA bundle."""
    sets = (
        'repository.source="git"',
        'repository.git.url="https://git.example.com/features.git"',
        'caBundle.existingSecret.name="authorities"',
    )
    objects = render_objects(Render(CHARTS / "feast", sets=sets))
    pods = [pod for obj in objects for pod in pod_templates(obj)]
    found = [each for pod in pods for each in containers(pod) if "clone.sh" in str(each)]
    values = {e["name"]: e.get("value") for e in found[0]["env"]}
    return {n: str(certificate) for n, v in values.items() if v == "/etc/ssl/bundle/ca.crt"}


def clone(folder: Path, url: str, revision: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the script as the init container does, but with other folders than the pod's."""
    script = folder / "clone.sh"
    text = (CHARTS / "feast/files/clone.sh").read_text("utf-8")
    text = text.replace("/repository", f"{folder}/repository").replace("/scripts", str(folder))
    script.write_text(text, "utf-8")
    script.chmod(0o755)
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_URL": url}
    return subprocess.run(
        ["sh", str(script)],
        env=known | {"GIT_REVISION": revision} | env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )


@pytest.mark.parametrize("revision", ["v1", "main", "commit"])
def test_one_revision_is_cloned_without_its_history(
    url: str, tmp_path: Path, revision: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = tmp_path_factory.getbasetemp() / "git0/features"
    name = git(source, "rev-parse", "v1") if revision == "commit" else revision
    done = clone(tmp_path, f"{url}/features", name)
    assert done.returncode == 0, done.stderr
    expected = "v2" if revision == "main" else "v1"
    assert (tmp_path / "repository/version").read_text() == expected
    assert git(tmp_path / "repository", "rev-list", "--count", "HEAD") == "1"
    assert git(source, "rev-parse", expected) in done.stdout


def test_a_private_repository_is_cloned_with_the_login_of_the_secret(
    url: str, tmp_path: Path
) -> None:
    login = {"GIT_USER": USER, "GIT_PASSWORD": PASSWORD}
    done = clone(tmp_path, f"{url}/private/features", "main", **login)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "repository/version").read_text() == "v2"
    stored = (tmp_path / "repository/.git/config").read_text()
    assert PASSWORD not in stored + done.stdout + done.stderr


def test_a_server_with_a_private_ca_is_trusted_by_the_variables_of_the_ca_bundle(
    secure_url: str, tmp_path: Path
) -> None:
    trust = read_trust(tmp_path / "ca.crt")
    done = clone(tmp_path, f"{secure_url}/features", "main", **trust)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "repository/version").read_text() == "v2"


def test_git_does_not_trust_a_private_ca_by_the_variable_of_openssl_alone(
    secure_url: str, tmp_path: Path
) -> None:
    certificate = str(tmp_path / "ca.crt")
    done = clone(tmp_path, f"{secure_url}/features", "main", SSL_CERT_FILE=certificate)
    assert "certificate verification failed" in done.stderr
    assert done.returncode


@pytest.mark.parametrize("login", [{}, {"GIT_USER": USER, "GIT_PASSWORD": "wrong"}])
def test_a_private_repository_is_not_cloned_without_correct_credentials(
    url: str, tmp_path: Path, login: dict[str, str]
) -> None:
    done = clone(tmp_path, f"{url}/private/features", "main", **login)
    assert done.returncode
    assert not (tmp_path / "repository/version").exists()


def test_a_clone_of_a_missing_revision_fails(url: str, tmp_path: Path) -> None:
    done = clone(tmp_path, f"{url}/features", "v3")
    assert done.returncode
    assert "v3" in done.stderr
    assert "feature repository" not in done.stdout
