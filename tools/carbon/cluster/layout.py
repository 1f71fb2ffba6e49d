"""Paths, names and addresses of the local cluster."""

import hashlib
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from carbon.errors import CarbonError
from carbon.home import home

NODE_NAME = "carbon"
POD_CIDR = "10.244.0.0/16"
SERVICE_CIDR = "10.96.0.0/16"
API_PORT = 6443
PAUSE_IMAGE = "registry.k8s.io/pause:3.10.1"
BUSYBOX_IMAGE = "docker.io/library/busybox:1.37.0"
KUBELET = Path("/run/kubelet")
"""The kubelet's folder on the node. It is short: a socket's path has at most 107 characters."""
_NAME = re.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True)
class Addresses:
    """The addresses of host and node on the link between them, a /30."""

    host: str
    node: str


class Layout:
    """The folder of a local cluster, and the paths in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = f"carbon-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}"
        """Name of the cluster's cgroup and of the host's end of its link, unique for each `root`.

        The name of a link has at most 15 characters.
        """
        self.deleted = root.with_name(f"{root.name}.deleted")
        """What an interrupted deletion of `root` left; no name of a cluster contains a dot."""
        self.data = root / "data"
        """etcd, images and volumes, which `stop` keeps."""
        self.first_start = self.data / "etcd.first-start"
        """Exists from the first start of etcd until the API server has been ready once."""
        self.config = root / "config"
        """Configuration files, which `up` writes each time."""
        self.pki = root / "pki"
        """Certificates and keys, in kubeadm's layout."""
        self.logs = root / "logs"
        """A log for each program."""
        self.kubeconfig = root / "kubeconfig"
        """The administrator's kubeconfig, readable by its owner only."""
        self.supervisor = self.config / "supervisord.conf"
        """The configuration of supervisord, the node's first process."""
        self.state = root / "state.json"
        """The `State` of the running node."""

    def build_placeholders(self, addresses: Addresses) -> dict[str, object]:
        """Return the values of the `$placeholders` in configuration files and add-ons."""
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
            "secret": self.read_secret(),
        }

    def read_secret(self) -> str:
        """Return this cluster's random password; the first call creates it."""
        path = self.pki / "secret"
        if not path.exists():
            self.pki.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(path, secrets.token_hex(20))
        return path.read_text(encoding="ascii")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def layout() -> Layout:
    """Return the layout of the current cluster below the current cache.

    `$CARBON_CLUSTER` names a cluster other than the default one. Clusters share the programs and
    images in the cache, and run side by side.

    Raises:
        CarbonError: the name is not a DNS label.
    """
    name = os.environ.get("CARBON_CLUSTER", "")
    if name and not _NAME.fullmatch(name):
        raise CarbonError(
            f"CARBON_CLUSTER is {name!r}, which is not a valid name of a cluster",
            "Use lower-case letters, digits and hyphens, such as `tests`.",
        )
    return Layout(home() / (f"cluster-{name}" if name else "cluster"))
