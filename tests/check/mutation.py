"""A mutation: one way to break a copy of a chart, and the one rule that must see it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from carbon.charts import merging
from carbon.charts.kubernetes import MINORS
from carbon.check.engine import digests
from carbon.check.engine.cases import Case
from carbon.home import ROOT

COPIED = ("charts", "umbrella", "schemas", "values")


@dataclass(frozen=True)
class Mutation:
    """A change to one file of a copy of the checkout."""

    rule: str
    file: str
    """From the root; a file that is not there is made."""
    old: str
    """What is replaced, once; empty to add to the file's end."""
    new: str
    values: str = ""
    """The CI values file, by its stem; empty for the defaults."""
    chart: str = ""
    """The chart that is rendered; by default the file's, or mlflow for a file of common's."""
    hostile: bool = False

    def __str__(self) -> str:
        change = self.new.strip().splitlines() or [f"without {self.old.strip()[:30]}"]
        return f"{self.rule}: {change[0].strip()[:50]}"

    @property
    def folder(self) -> str:
        """The folder of the chart that is rendered, from the root."""
        if self.chart:
            return "umbrella" if self.chart == "umbrella" else f"charts/{self.chart}"
        parts = self.file.split("/")
        own = parts[0] == "charts" and parts[1] != "common"
        return "/".join(parts[:2]) if own else "charts/mlflow"

    def case(self, root: Path) -> Case:
        """The case in which it shows."""
        folder = root / self.folder
        given = (folder / "ci" / f"{self.values}-values.yaml",) if self.values else ()
        umbrella = self.folder == "umbrella"
        name = "254carbon" if umbrella else folder.name
        return Case(folder, name, given, MINORS, True, umbrella, self.hostile)

    def apply(self, root: Path) -> None:
        """Break the copy."""
        path = root / self.file
        text = path.read_text("utf-8") if path.exists() else ""
        assert self.old in text, f"{self.file} has no {self.old!r} any more: mend the mutation"
        path.parent.mkdir(parents=True, exist_ok=True)
        new = text.replace(self.old, self.new, 1) if self.old else text + self.new
        path.unlink(missing_ok=True)  # others may link to the same file
        path.write_text(new, "utf-8")
        digests.clear_caches()
        merging.forget_defaults()


def copied(to: Path) -> Path:
    """A copy of the checkout, as far as charts go."""
    for name in COPIED:
        shutil.copytree(ROOT / name, to / name, symlinks=True)
    shutil.copy(ROOT / "ct.yaml", to)
    shutil.copy(ROOT / ".yamllint.yaml", to)
    return to
