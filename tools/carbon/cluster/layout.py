"""Where the local cluster keeps things, and the names and addresses it uses."""

import hashlib
import json
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from carbon.home import home

NODE_NAME = "carbon"
POD_CIDR = "10.244.0.0/16"
SERVICE_CIDR = "10.96.0.0/16"
API_PORT = 6443
PAUSE_IMAGE = "registry.k8s.io/pause:3.10.1"
BUSYBOX_IMAGE = "docker.io/library/busybox:1.37.0"
KUBELET = Path("/run/kubelet")
"""Where the node sees the kubelet's folder: its sockets' paths may have 107 characters."""


@dataclass(frozen=True)
class Addresses:
    """The two ends of the link between host and node, a /30 that nothing else here uses."""

    host: str
    node: str


@dataclass(frozen=True)
class Layout:
    """The cluster's folder below the cache, and what is where in it."""

    root: Path

    @property
    def name(self) -> str:
        """What this cluster's cgroup and its end of the link on the host are called.

        15 characters, as Linux allows for a link; another cache's cluster has another name.
        """
        return f"carbon-{hashlib.sha256(str(self.root).encode()).hexdigest()[:8]}"

    @property
    def data(self) -> Path:
        """What survives `stop`: etcd, images, volumes."""
        return self.root / "data"

    @property
    def config(self) -> Path:
        """What `up` writes anew each time."""
        return self.root / "config"

    @property
    def pki(self) -> Path:
        """Certificates and keys, as kubeadm lays them out."""
        return self.root / "pki"

    @property
    def logs(self) -> Path:
        """One file a program."""
        return self.root / "logs"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, readable by its owner only."""
        return self.root / "kubeconfig"

    @property
    def supervisor(self) -> Path:
        """The configuration of the supervisor that is the node's first process."""
        return self.config / "supervisord.conf"

    @property
    def state(self) -> Path:
        """Addresses and the parent process of the running node."""
        return self.root / "state.json"

    def facts(self, addresses: Addresses) -> dict[str, object]:
        """What the `$placeholders` in configuration and add-ons stand for."""
        return {
            "data": self.data,
            "kubelet": KUBELET,
            "config": self.config,
            "pki": self.pki,
            "cgroup": self.name,
            "node": NODE_NAME,
            "address": addresses.node,
            "port": API_PORT,
            "pod_cidr": POD_CIDR,
            "service_cidr": SERVICE_CIDR,
            "pause": PAUSE_IMAGE,
            "busybox": BUSYBOX_IMAGE,
            "runc": shutil.which("runc") or "/usr/sbin/runc",
            "secret": self.secret(),
        }

    def secret(self) -> str:
        """A random word of this cluster, for what needs a password; made when it is first asked."""
        kept = self.pki / "secret"
        if not kept.exists():
            self.pki.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(kept, secrets.token_hex(20))
        return kept.read_text(encoding="ascii")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def layout() -> Layout:
    """The layout below the current cache."""
    return Layout(home() / "cluster")


@dataclass(frozen=True)
class State:
    """A started node: its parent process, told apart from a later one of the same number."""

    parent: int
    started: int
    """The parent's start in clock ticks since boot (field 22 of /proc/PID/stat)."""
    addresses: Addresses

    def write(self, path: Path) -> None:
        """Replace the state file in one step."""
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        draft.replace(path)

    @staticmethod
    def read(path: Path) -> "State | None":
        """The recorded state, or None when there is none that can be read."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return State(raw["parent"], raw["started"], Addresses(**raw["addresses"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def alive(self) -> bool:
        """Whether the recorded parent still runs."""
        return started(self.parent) == self.started

    def first_process(self) -> int:
        """The node's process 1, as the host numbers it; 0 while there is none."""
        children = Path(f"/proc/{self.parent}/task/{self.parent}/children")
        try:
            return int(children.read_text(encoding="utf-8").split()[0])
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return 0


def started(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when it does not run."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
