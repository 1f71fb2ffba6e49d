"""Packages of the charts, as `helm package` builds them, with the same bytes for the same tree."""

from pathlib import Path
from tempfile import TemporaryDirectory

from carbon import externals
from carbon.charts.discovery import Chart, find_charts
from carbon.process import run
from carbon.release.archives import build_archive, read_archive


def build_packages(checkout: Path) -> dict[str, bytes]:
    """Return file name -> content of the package of each chart of a checkout.

    Helm adds subcharts in a random order and with the times of the files; the archive is therefore
    written again with sorted files.

    Raises:
        CarbonError: Helm refuses a chart.
    """
    return dict(build_package(chart) for chart in find_charts(checkout))


def build_package(chart: Chart) -> tuple[str, bytes]:
    """Return file name and content of the package of a chart.

    Raises:
        CarbonError: Helm refuses the chart.
    """
    helm = externals.ensure_program("helm")
    with TemporaryDirectory() as folder:
        run([helm, "package", chart.folder, "--destination", folder])
        (package,) = Path(folder).iterdir()
        return package.name, build_archive(read_archive(package.read_bytes(), package.name))


def build_values_archive(checkout: Path) -> bytes:
    """Return the archive with the values files of a checkout: values/ and the ci/ of each chart."""
    paths = [*(checkout / "values").rglob("*.yaml")]
    for chart in find_charts(checkout):
        paths += chart.list_ci_values()
    return build_archive({str(p.relative_to(checkout)): p.read_bytes() for p in paths})
