"""Creates certificates and kubeconfigs by kubeadm's phases."""

import time
from pathlib import Path

from carbon import externals
from carbon.cluster.layout import Addresses, Layout, write_private
from carbon.process import run

_RENEWAL = 180 * 24 * 3600.0
"""Age in seconds from which certificates are replaced. kubeadm's are valid for a year."""


def issue(layout: Layout, addresses: Addresses) -> None:
    """Create the certificates and kubeconfigs that are missing.

    If the node has another address, or a certificate expires within half a year, all of them are
    replaced, except the certificates of the authorities.
    """
    _delete_stale(layout, addresses)
    config = str(layout.config / "kubeadm.yaml")
    kubeadm = externals.ensure_program("kubeadm")
    phase: list[str | Path] = [kubeadm, "init", "phase"]
    run([*phase, "certs", "all", "--config", config])
    for name in ("admin", "super-admin", "controller-manager", "scheduler", "kubelet"):
        run([*phase, "kubeconfig", name, "--config", config, "--kubeconfig-dir", str(layout.pki)])
    write_private(layout.kubeconfig, (layout.pki / "admin.conf").read_text(encoding="utf-8"))


def issue_user(layout: Layout, name: str, user: str) -> None:
    """Create `NAME.conf`, a kubeconfig for `user`, unless it exists."""
    target = layout.pki / f"{name}.conf"
    if not target.exists():
        client = ["--config", str(layout.config / "kubeadm.yaml"), "--client-name", user]
        write_private(
            target, run([externals.ensure_program("kubeadm"), "kubeconfig", "user", *client])
        )


def expire_soon(layout: Layout) -> bool:
    """Return whether a certificate of the node expires within half a year."""
    oldest = min((file.stat().st_mtime for file in _list_leaves(layout)), default=time.time())
    return time.time() - oldest > _RENEWAL


def _delete_stale(layout: Layout, addresses: Addresses) -> None:
    mark = layout.pki / "address"
    moved = mark.exists() and mark.read_text(encoding="utf-8") != addresses.node
    if moved or expire_soon(layout):
        for stale in _list_leaves(layout):
            stale.unlink()
    layout.pki.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(mark, addresses.node)


def _list_leaves(layout: Layout) -> list[Path]:
    """Return all kubeconfigs, certificates and their keys, except those of the authorities."""
    patterns = ("*.conf", "apiserver*.*", "front-proxy-client.*", "kubelet/*")
    return [file for pattern in patterns for file in layout.pki.glob(pattern)]
