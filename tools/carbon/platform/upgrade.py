"""Upgrades an installed release, and rolls it back if the upgrade fails."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyhelm3 import errors

from carbon.charts.merging import merge
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.platform import release, secrets
from carbon.platform.failures import read_logs
from carbon.platform.history import read_history
from carbon.platform.orphans import delete_jobs, delete_orphans
from carbon.platform.progress import show_progress
from carbon.platform.recovery import Recovery, plan_recovery, recover
from carbon.platform.target import Target
from carbon.upgrade.difference.changes import Difference, build_difference
from carbon.upgrade.difference.data import list_one_way, list_rollbacks
from carbon.upgrade.difference.live import Stored, find_revision, list_stored, read_release
from carbon.upgrade.difference.sources import Given, compare
from carbon.upgrade.findings import Finding
from carbon.upgrade.sides import InputError, Side, locate


@dataclass(frozen=True)
class Upgrade:
    """An upgrade of an installed release to another version, before it starts."""

    target: Target
    before: Stored
    after: Side
    values: dict[str, Any]
    difference: Difference
    rollbacks: Sequence[Finding]
    """The findings about data of the release that the other version does not read."""
    one_way: Sequence[Finding]
    """The findings about data that the deployed revision can't work with after the upgrade."""
    recovery: Recovery | None
    """What makes the release usable first, if a killed Helm left it pending."""


def plan_upgrade(target: Target, after: Side, files: Sequence[Path]) -> Upgrade:
    """Return the upgrade of a release to a version, with the values of files or of the release.

    Raises:
        InputError: there is no such release, or it is of another chart.
        CarbonError: no revision of the release is deployed, or a file is no YAML.
    """
    before = read_release(target, target.release)
    if before.chart != after.main.name:
        raise InputError(
            f"{before.label} is of the chart {before.chart}, not of {after.main.name}",
            "Set --release to the name of another release, or name a version of this chart.",
        )
    if before.status != "deployed":
        raise CarbonError(
            f"no revision of release {target.release} is deployed; the newest is {before.label}",
            f"helm {target.helm_flags} history {target.release} lists the revisions. Finish the "
            f"installation with tools/up, or uninstall the release.",
        )
    recovery = plan_recovery(read_history(target))
    if recovery and not recovery.target:
        raise CarbonError(
            f"release {target.release}: an earlier command was killed; {recovery.pending.status}",
            f"Finish it: helm {target.helm_flags} uninstall {target.release}",
        )
    compared = compare(before, after, Given(tuple(files)), _read_minor(target))
    return Upgrade(
        target,
        before,
        after,
        merge(*map(read_yaml, files)) if files else before.values,
        build_difference(compared.comparison, compared.findings),
        list_rollbacks(before, after),
        list_one_way(list_stored(target, target.release)[0], after),
        recovery,
    )


def _read_minor(target: Target) -> str:
    """Return the minor version of Kubernetes of the cluster, such as 1.37."""
    server = json.loads(target.kubectl("version", "--output=json"))["serverVersion"]
    minor = re.match(r"\d+", server["minor"])
    return f"{server['major']}.{minor[0] if minor else server['minor']}"


def run_upgrade(upgrade: Upgrade) -> None:
    """Upgrade the release, wait until every workload is Ready, and run the release's tests.

    If the upgrade fails, the release is rolled back, unless the version before can't work with
    data that the upgrade may have changed. Its pods serve until the pods of the new version are
    Ready.

    Raises:
        CarbonError: the upgrade or a test failed; the message states why, which version serves,
            and how to go on.
    """
    target, version = upgrade.target, upgrade.after.version
    recover(target)
    secrets.recreate(target)
    number = read_release(target, target.release).revision
    what = f"upgrade {target.release} in {target.namespace} to {version}"
    try:
        release.apply(target, locate(upgrade.after), upgrade.values, what, reset=True)
    except CarbonError as failed:
        raise _go_back(upgrade, number, failed) from failed
    delete_orphans(target)
    try:
        release.test(target)
    except CarbonError as failed:
        raise CarbonError(
            f"{failed.what}\n  Release {target.release} has version {version}: the upgrade itself "
            "is complete.",
            f"{failed.remedy} docs/upgrade.md, section 'Go back', explains the way back.",
        ) from failed


def _go_back(upgrade: Upgrade, number: int, failed: CarbonError) -> CarbonError:
    """Roll a release back to a revision after a failed upgrade; return the error to report."""
    target, name = upgrade.target, f"Release {upgrade.target.release}"
    if read_history(target)[-1].number == number:
        what = f"{failed.what}\n  Nothing was changed: {name.lower()} serves as before."
        return CarbonError(what, failed.remedy)
    log = read_logs(target)
    if upgrade.one_way:
        data = ", ".join(finding.path[-1] for finding in upgrade.one_way)
        return CarbonError(
            f"{failed.what}{log}\n  {name} is not rolled back: version {upgrade.before.version} "
            f"can't work with data that the upgrade may have changed ({data}). Pods of this "
            "version that still run serve until the new ones are Ready.",
            failed.remedy,
        )
    revision = find_revision(target, number)
    if revision and not revision.server_side:
        delete_jobs(target, number)
    wait, flags = (revision.wait, revision.flags) if revision else ("--wait", [])
    words = ["rollback", target.release, str(number), "--namespace", target.namespace]
    words += [wait, "--wait-for-jobs", "--timeout", "10m", *flags]
    back = f"roll {target.release} back to revision {number}"
    try:
        asyncio.run(show_progress(target.make_helm().run(words), back, target))
    except (errors.Error, CarbonError) as second:
        why = second.what if isinstance(second, CarbonError) else release.format_failure(second)
        return CarbonError(
            f"{failed.what}{log}\n  The rollback to revision {number} failed too:\n{why}",
            f"{failed.remedy} To go back, run: helm {target.helm_flags} "
            + " ".join([*words[:3], wait, *flags]),
        )
    what = f"{failed.what}{log}\n  {name} is rolled back to revision {number}, which serves."
    return CarbonError(what, failed.remedy)
