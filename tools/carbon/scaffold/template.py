"""Renders the chart template with copier."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from carbon.charts.discovery import UMBRELLA
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.scaffold.entries import Entry

FOLDER = Path("tools") / "chart-template"
"""Folder of the template in a checkout."""
ANSWERS = ".template.yaml"
"""File of a chart with the answers with which it was created."""
_ENTRIES = ".entries.yaml"


@dataclass(frozen=True)
class Answers:
    """What differs between two new charts."""

    name: str
    title: str
    description: str
    port: int


@dataclass(frozen=True)
class Rendered:
    """The template with the answers of one chart.

    `files` maps the path of a file in the checkout to its text, `links` the path of a symbolic
    link to its target.
    """

    files: dict[Path, str]
    links: dict[Path, str]
    entries: list[Entry]


def read_answers(root: Path, name: str) -> Answers:
    """Return the answers with which a chart of a checkout was created.

    Raises:
        CarbonError: the chart was not created from the template.
    """
    stored = read_yaml(root / "charts" / name / ANSWERS)
    try:
        return Answers(**stored)
    except TypeError as wrong:
        raise CarbonError(
            f"charts/{name}/{ANSWERS}: the keys are {', '.join(stored) or 'missing'}",
            f"Write the keys {', '.join(Answers.__annotations__)}.",
        ) from wrong


def render(root: Path, answers: Answers) -> Rendered:
    """Render the template of a checkout."""
    from copier import run_copy  # loads slowly

    version = read_yaml(root / UMBRELLA / "Chart.yaml")["version"]
    data = asdict(answers) | {"version": version}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_copy(str(root / FOLDER), folder, data, defaults=True, quiet=True)
        listed = read_yaml(folder / _ENTRIES)["entries"]
        (folder / _ENTRIES).unlink()
        files = {
            path.relative_to(folder): path.read_text("utf-8")
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    entries = [Entry(Path(entry["file"]), entry["under"], entry["text"]) for entry in listed]
    links = {
        Path("charts", answers.name, "charts", "common"): "../../common",
        Path(UMBRELLA, "charts", answers.name): f"../../charts/{answers.name}",
    }
    return Rendered(files, links, entries)
