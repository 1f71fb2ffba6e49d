"""Recovers a release that a killed Helm left pending: rolls it back, or uninstalls it.

Helm marks a release as pending before it changes the cluster, and refuses every later command while
the mark stands. Helm has no command that removes the mark.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyhelm3 import errors

from carbon.console import err
from carbon.errors import CarbonError
from carbon.platform.history import DEPLOYED, Revision, read_history
from carbon.platform.orphans import delete_jobs
from carbon.platform.target import Target
from carbon.upgrade.difference.live import find_revision

GRACE = timedelta(minutes=10)
"""Age from which a pending operation counts as killed. It is the timeout that `carbon` sets."""


@dataclass(frozen=True)
class Recovery:
    """The rollback or uninstallation that makes a pending release usable again."""

    pending: Revision
    target: int | None
    """The revision to roll back to; None to uninstall."""

    @property
    def next_step(self) -> str:
        """What the recovery does, such as `uninstalls the release`."""
        if self.target:
            return f"rolls the release back to revision {self.target}"
        return "uninstalls the release"

    def __str__(self) -> str:
        then = f"rolling back to revision {self.target}" if self.target else "uninstalling it"
        return f"revision {self.pending.number} is {self.pending.status}, {then}"


def plan_recovery(history: Sequence[Revision]) -> Recovery | None:
    """Return how to recover a release; None unless its newest revision is pending or uninstalling.

    `history` lists the revisions, oldest first. A pending upgrade or rollback goes back to the
    newest revision that was deployed. If there is none, and after an interrupted installation or
    uninstallation, the release is uninstalled. Volumes and generated Secrets stay.
    """
    if not history or not history[-1].status.startswith(("pending", "uninstalling")):
        return None
    good = [r.number for r in history if r.status in DEPLOYED]
    upgrade = history[-1].status in ("pending-upgrade", "pending-rollback")
    return Recovery(history[-1], good[-1] if upgrade and good else None)


def recover(target: Target) -> None:
    """Roll back or uninstall the release if a killed Helm left it pending, and print that.

    Raises:
        CarbonError: on a cluster that is not this machine's, the pending operation is younger than
            Helm's timeout, so that its Helm may still run; or Helm cannot recover the release.
    """
    recovery = plan_recovery(read_history(target))
    if recovery is None:
        return
    age = datetime.now(UTC) - recovery.pending.updated
    if target.context and age < GRACE:
        raise CarbonError(
            f"release {target.release}: a Helm command started {age.seconds // 60} min ago and has "
            f"not ended: revision {recovery.pending.number} is {recovery.pending.status}",
            f"Wait until it ends. If it was killed, run this command again after "
            f"{(recovery.pending.updated + GRACE):%H:%M} UTC: carbon first {recovery.next_step}.",
        )
    err.print(f"… release {target.release}: an earlier command was killed; {recovery}")
    words = ["uninstall", target.release, "--wait"]
    if recovery.target:
        words = ["rollback", target.release, str(recovery.target)]
        revision = find_revision(target, recovery.target)
        if revision and not revision.server_side:
            delete_jobs(target, recovery.target)
        words += revision.flags if revision else []
    try:
        asyncio.run(target.make_helm().run([*words, "--namespace", target.namespace]))
    except errors.Error as failed:
        what = (failed.stderr or b"").decode(errors="replace").strip()
        name = f"the {recovery.pending.status} release {target.release}"
        raise CarbonError(
            f"helm {words[0]} of {name} failed: {what}",
            f"Correct what Helm reports. helm {target.helm_flags} history {target.release} lists "
            "the revisions of the release.",
        ) from failed
