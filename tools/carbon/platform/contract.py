"""Refuses to bring a release back to a version that does not read the release's data."""

from collections.abc import Iterable

from carbon.errors import CarbonError
from carbon.platform.target import Target
from carbon.upgrade.difference.data import list_rollbacks
from carbon.upgrade.difference.live import Stored, read_release
from carbon.upgrade.findings import Finding
from carbon.upgrade.sides import InputError, Side


def refuse_rollback(target: Target, after: Side) -> None:
    """Check that a version reads the data of the installed release.

    Raises:
        CarbonError: it does not; the message states what to do for each data.
    """
    try:
        before = read_release(target, target.release)
    except InputError:
        return  # it is not installed
    if found := list_rollbacks(before, after):
        raise build_refusal(found, before, after)


def build_refusal(found: Iterable[Finding], before: Stored, after: Side) -> CarbonError:
    """Return the error about data that a version does not read."""
    lines = "\n".join(
        f"    {each.path[-1]}: revision {each.old}, not {each.new}\n      {each.remedy}"
        for each in found
    )
    return CarbonError(
        f"{after.label} (version {after.version}) does not read these data of {before.label}:"
        f"\n{lines}",
        f"Nothing was changed. Stay at version {before.version}, or do for each data what its line "
        "states, and go back with `helm rollback`: docs/upgrade.md, section 'Go back'.",
    )
