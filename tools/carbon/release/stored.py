"""The charts and values files of a release, unpacked from the archives beside the index."""

import shutil
from pathlib import Path

from carbon.charts.discovery import UMBRELLA, read_chart
from carbon.errors import CarbonError
from carbon.files import format_path
from carbon.home import home
from carbon.locks import hold_lock
from carbon.release.archives import compute_digest, read_archive
from carbon.release.index import FOLDER, INDEX, PLATFORM, Release

CHARTS = "charts"
"""Folder of the charts in a checkout, and of the subcharts in a chart."""
_LAYOUT = 1
"""Version of the unpacked folder's layout. Raise it when a change of this module alters it."""


def unpack_release(release: Release, folder: Path = FOLDER) -> Path:
    """Return a folder with a release, laid out as a checkout: charts/, umbrella/ and values/.

    The folder is in the cache; nothing may write into it. Each chart has its values files in ci/.

    Raises:
        CarbonError: an archive is missing, or differs from its digest in the index.
    """
    archives = {
        name: _read_stored(folder / name, wanted) for name, wanted in release.stored.items()
    }
    key = compute_digest(f"{_LAYOUT} {sorted(release.stored.items())}".encode())[7:23]
    target = home() / "releases" / f"{release.version}-{key}"
    with hold_lock(target.parent / ".lock"):
        if not target.is_dir():
            new = target.with_name(f".new-{target.name}")
            shutil.rmtree(new, ignore_errors=True)
            for path, content in _lay_out(archives, release).items():
                (new / path).parent.mkdir(parents=True, exist_ok=True)
                (new / path).write_bytes(content)
            _link_charts(new)
            new.rename(target)
    return target


def _read_stored(path: Path, digest: str) -> bytes:
    """Return the content of an archive beside the index."""
    remedy = f"Restore the file: git checkout -- {format_path(path)}"
    try:
        content = path.read_bytes()
    except OSError as wrong:
        raise CarbonError(f"can't read {format_path(path)}: {wrong.strerror}", remedy) from wrong
    if (actual := compute_digest(content)) != digest:
        raise CarbonError(
            f"{format_path(path)} has the digest {actual}, but {INDEX} lists {digest}", remedy
        )
    return content


def _lay_out(archives: dict[str, bytes], release: Release) -> dict[Path, bytes]:
    """Return path in a checkout -> content of the files in a release's archives."""
    packaged = read_archive(archives[release.package], release.package)
    values = read_archive(archives[release.values_archive], release.values_archive)
    files = {Path(path): content for path, content in values.items()}
    for path, content in packaged.items():
        inside = Path(path).relative_to(PLATFORM)
        files[inside if inside.parts[0] == CHARTS else UMBRELLA / inside] = content
    return files


def _link_charts(checkout: Path) -> None:
    """Link the charts as in the repository: all into the umbrella, the library into the others.

    A subchart in the umbrella's package may have its library chart or not.
    """
    (checkout / UMBRELLA / CHARTS).mkdir(parents=True, exist_ok=True)
    for chart in sorted((checkout / CHARTS).iterdir()):
        (checkout / UMBRELLA / CHARTS / chart.name).symlink_to(Path("../..", CHARTS, chart.name))
        for library in read_chart(chart).dependencies.values():
            inner = chart / CHARTS / library
            if not inner.exists():
                inner.parent.mkdir(exist_ok=True)
                inner.symlink_to(Path("../..", library))
