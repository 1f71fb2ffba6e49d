"""Installs Debian packages: the programs that are not built from tools/externals."""

import os
import shutil
import subprocess
from collections.abc import Collection, Iterable

from carbon.console import step
from carbon.errors import CarbonError
from carbon.process import run

_APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "APT::Install-Recommends=false", "-qy")


def find_absent(packages: Iterable[str], output: str) -> list[str]:
    """Return the packages that are not installed, from the output of dpkg-query."""
    there = {
        line.split()[0].partition(":")[0]
        for line in output.splitlines()
        if line.endswith(" installed")
    }
    return [package for package in packages if package not in there]


def list_missing(packages: Collection[str]) -> list[str]:
    """Return the packages that this machine lacks; without dpkg, all packages."""
    if shutil.which("dpkg-query") is None:
        return list(packages)
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,  # an unknown package is an error, but other packages are printed
    )
    return find_absent(packages, done.stdout)


def install(packages: Collection[str]) -> None:
    """Install the missing packages. It needs root on Debian or a derivative of it.

    Raises:
        CarbonError: the packages can't be installed; the message names them and the command.
    """
    wanted = list_missing(packages) if packages else []
    if not wanted:
        return
    names = " ".join(wanted)
    command = f"apt-get install -y --no-install-recommends {names}"
    if shutil.which("apt-get") is None:
        raise CarbonError(
            f"missing Debian packages: {names}; apt-get, which installs them, is missing too",
            "Run the same command on Debian or a derivative of Debian, such as Ubuntu.",
        )
    if os.geteuid() != 0:
        raise CarbonError(f"missing Debian packages: {names}", f"Install them: sudo {command}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    remedy = f"Run `{command}`, then repeat the command that failed."
    with step(f"install {names}"):
        try:
            run([*_APT, "install", *wanted], env=quiet)
        except CarbonError:  # usually apt-get fails because the package lists are missing or old
            run(["dpkg", "--configure", "-a"], env=quiet, remedy=remedy)  # interrupted before
            run([*_APT, "update"], env=quiet, remedy=remedy)
            run([*_APT, "install", *wanted], env=quiet, remedy=remedy)
