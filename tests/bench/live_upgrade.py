"""Benchmark of an upgrade of the quickstart, beside the restart of each of its workloads.

    python -m tests.bench.live_upgrade [--write]

Release 0.1.0 is upgraded to the working tree, which replaces the pods of every workload. The
upgrade ends when all pods are Ready and all Jobs are complete. After that, each workload is
restarted alone. The upgrade may take 1.5 times as long as the slowest of these restarts: workloads
that wait for others must not add up their times. Run the benchmark on an idle machine; it takes 15
minutes and needs root.
"""

import sys

from tests.bench.report import report, table
from tests.bench.usage import measure_seconds
from tests.live.own_cluster import start_cluster
from tests.live.support import RELEASE, SELECTOR, Release
from tests.live.upgrade.data import PACKAGE

from carbon import images
from carbon.cluster import access

LIMIT = 1.5
"""The longest time of an upgrade, as a multiple of the slowest restart."""


def main() -> None:
    """Upgrade, restart each workload, report a table; exit if the upgrade takes too long."""
    with start_cluster(), Release("upgrade-bench") as release:
        images.load_archives(images.ensure_archives(["redis"]), access.run_ctr)  # of 0.1.0
        release.run_helm("helm", "install", RELEASE, str(PACKAGE), "--create-namespace")
        upgrade = measure_seconds(lambda: _upgrade(release))
        print(f"upgrade: {upgrade:.0f} s", flush=True)
        restarts = {name: _measure_restart(release, name) for name in _list_workloads(release)}
    slowest = max(restarts, key=lambda name: restarts[name])
    ratio = upgrade / restarts[slowest]
    rows = [("upgrade from release 0.1.0", f"{upgrade:.0f} s", f"{ratio:.2f}")]
    ordered = sorted(restarts.items(), key=lambda each: -each[1])
    rows += [
        (f"restart of {name}", f"{seconds:.0f} s", f"{seconds / restarts[slowest]:.2f}")
        for name, seconds in ordered
    ]
    about = f"The limit of the upgrade is {LIMIT} times the slowest restart.\n\n"
    report("live upgrade", about + table(("run", "time", "time ÷ slowest restart"), rows))
    if ratio > LIMIT:
        sys.exit(f"the upgrade takes {ratio:.2f} times as long as the restart of {slowest}")


def _upgrade(release: Release) -> None:
    words = ("upgrade", RELEASE, "umbrella/", "--wait-for-jobs", "--force-conflicts")
    release.run_helm("helm", *words, timeout="10m")


def _list_workloads(release: Release) -> list[str]:
    """Return the Deployments and StatefulSets of the release, as kind/name."""
    names = release.kubectl("get", "deployments,statefulsets", "-l", SELECTOR, "-o", "name")
    return names.split()


def _measure_restart(release: Release, name: str) -> float:
    """Restart a workload while all others are Ready; return the seconds until it is Ready."""

    def restart() -> None:
        release.kubectl("rollout", "restart", name)
        release.kubectl("rollout", "status", name, "--timeout=5m")

    for other in _list_workloads(release):
        release.kubectl("rollout", "status", other, "--timeout=5m")
    seconds = measure_seconds(restart)
    print(f"{name}: {seconds:.0f} s", flush=True)
    return seconds


if __name__ == "__main__":
    main()
