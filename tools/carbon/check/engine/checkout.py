"""The checkout under check: the charts, the components table, the profiles and the schemas."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, find_folders, read_chart
from carbon.charts.merging import compute_values, merge
from carbon.charts.values import EDITOR_SCHEMA
from carbon.check.sources.components import TABLE, Component, read_components
from carbon.errors import CarbonError
from carbon.files import read_yaml


@dataclass(frozen=True)
class Checkout:
    """A folder with charts: this project's checkout, a copy of it, or any folder of charts."""

    root: Path

    @cached_property
    def charts(self) -> list[Chart]:
        """The charts, libraries included; a chart with an unreadable Chart.yaml has no metadata."""
        return [read_if_valid(folder) for folder in find_folders(self.root)]

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """The rows of the components table."""
        return read_components(self.root)

    @property
    def is_house(self) -> bool:
        """True if this project's conventions apply: the checkout has a components table."""
        return (self.root / TABLE).exists()

    def format_path(self, path: Path) -> str:
        """Return a path as reports show it: relative to the root if the path is below the root."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def select_charts(self, names: Sequence[str]) -> list[Chart]:
        """Return the charts with these names or folders; all charts if `names` is empty.

        Raises:
            CarbonError: a name is neither a chart of the checkout nor a folder.
        """
        if not names:
            return self.charts
        by_name = {chart.name: chart for chart in self.charts}
        return [by_name[name] if name in by_name else self._find(name) for name in names]

    def _find(self, name: str) -> Chart:
        folder = Path(name).resolve()
        for chart in self.charts:
            if chart.folder.resolve() == folder:
                return chart
        if not folder.is_dir():
            known = ", ".join(chart.name for chart in self.charts) or "none"
            raise CarbonError(
                f"there is no chart {name}", f"Name a folder with a Chart.yaml, or one of: {known}."
            )
        return read_if_valid(folder)

    def is_ours(self, chart: Chart) -> bool:
        """Return whether this project's conventions apply to a chart."""
        return self.is_house and any(chart.folder == each.folder for each in self.charts)

    def rows(self, chart: Chart) -> tuple[Component, ...]:
        """Return the rows of the components table for a chart; all rows for the umbrella."""
        return tuple(r for r in self.components if chart.is_umbrella or r.chart == chart.name)

    def profiles(self, chart: Chart) -> list[Path]:
        """Return the profiles, if the chart is the umbrella."""
        if not (chart.is_umbrella and self.is_ours(chart)):
            return []
        folders = (self.root / "values", self.root / "values" / "ci")
        return sorted(path for folder in folders for path in folder.glob("*.yaml"))

    def schema(self, chart: Chart) -> Path:
        """Return the path of the schema for a whole values file of a chart."""
        whole = self.root / EDITOR_SCHEMA
        umbrella = chart.is_umbrella and self.is_ours(chart)
        return whole if umbrella and whole.exists() else chart.folder / "values.schema.json"

    def read_services_table(self) -> dict[str, Any]:
        """Return `global.services` of the umbrella's default values; empty without an umbrella."""
        umbrella = next((chart for chart in self.charts if chart.is_umbrella), None)
        values = compute_values(umbrella, {}) if umbrella else {}
        for each in (values, *values.values()):
            shared = each.get("global") if isinstance(each, dict) else None
            if isinstance(shared, dict) and isinstance(shared.get("services"), dict):
                return dict(shared["services"])
        return {}


def read_if_valid(folder: Path) -> Chart:
    """Return the chart in a folder, without metadata if its Chart.yaml cannot be read."""
    try:
        return read_chart(folder)
    except CarbonError:
        return Chart(folder, {})


def read_render_values(chart: Chart, files: Sequence[Path]) -> dict[str, Any]:
    """Return all values of a render with values files; subcharts' values are below their keys.

    Raises:
        CarbonError: a values file is missing or is not a YAML map.
    """
    return compute_values(chart, read_given_values(files))


def read_given_values(files: Sequence[Path]) -> dict[str, Any]:
    """Return the values of some values files, merged as Helm merges them.

    Raises:
        CarbonError: a values file is missing or is not a YAML map.
    """
    return merge(*map(read_yaml, files))
