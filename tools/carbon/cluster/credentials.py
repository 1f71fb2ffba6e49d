"""Creates certificates and kubeconfigs by kubeadm's phases."""

from pathlib import Path

from carbon import externals
from carbon.cluster.layout import Addresses, Layout, write_private
from carbon.process import run


def issue(layout: Layout, addresses: Addresses) -> None:
    """Create the missing files. Existing files stay unless the node's address has changed."""
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


def _delete_stale(layout: Layout, addresses: Addresses) -> None:
    """Delete the files that hold the node's address if the address has changed."""
    mark = layout.pki / "address"
    if mark.exists() and mark.read_text(encoding="utf-8") != addresses.node:
        for stale in [*layout.pki.glob("*.conf"), *layout.pki.glob("apiserver.*")]:
            stale.unlink()
    layout.pki.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(mark, addresses.node)
