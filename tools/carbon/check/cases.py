"""Which renders a check makes: pure planning over what charts and their files say."""

import re
from dataclasses import dataclass
from pathlib import Path

from carbon.charts.discovery import Chart
from carbon.charts.kubernetes import MINORS
from carbon.check.digests import files
from carbon.check.site import Site

RELEASE = "254carbon"
NAMESPACE = "data-platform"
HOSTILE = ("9" * 53, "007", "a.b-c.9", "1e3", "null", "true")
"""Release names: the longest, dots, and what YAML takes for something else than a text."""
_READS_VERSION = re.compile(r"\.Capabilities\.KubeVersion")


@dataclass(frozen=True)
class Case:
    """One distinct render of a chart, and what it is examined for."""

    chart: Path
    name: str
    values: tuple[Path, ...]
    minors: tuple[str, ...]
    """The versions of Kubernetes that it stands for; it is rendered for the newest of them."""
    ours: bool = True
    umbrella: bool = False
    hostile: bool = False
    """Whether it is rendered under hostile release names instead."""

    def __str__(self) -> str:
        """As findings name it."""
        shown = ", ".join(path.stem.removesuffix("-values") for path in self.values) or "defaults"
        versions = f" on {self.minors[0]}" if len(self.minors) == 1 else ""
        return f"{shown}{versions}{' under other names' if self.hostile else ''}"


def reads_version(chart: Chart) -> bool:
    """Whether a chart draws by the version of Kubernetes, so that each is another render."""
    templates = (path for path in files(chart.folder) if "templates" in path.parts)
    return any(
        _READS_VERSION.search(path.read_text("utf-8", errors="ignore")) for path in templates
    )


def cases(site: Site, chart: Chart) -> list[Case]:
    """The renders of a chart: defaults, CI values, profiles; and under hostile release names."""
    if chart.is_library:
        return []  # it draws nothing
    ours = site.is_ours(chart)
    paths = [*chart.ci_values(), *site.profiles(chart)]
    given = [(), *((path,) for path in paths if not _is_bare(path))]
    each = [(minor,) for minor in MINORS] if reads_version(chart) else [MINORS]
    found = [
        Case(chart.folder, chart.name, values, minors, ours, chart.is_umbrella and ours)
        for values in given
        for minors in each
    ]
    full = next((v for v in given if v and v[0].name == "full-values.yaml"), given[0])
    umbrella = chart.is_umbrella and ours
    return [*found, Case(chart.folder, chart.name, full, MINORS, ours, umbrella, hostile=True)]


def _is_bare(path: Path) -> bool:
    """Whether a values file says nothing, so that the defaults are the same render."""
    lines = path.read_text("utf-8", errors="ignore").splitlines()
    return all(line.strip() in ("", "{}") or line.startswith("#") for line in lines)
