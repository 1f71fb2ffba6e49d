"""Finds the old and the new version of the charts: a release, a package, a chart or a checkout."""

import hashlib
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from backports import tarfile

from carbon.charts.discovery import UMBRELLA, Chart, read_chart
from carbon.errors import CarbonError
from carbon.files import format_path
from carbon.home import ROOT, home
from carbon.release.index import FOLDER, INDEX, read_index
from carbon.release.stored import unpack_release


class InputError(CarbonError):
    """A version that was requested does not exist or can't be read."""


@dataclass(frozen=True)
class Side:
    """One version of the charts."""

    label: str
    """The version or the path, as messages name it."""
    chart: Path
    """The folder of the chart that is upgraded: the umbrella, or one chart."""
    root: Path | None = None
    """The checkout that contains the chart, with its CI values files and profiles."""

    @property
    def main(self) -> Chart:
        """The chart that is upgraded."""
        return read_chart(self.chart)

    @property
    def version(self) -> str:
        """The version in Chart.yaml."""
        return str(self.main.meta.get("version", ""))

    def list_charts(self) -> dict[str, Chart]:
        """Return the chart and its subcharts by name, without libraries."""
        found = {self.main.name: self.main}
        for folder in sorted((self.chart / "charts").glob("*")):
            if (folder / "Chart.yaml").exists():
                chart = read_chart(folder.resolve())
                found[chart.name] = chart
        return {name: chart for name, chart in found.items() if not chart.is_library}


def locate(side: Side) -> Path:
    """Return the package or the folder of a version, as Helm installs it."""
    for release in read_index():
        if release.version == side.label:
            return FOLDER / release.package
    path = Path(side.label)
    return path if path.is_file() else side.chart


def find_new(text: str = "") -> Side:
    """Return the version that a text names; without text, the working tree.

    Raises:
        InputError: there is no such version.
    """
    return find_side(text) if text else Side("the working tree", ROOT / UMBRELLA, ROOT)


def find_old(text: str = "") -> Side:
    """Return the version that a text names; without text, the newest release.

    Raises:
        InputError: there is no such version.
    """
    if text:
        return find_side(text)
    if not (listed := read_index()):
        raise InputError(
            f"{format_path(FOLDER / INDEX)} lists no release",
            "Name a folder with charts, or a package: carbon upgrade-check FROM.",
        )
    return find_side(listed[-1].version)


def find_side(text: str) -> Side:
    """Return the version that a text names: a release, a package, a chart or a checkout.

    Raises:
        InputError: the text names none of these.
    """
    path = Path(text)
    if not path.exists():
        releases = {release.version: release for release in read_index()}
        if text in releases:
            root = unpack_release(releases[text])
            return Side(text, root / UMBRELLA, root)
        known = ", ".join(releases) or "none"
        raise InputError(
            f"there is no release, package or folder {text}",
            f"Name a release ({known}), a package file, or a folder with a Chart.yaml.",
        )
    path = path.resolve()
    if path.is_file():
        return Side(text, unpack(path))
    if (path / UMBRELLA / "Chart.yaml").exists():
        return Side(text, path / UMBRELLA, path)
    if (path / "Chart.yaml").exists():
        roots = (path.parent, path.parents[1])
        return Side(text, path, next((r for r in roots if (r / UMBRELLA).exists()), None))
    raise InputError(
        f"{text} contains no Chart.yaml", "Name a folder with a chart, or with umbrella/Chart.yaml."
    )


def unpack(package: Path) -> Path:
    """Return the folder of an unpacked package; its path depends on the package's content.

    A subchart without its own copy of the library chart gets a link to the copy of the package's
    chart, so that the subchart renders alone.

    Raises:
        InputError: the file is missing or is no package of a chart.
    """
    try:
        digest = hashlib.sha256(package.read_bytes()).hexdigest()[:24]
        target = home() / "upgrade" / digest
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            new = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
            try:
                with tarfile.open(package) as archive:
                    archive.extractall(new, filter="data")
                _link_library(next(new.glob("*/Chart.yaml")).parent)
                new.rename(target)
            finally:
                shutil.rmtree(new, ignore_errors=True)
        return next(target.glob("*/Chart.yaml")).parent
    except (OSError, EOFError, zlib.error, tarfile.TarError, StopIteration) as wrong:
        why = "no folder in it has a Chart.yaml" if isinstance(wrong, StopIteration) else wrong
        raise InputError(
            f"{format_path(package)} is not a package of a chart: {why}",
            "Name a .tgz file that `helm package` wrote.",
        ) from wrong


def _link_library(chart: Path) -> None:
    library = chart / "charts" / "common"
    for folder in (chart / "charts").glob("*"):
        if library.is_dir() and folder.is_dir() and folder != library:
            inner = folder / "charts"
            inner.mkdir(exist_ok=True)
            if not (inner / "common").exists():
                (inner / "common").symlink_to(Path("..") / ".." / "common")
