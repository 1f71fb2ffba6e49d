"""Installs, upgrades and tests the release of the umbrella chart."""

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyhelm3 import errors

from carbon.charts.merging import merge
from carbon.charts.values import read_valid_values
from carbon.errors import CarbonError, indent_tail
from carbon.home import ROOT
from carbon.platform import secrets
from carbon.platform.contract import refuse_rollback
from carbon.platform.orphans import delete_orphans, list_orphans
from carbon.platform.progress import build_error, look, show_progress
from carbon.platform.recovery import recover
from carbon.platform.target import Target
from carbon.upgrade.difference.live import find_revision
from carbon.upgrade.sides import find_new

UMBRELLA = ROOT / "umbrella"
_NOISE = re.compile(r"found symbolic link in path|level=(INFO|WARN)")
"""Lines of Helm's output that do not state why Helm failed."""


def read_values(files: Sequence[Path]) -> dict[str, Any]:
    """Read values files and merge them as Helm does.

    Raises:
        CarbonError: a file is missing, is not YAML or violates the schema.
    """
    return merge(*map(read_valid_values, files))


def read_current_values(target: Target) -> dict[str, Any]:
    """Return the values that the installed release was given.

    Raises:
        CarbonError: the release is not installed.
    """
    words = ["get", "values", target.release, "--namespace", target.namespace, "--output", "json"]
    try:
        output = asyncio.run(target.make_helm().run(words))
    except errors.Error as failed:
        raise CarbonError(
            f"release {target.release} is not installed in namespace {target.namespace}",
            "Install it first: tools/up",
        ) from failed
    return json.loads(output) or {}


def install(target: Target, values: dict[str, Any]) -> None:
    """Install or upgrade the release with the charts of this checkout.

    The function waits until every workload is Ready. First, a release that a killed Helm left
    pending is rolled back or uninstalled, and deleted Secrets of the embedded stores are recreated.
    At the end, objects that only failed revisions have created are deleted.

    Raises:
        CarbonError: the data of the release are of a later version, Helm refuses the values, or a
            workload does not become Ready; the message names the workloads and what they wait for.
    """
    refuse_rollback(target, find_new())
    recover(target)
    secrets.recreate(target)
    apply(target, UMBRELLA, values, f"install {target.release} in {target.namespace}")
    delete_orphans(target)


def apply(
    target: Target, chart: Path, values: dict[str, Any], what: str, *, reset: bool = False
) -> None:
    """Run `helm upgrade --install` and wait until every workload is Ready.

    Args:
        target: the cluster and the release.
        chart: a package, or the folder of a chart.
        values: the values; with none, Helm keeps those of the release, unless `reset`.
        what: the step, as it is shown.
        reset: whether empty values stand for the default values.

    Raises:
        CarbonError: Helm refuses the values, or a workload does not become Ready; the message
            names the workloads and what they wait for.
    """
    newest = find_revision(target)
    helm = target.make_helm(wait=newest.wait if newest else "--wait")
    work = helm.install_or_upgrade(
        target.release,
        chart,
        values,
        namespace=target.namespace,
        wait=True,
        reset_values=reset,
        force_conflicts=bool(newest and newest.flags),
    )
    try:
        asyncio.run(show_progress(work, what, target))
    except errors.Error as failed:
        raise _explain(failed, target) from failed


def test(target: Target) -> None:
    """Run the release's tests (`helm test`).

    Raises:
        CarbonError: a test failed; the message holds its log.
    """
    words = ["test", target.release, "--namespace", target.namespace, "--logs", "--timeout", "5m"]
    work = target.make_helm().run(words)
    try:
        asyncio.run(show_progress(work, f"test {target.release} in {target.namespace}", target))
    except errors.Error as failed:
        raise CarbonError(
            f"a test of release {target.release} failed, or Helm could not run it:\n"
            f"{format_failure(failed)}",
            f"Correct what the log reports. kubectl {target.kubectl_flags} get pods shows the "
            "state of the pods.",
        ) from failed


def _explain(failed: errors.Error, target: Target) -> CarbonError:
    unready, obstacles = look(target, list_orphans(target))
    if obstacles:
        return build_error(obstacles, secrets.list_generated(target))
    if not unready:
        what = f"Helm could not install or upgrade release {target.release}:"
        what += f"\n{format_failure(failed)}"
        return CarbonError(what, "Correct what Helm reports, then run the same command again.")
    lines = "\n".join(f"    {w.kind} {w.name}: {w.state}" for w in unready)
    return CarbonError(
        f"these workloads did not become Ready:\n{lines}",
        f"Look at the workloads with kubectl {target.kubectl_flags} describe and logs. "
        "Running the same command again continues.",
    )


def format_failure(failed: errors.Error) -> str:
    """Return the last lines of Helm's output, indented, without lines that explain no failure."""
    output = (failed.stderr or failed.stdout or b"").decode(errors="replace")
    return indent_tail(
        "\n".join(line for line in output.splitlines() if not _NOISE.search(line)), 40
    )
