"""The node's first process: sets up the node's Linux namespaces, then executes the supervisor.

`lifecycle` starts it as process 1 of new network, mount, PID, UTS and IPC namespaces. When it ends,
the kernel kills every process in them.
"""

import os
import sys
import time
from pathlib import Path

from carbon.cluster import network
from carbon.cluster.layout import KUBELET, NODE_NAME, Addresses, layout
from carbon.process import run

_PATIENCE = 30.0
_OWN = (Path("/var/log/pods"), Path("/var/log/containers"), Path("/var/lib/cni"))
"""Folders in which the kubelet and CNI plugins write and delete files, with paths of their own.

In a shared folder, the kubelet of one cluster deletes the logs of another cluster's pods.
"""


def main() -> None:
    """Set up the node; the arguments are the addresses of the host and the node on their link."""
    addresses = Addresses(*sys.argv[1:3])
    _mount()
    Path("/proc/sys/kernel/hostname").write_text(NODE_NAME, encoding="utf-8")
    _await_link()
    network.configure_node(addresses)
    config = str(layout().supervisor)
    os.execv(sys.executable, [sys.executable, "-m", "supervisor.supervisord", "-c", config])  # noqa: S606


def _mount() -> None:
    """Make mounts invisible to the host, and shared between the node and its pods."""
    run(["mount", "--make-rprivate", "/"])
    run(["mount", "-t", "tmpfs", "-o", "mode=755,size=256m", "node", "/run"])
    for folder in (KUBELET, *_OWN):
        data = layout().data / "-".join(folder.parts[2:])
        for each in (data, folder):
            each.mkdir(parents=True, exist_ok=True)
        run(["mount", "--bind", str(data), str(folder)])
    run(["mount", "--make-rshared", "/"])


def _await_link() -> None:
    deadline = time.monotonic() + _PATIENCE
    while "eth0" not in run(["ip", "-brief", "link"]):
        if time.monotonic() > deadline:
            sys.exit("the link to the host did not appear")
        time.sleep(0.02)


if __name__ == "__main__":
    main()
