"""Finds the charts of a checkout and reads what their files state."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.home import ROOT

UMBRELLA = "umbrella"
"""Folder of the umbrella chart."""


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart: its folder and the content of its Chart.yaml."""

    folder: Path
    meta: dict[str, Any]

    @property
    def name(self) -> str:
        """The name in Chart.yaml."""
        return str(self.meta.get("name", self.folder.name))

    @property
    def description(self) -> str:
        """The description in Chart.yaml, on one line."""
        return " ".join(str(self.meta.get("description", "")).split())

    @property
    def is_library(self) -> bool:
        """True if the chart is a library chart, which only has templates for other charts."""
        return self.meta.get("type") == "library"

    @property
    def is_umbrella(self) -> bool:
        """True if the chart is the umbrella chart, which installs the others."""
        return self.folder.name == UMBRELLA

    @property
    def dependencies(self) -> dict[str, str]:
        """Key of a subchart in the chart's values -> name of the subchart."""
        listed = self.meta.get("dependencies") or []
        keys = {entry.get("alias") or entry["name"]: entry["name"] for entry in listed}
        bundled = self.folder / "charts"
        embedded = [d.name for d in sorted(bundled.glob("*")) if (d / "Chart.yaml").exists()]
        return keys | {name: name for name in embedded if name not in keys.values()}

    @property
    def without_subcharts(self) -> tuple[str, ...]:
        """The settings (`key=false`) that disable every subchart with a condition in the values."""
        listed = [
            entry["condition"]
            for entry in self.meta.get("dependencies") or []
            if entry.get("condition")
        ]
        values = self.read_values()
        return tuple(f"{path}=false" for path in listed if _has_key(values, path))

    def read_values(self) -> dict[str, Any]:
        """Return the default values."""
        path = self.folder / "values.yaml"
        return read_yaml(path) if path.exists() else {}

    def find_suites(self) -> Path:
        """Return the folder of the chart whose suites helm-unittest runs.

        This is the chart's own folder, or its `tests/` if that is a chart: a library chart is
        tested by a chart that includes it.
        """
        wrapper = self.folder / "tests"
        return wrapper if (wrapper / "Chart.yaml").exists() else self.folder

    def list_ci_values(self) -> list[Path]:
        """Return the CI values files (ci/*-values.yaml), sorted."""
        return sorted((self.folder / "ci").glob("*-values.yaml"))


def _has_key(values: Any, dotted: str) -> bool:
    for key in dotted.split("."):
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def read_chart(folder: Path) -> Chart:
    """Return the chart in a folder.

    Raises:
        CarbonError: Chart.yaml is missing or invalid.
    """
    return Chart(folder, read_yaml(folder / "Chart.yaml"))


def find_charts(root: Path = ROOT) -> list[Chart]:
    """Return all charts of a checkout: the charts in `charts/` by name, then the umbrella.

    Raises:
        CarbonError: the checkout has text files in place of the symbolic links between charts, or
            a Chart.yaml is invalid.
    """
    return [read_chart(folder) for folder in find_folders(root)]


def find_folders(root: Path = ROOT) -> list[Path]:
    """Return the folders of the charts of a checkout: `charts/` by name, then the umbrella.

    Raises:
        CarbonError: the checkout has text files in place of the symbolic links between charts.
    """
    folders = [*sorted((root / "charts").glob("*")), root / UMBRELLA]
    charts = [folder for folder in folders if (folder / "Chart.yaml").exists()]
    for folder in charts:
        _check_links(folder)
    return charts


def _check_links(chart: Path) -> None:
    for entry in (chart / "charts").glob("*"):
        if entry.is_file() and entry.suffix != ".tgz":
            raise CarbonError(
                f"{entry} is a file, but must be a symbolic link to a chart",
                "Enable symbolic links with `git config core.symlinks true`, then check the file "
                f"out again: rm {entry} && git checkout -- {entry}. Do the same for other links.",
            )
