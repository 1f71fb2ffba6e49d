"""An API server with etcd on loopback, without controllers: it validates objects."""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.live.support import wait

from carbon import externals
from carbon.charts.generate.crds import FOLDER, read_crds
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.process import run

TOKEN = "loopback"  # noqa: S105 - valid for one test


@dataclass(frozen=True)
class ApiServer:
    """A running API server."""

    port: int

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        """Run kubectl against the API server.

        Raises:
            CarbonError: the API server refused the request; contains its message.
        """
        where = [f"--server=https://127.0.0.1:{self.port}", f"--token={TOKEN}"]
        where += ["--insecure-skip-tls-verify", "--kubeconfig=/dev/null"]
        return run([externals.ensure_program("kubectl"), *where, *args], stdin=stdin, timeout=120)

    def create_crds(self) -> None:
        """Create the CRDs whose schemas are in schemas/crds."""
        listed = read_yaml(FOLDER / "kinds.yaml")
        crds = [
            crd
            for module, row in listed.items()
            for crd in read_crds(module)
            if crd["spec"]["names"]["kind"] in row["kinds"]
        ]
        whole = {"apiVersion": "v1", "kind": "List", "items": crds}
        self.kubectl("create", "-f", "-", stdin=json.dumps(whole, default=str))
        wait("the CRDs", self._has_established_crds)

    def _has_established_crds(self) -> bool:
        """Return whether all CRDs can be used. `kubectl wait` fails for one without conditions."""
        items = json.loads(self.kubectl("get", "crds", "--output", "json"))["items"]
        conditions = [each.get("status", {}).get("conditions") or [] for each in items]
        return all(
            any(c["type"] == "Established" and c["status"] == "True" for c in listed)
            for listed in conditions
        )

    def is_ready(self) -> bool:
        """Return whether the API server is ready."""
        try:
            return self.kubectl("get", "--raw", "/readyz") == "ok"
        except CarbonError:
            return False


@contextmanager
def start_api_server(folder: Path, *options: str) -> Iterator[ApiServer]:
    """Run an API server with its data and logs in `folder` until the block ends.

    `options` are further flags of kube-apiserver.
    """
    client, peer, port = find_free_ports(3)
    keys = folder / "account.key"
    run(["openssl", "genrsa", "-out", keys, "2048"])
    (folder / "tokens.csv").write_text(f"{TOKEN},tester,1,system:masters\n", "utf-8")
    etcd: list[str | Path] = [
        externals.ensure_program("etcd"),
        "--data-dir",
        folder / "etcd",
        "--unsafe-no-fsync",
    ]
    for kind, number in (("client", client), ("peer", peer)):
        etcd += [f"--listen-{kind}-urls", f"http://127.0.0.1:{number}"]
    etcd += ["--advertise-client-urls", f"http://127.0.0.1:{client}"]
    etcd += ["--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}"]
    etcd += ["--initial-cluster", f"default=http://127.0.0.1:{peer}"]
    server: list[str | Path] = [
        externals.ensure_program("kube-apiserver"),
        "--etcd-servers",
        f"http://127.0.0.1:{client}",
    ]
    server += ["--bind-address", "127.0.0.1", "--secure-port", str(port)]
    server += ["--advertise-address", "127.0.0.1", "--endpoint-reconciler-type", "none"]
    server += ["--cert-dir", folder / "certificates", "--service-cluster-ip-range", "10.96.0.0/16"]
    server += ["--token-auth-file", folder / "tokens.csv", "--authorization-mode", "AlwaysAllow"]
    server += ["--service-account-issuer", "https://kubernetes.default.svc"]
    server += ["--service-account-key-file", keys, "--service-account-signing-key-file", keys]
    server += options
    with ExitStack() as running:
        for command in (etcd, server):
            running.enter_context(_run_process(command, folder / f"{Path(command[0]).name}.log"))
        api = ApiServer(port)
        wait("the API server", api.is_ready)
        yield api


@contextmanager
def start_controllers(kubeconfig: Path, folder: Path, *names: str) -> Iterator[None]:
    """Run controllers of kube-controller-manager, with logs in `folder`, until the block ends."""
    [port] = find_free_ports(1)
    command: list[str | Path] = [externals.ensure_program("kube-controller-manager")]
    command += [f"--kubeconfig={kubeconfig}", "--leader-elect=false", f"--secure-port={port}"]
    command += [f"--controllers={','.join(names)}", "--bind-address=127.0.0.1"]
    command += [f"--cert-dir={folder / 'manager'}"]
    with _run_process(command, folder / "kube-controller-manager.log"):
        yield


@contextmanager
def _run_process(command: list[str | Path], log: Path) -> Iterator[None]:
    with log.open("w") as sink:
        process = subprocess.Popen(list(map(str, command)), stdout=sink, stderr=subprocess.STDOUT)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def find_free_ports(count: int) -> list[int]:
    """Return unused ports on loopback."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
