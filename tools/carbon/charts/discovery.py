"""Finding the charts of the checkout, and what their files say about each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbon.charts.files import read_yaml
from carbon.errors import CarbonError
from carbon.home import ROOT

UMBRELLA = "umbrella"


@dataclass(frozen=True, eq=False)
class Chart:
    """One chart: its folder and its Chart.yaml."""

    folder: Path
    meta: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name in Chart.yaml."""
        return str(self.meta.get("name", self.folder.name))

    @property
    def description(self) -> str:
        """What Chart.yaml says it is, on one line."""
        return " ".join(str(self.meta.get("description", "")).split())

    @property
    def is_library(self) -> bool:
        """Whether it only lends templates to others."""
        return self.meta.get("type") == "library"

    @property
    def is_umbrella(self) -> bool:
        """Whether it is the one that installs the others."""
        return self.folder.name == UMBRELLA

    @property
    def dependencies(self) -> dict[str, str]:
        """Keys under which its values hold those of another chart -> that chart's name."""
        listed = self.meta.get("dependencies") or []
        keys = {entry.get("alias") or entry["name"]: entry["name"] for entry in listed}
        bundled = self.folder / "charts"
        embedded = [d.name for d in sorted(bundled.glob("*")) if (d / "Chart.yaml").exists()]
        return keys | {name: name for name in embedded if name not in keys.values()}

    @property
    def alone(self) -> tuple[str, ...]:
        """The settings by which the charts below it that can be switched off are."""
        listed = self.meta.get("dependencies") or []
        return tuple(f"{entry['condition']}=false" for entry in listed if "condition" in entry)

    def values(self) -> dict[str, Any]:
        """Its default values."""
        path = self.folder / "values.yaml"
        return read_yaml(path) if path.exists() else {}

    def suites(self) -> Path:
        """The chart whose `tests/` helm-unittest runs: itself, or a library's chart for tests."""
        wrapper = self.folder / "tests"
        return wrapper if (wrapper / "Chart.yaml").exists() else self.folder

    def ci_values(self) -> list[Path]:
        """Its values files for tests, in order; none means that the defaults are the test."""
        return sorted((self.folder / "ci").glob("*-values.yaml"))


def charts(root: Path = ROOT) -> list[Chart]:
    """All charts of a checkout: those in `charts/` by name, then the umbrella.

    Raises:
        CarbonError: the checkout has text files where charts link to each other.
    """
    folders = [*sorted((root / "charts").glob("*")), root / UMBRELLA]
    found = [folder for folder in folders if (folder / "Chart.yaml").exists()]
    for folder in found:
        _check_links(folder)
    return [Chart(folder, read_yaml(folder / "Chart.yaml")) for folder in found]


def _check_links(chart: Path) -> None:
    """A checkout made without symbolic links holds files with the links' targets instead."""
    for entry in (chart / "charts").glob("*"):
        if entry.is_file() and entry.suffix != ".tgz":
            raise CarbonError(
                f"{entry} is a file and must be a symbolic link to a chart",
                "Get the checkout with its links: git config core.symlinks true, "
                f"then rm {entry} and git checkout -- {entry}; the same for the others.",
            )
