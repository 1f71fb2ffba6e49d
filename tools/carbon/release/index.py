"""The index of the releases: tests/upgrade/releases/index.yaml."""

from dataclasses import dataclass
from functools import total_ordering
from pathlib import Path
from typing import Any

import yaml
from semver import Version

from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml
from carbon.home import ROOT

FOLDER = ROOT / "tests" / "upgrade" / "releases"
"""Folder of the index and of the archives that it stores."""
INDEX = "index.yaml"
PLATFORM = "254carbon"
"""Name of the umbrella chart, whose package contains all other charts."""
_HEAD = """\
# The releases, oldest first, as `carbon release` adds them.
#
#   commit    commit whose tree was packaged
#   date      date of the commit
#   packages  package of each chart -> its digest. The umbrella's contains all charts; only that
#             package is in this folder.
#   values    digest of values-VERSION.tgz, which holds the values files of that tree: values/ and
#             the ci/ of each chart
"""


@total_ordering
@dataclass(frozen=True)
class Release:
    """A release: one version of all charts."""

    version: str
    commit: str
    date: str
    """Date of the commit, as in 2026-11-26T23:40:20+00:00."""
    packages: dict[str, str]
    """File name of each chart's package -> digest."""
    values: str
    """Digest of the archive with the values files."""

    def __lt__(self, other: "Release") -> bool:
        return Version.parse(self.version) < Version.parse(other.version)

    def __hash__(self) -> int:
        return hash((self.version, self.commit))

    @property
    def package(self) -> str:
        """File name of the umbrella's package."""
        return f"{PLATFORM}-{self.version}.tgz"

    @property
    def values_archive(self) -> str:
        """File name of the archive with the values files."""
        return f"values-{self.version}.tgz"

    @property
    def stored(self) -> dict[str, str]:
        """File name of each archive in the folder of the index -> digest."""
        return {self.package: self.packages[self.package], self.values_archive: self.values}


def read_index(folder: Path = FOLDER) -> list[Release]:
    """Return the releases, oldest first.

    Raises:
        CarbonError: the index is missing or invalid.
    """
    path = folder / INDEX
    return sorted(_parse(path, str(version), entry) for version, entry in read_yaml(path).items())


def format_index(releases: list[Release]) -> str:
    """Return the text of the index."""
    entries = {
        release.version: {
            "commit": release.commit,
            "date": release.date,
            "packages": dict(sorted(release.packages.items())),
            "values": release.values,
        }
        for release in sorted(releases)
    }
    return f"{_HEAD}\n{yaml.safe_dump(entries, sort_keys=False, width=100)}"


def _parse(path: Path, version: str, entry: Any) -> Release:
    wrong = ""
    if not Version.is_valid(version):
        wrong = "the key is not a version such as 0.1.0"
    elif not isinstance(entry, dict) or set(entry) != {"commit", "date", "packages", "values"}:
        wrong = "an entry has the keys commit, date, packages and values"
    elif f"{PLATFORM}-{version}.tgz" not in (entry["packages"] or {}):
        wrong = f"packages lacks {PLATFORM}-{version}.tgz"
    if wrong:
        raise CarbonError(
            f"{format_path(path)}, {version}: {wrong}",
            f"Correct the entry, or restore the file: git checkout -- {format_path(path)}",
        )
    fields = {key: str(entry[key]) for key in ("commit", "date", "values")}
    return Release(version, packages=dict(entry["packages"]), **fields)
