"""Lists the cases of a chart.

A case is the chart with one set of values files, for one or more Kubernetes minors, with the usual
or with unusual release names.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from carbon.charts.discovery import Chart
from carbon.charts.kubernetes import MINORS
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import list_files

RELEASE = "254carbon"
"""The release name with which this project's charts are rendered."""
PLAIN_RELEASE = "example"
"""The release name for other charts: their objects' names often begin with it."""
NAMESPACE = "data-platform"
HOSTILE = ("9" * 53, "007", "a.b-c.9", "1e3", "null", "true")
"""Release names: the longest, one with dots, and those that YAML does not read as text."""
_READS_VERSION = re.compile(r"\.Capabilities\.KubeVersion")


@dataclass(frozen=True)
class Case:
    """A chart with one set of values files, which a check renders and examines once."""

    chart: Path
    name: str
    values: tuple[Path, ...]
    minors: tuple[str, ...]
    """The Kubernetes minors with the same render; Helm renders for the newest of them."""
    ours: bool = True
    """True if this project's conventions apply."""
    umbrella: bool = False
    hostile: bool = False
    """True if the chart is rendered with each release name of HOSTILE in place of `release`."""

    @property
    def release(self) -> str:
        """The name of the release."""
        return RELEASE if self.ours else PLAIN_RELEASE

    def __str__(self) -> str:
        """Return the name of the case in the report of a check."""
        shown = ", ".join(path.stem.removesuffix("-values") for path in self.values) or "defaults"
        versions = f" on {self.minors[0]}" if len(self.minors) == 1 else ""
        return f"{shown}{versions}{' with unusual release names' if self.hostile else ''}"


def reads_version(chart: Chart) -> bool:
    """Return whether a template reads the Kubernetes version, so that each minor is a case."""
    templates = (path for path in list_files(chart.folder) if "templates" in path.parts)
    return any(
        _READS_VERSION.search(path.read_text("utf-8", errors="ignore")) for path in templates
    )


def list_cases(checkout: Checkout, chart: Chart) -> list[Case]:
    """Return the cases of a chart: defaults, CI values, profiles, and unusual release names."""
    if chart.is_library:
        return []
    ours = checkout.is_ours(chart)
    paths = [*chart.list_ci_values(), *checkout.profiles(chart)]
    sets = [(), *((path,) for path in paths if not is_empty(path))]
    each = [(minor,) for minor in MINORS] if reads_version(chart) else [MINORS]
    umbrella = chart.is_umbrella and ours
    found = [
        Case(chart.folder, chart.name, values, minors, ours, umbrella)
        for values in sets
        for minors in each
    ]
    full = next((v for v in sets if v and v[0].name == "full-values.yaml"), sets[0])
    return [*found, Case(chart.folder, chart.name, full, MINORS, ours, umbrella, hostile=True)]


def is_empty(path: Path) -> bool:
    """Return whether a values file sets nothing, so that it renders the same as the defaults."""
    lines = path.read_text("utf-8", errors="ignore").splitlines()
    return all(line.strip() in ("", "{}") or line.startswith("#") for line in lines)
