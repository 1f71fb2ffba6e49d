"""What has to come from the distribution: packages that are no Go programs."""

import os
import shutil
import subprocess
from collections.abc import Collection, Iterable

from carbon.console import step
from carbon.errors import CarbonError
from carbon.process import run

_APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "APT::Install-Recommends=false", "-qy")


def absent(packages: Iterable[str], dpkg_says: str) -> list[str]:
    """Those packages that are not installed, by what `dpkg-query -Wf STATUS` printed."""
    there = {
        line.split()[0].partition(":")[0]
        for line in dpkg_says.splitlines()
        if line.endswith(" installed")
    }
    return [package for package in packages if package not in there]


def missing(packages: Collection[str]) -> list[str]:
    """Those packages that this machine lacks; all of them where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return list(packages)
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,  # it fails when it knows nothing of one of them, and still names the others
    )
    return absent(packages, asked.stdout)


def ensure(packages: Collection[str]) -> None:
    """Install those packages that are missing, if we are root on Debian.

    Raises:
        CarbonError: they can't be installed from here; names them and the command that does it.
    """
    wanted = missing(packages)
    if not wanted:
        return
    names = " ".join(wanted)
    command = f"apt-get install -y --no-install-recommends {names}"
    if shutil.which("apt-get") is None:
        raise CarbonError(
            f"missing Debian packages: {names}",
            "This needs Debian or a distribution made from it, with those packages installed.",
        )
    if os.geteuid() != 0:
        raise CarbonError(f"missing Debian packages: {names}", f"Install them: sudo {command}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    remedy = f"Install them by hand, then run the same again: {command}"
    with step(f"installing {names}"):
        try:
            run([*_APT, "install", *wanted], env=quiet)
        except CarbonError:  # most often the package lists are missing or old
            run([*_APT, "update"], env=quiet, remedy=remedy)
            run([*_APT, "install", *wanted], env=quiet, remedy=remedy)
