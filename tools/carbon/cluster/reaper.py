"""Removes what the kernel leaves when the node's parent process is killed: its cgroups.

Runs beside the node and ends with it.
"""

import os
import select
import sys

from carbon.cluster import cgroups


def main() -> None:
    """Arguments: the process to outlive, and the name of the cgroup."""
    try:
        gone = os.pidfd_open(int(sys.argv[1]))
    except ProcessLookupError:
        pass
    else:
        select.select([gone], [], [])
    cgroups.remove(sys.argv[2])


if __name__ == "__main__":
    main()
