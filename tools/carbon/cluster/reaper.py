"""Removes the node's cgroups after its parent process has ended.

The kernel removes everything else with the node's Linux namespaces. The reaper runs while the node
runs.
"""

import os
import select
import sys

from carbon.cluster import cgroups


def main() -> None:
    """Wait for a process to end, then remove a cgroup; the arguments are its PID and its name."""
    try:
        parent = os.pidfd_open(int(sys.argv[1]))
    except ProcessLookupError:
        pass
    else:
        select.select([parent], [], [])
    cgroups.remove(sys.argv[2])


if __name__ == "__main__":
    main()
