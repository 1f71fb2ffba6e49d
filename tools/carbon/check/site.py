"""What is checked: the charts of a checkout, or charts from anywhere, and what is known of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, charts
from carbon.charts.files import read_yaml
from carbon.check.components import TABLE, Component, components
from carbon.check.digests import OF_TESTS, combined, of_tree
from carbon.errors import CarbonError
from carbon.home import ROOT

CRDS = ROOT / "schemas" / "crds"
WHOLE = Path("schemas") / "254carbon.schema.json"


@dataclass(frozen=True)
class Site:
    """A folder with charts."""

    root: Path

    @cached_property
    def charts(self) -> list[Chart]:
        """Its charts, libraries included."""
        return charts(self.root)

    @cached_property
    def table(self) -> tuple[Component, ...]:
        """Its table of components."""
        return components(self.root)

    @property
    def is_house(self) -> bool:
        """Whether it is kept as this project's checkout is: with a table of components."""
        return (self.root / TABLE).exists()

    def shown(self, path: Path) -> str:
        """A path as findings show it: from the root where it lies inside."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def chosen(self, names: Sequence[str]) -> list[Chart]:
        """The charts of these names or folders; all of them if none is named.

        Raises:
            CarbonError: there is no such chart.
        """
        if not names:
            return self.charts
        by_name = {chart.name: chart for chart in self.charts}
        return [by_name[name] if name in by_name else self._at(name) for name in names]

    def _at(self, name: str) -> Chart:
        folder = Path(name).resolve()
        for chart in self.charts:
            if chart.folder.resolve() == folder:
                return chart
        if not (folder / "Chart.yaml").exists():
            known = ", ".join(chart.name for chart in self.charts) or "none"
            raise CarbonError(
                f"there is no chart {name}", f"Name a folder with a Chart.yaml, or one of: {known}."
            )
        return Chart(folder, read_yaml(folder / "Chart.yaml"))

    def is_ours(self, chart: Chart) -> bool:
        """Whether the house's rules hold for it."""
        return self.is_house and any(chart.folder == each.folder for each in self.charts)

    def rows(self, chart: Chart) -> tuple[Component, ...]:
        """The table's rows of a chart; the umbrella's are all."""
        return tuple(r for r in self.table if chart.is_umbrella or r.chart == chart.name)

    def profiles(self, chart: Chart) -> list[Path]:
        """Values files beside the chart that are meant for it: the umbrella's profiles."""
        if not (chart.is_umbrella and self.is_ours(chart)):
            return []
        folders = (self.root / "values", self.root / "values" / "ci")
        return sorted(path for folder in folders for path in folder.glob("*.yaml"))

    def schema(self, chart: Chart) -> Path:
        """The schema of a whole values file of a chart."""
        whole = self.root / WHOLE
        umbrella = chart.is_umbrella and self.is_ours(chart)
        return whole if umbrella and whole.exists() else chart.folder / "values.schema.json"


def input_digest(chart: Chart) -> str:
    """The hash of all that a chart's renders depend on beside values."""
    return of_tree(chart.folder.resolve(), OF_TESTS)


def whole_digest(chart: Chart) -> str:
    """The hash of a chart with its tests and CI values."""
    return combined([of_tree(chart.folder.resolve()), input_digest(chart)])


@cache
def apis() -> tuple[str, ...]:
    """The APIs that values may ask of a cluster: those of which there is a schema."""
    kinds = [path.stem.split("_") for path in sorted(CRDS.glob("*.json"))]
    versions = {f"{group}/{version}" for group, _, version in kinds}
    return tuple(sorted(versions | {f"{v}/{kind}" for v in versions for kind in _kinds(v)}))


def _kinds(version: str) -> list[str]:
    listed = read_yaml(CRDS / "kinds.yaml").values()
    kinds = sorted({kind for module in listed for kind in module.get("kinds") or []})
    group, _, number = version.partition("/")
    return [k for k in kinds if (CRDS / f"{group}_{k.lower()}_{number}.json").exists()]


def merged(under: Any, over: Any) -> Any:
    """Values laid over others, as Helm does it: maps key by key, everything else replaced."""
    if not (isinstance(under, Mapping) and isinstance(over, Mapping)):
        return over
    both = dict(under)
    for key, value in over.items():
        both[key] = merged(both[key], value) if key in both and value is not None else value
    return both


def all_values(chart: Chart, given: Sequence[Path]) -> dict[str, Any]:
    """The values of a render: the chart's, the given ones over them, and each subchart's."""
    values: dict[str, Any] = dict(_defaults(chart.folder.resolve()))
    for path in given:
        values = merged(values, read_yaml(path))
    for key in chart.dependencies:
        folder = chart.folder / "charts" / chart.dependencies[key]
        if (folder / "Chart.yaml").exists():
            sub = Chart(folder, read_yaml(folder / "Chart.yaml"))
            own = merged(all_values(sub, ()), values.get(key) or {})
            own["global"] = merged(own.get("global") or {}, values.get("global") or {})
            values[key] = own
    return values


@cache
def _defaults(folder: Path) -> dict[str, Any]:
    """A chart's default values; nobody may change them."""
    return Chart(folder, {}).values()


def forget() -> None:
    """Read default values anew."""
    _defaults.cache_clear()


def services(site: Site) -> dict[str, Any]:
    """The platform's table of who may talk to whom, as the umbrella's own values give it."""
    umbrella = next((chart for chart in site.charts if chart.is_umbrella), None)
    values = all_values(umbrella, ()) if umbrella else {}
    for each in (values, *values.values()):
        shared = each.get("global") if isinstance(each, dict) else None
        if isinstance(shared, dict) and isinstance(shared.get("services"), dict):
            return dict(shared["services"])
    return {}


def schema_of(path: Path) -> dict[str, Any]:
    """A compiled schema; an empty one where there is none."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found
