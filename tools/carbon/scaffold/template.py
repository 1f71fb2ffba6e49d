"""Renders the chart template with copier."""

import hashlib
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from carbon.charts.discovery import UMBRELLA
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.scaffold.entries import Entry

FOLDER = Path("tools") / "chart-template"
"""Folder of the template in a checkout."""
ANSWERS = ".template.yaml"
"""File of a chart with the answers with which it was created."""
_VERSION = "template"
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
    stored = _read_stored(root, name)
    return Answers(**{key: stored[key] for key in Answers.__annotations__})


def _read_stored(root: Path, name: str) -> dict[str, Any]:
    stored = read_yaml(root / "charts" / name / ANSWERS)
    keys = [*Answers.__annotations__, _VERSION]
    if sorted(stored) != sorted(keys):
        raise CarbonError(
            f"charts/{name}/{ANSWERS}: the keys are {', '.join(map(str, stored))}",
            f"Write the keys {', '.join(keys)}.",
        )
    return stored


def read_version(root: Path, name: str) -> str:
    """Return the version of the template at the last update of a chart, as `hash_template` does."""
    return str(_read_stored(root, name)[_VERSION])


def hash_template(folder: Path) -> str:
    """Return the version of the template in a folder: a hash of its files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def render(root: Path, answers: Answers, template: Path | None = None) -> Rendered:
    """Render the template of a checkout, or the template in another folder."""
    from copier import run_copy  # loads slowly

    version = read_yaml(root / UMBRELLA / "Chart.yaml")["version"]
    source = template or root / FOLDER
    data = asdict(answers) | {"version": version, "template": hash_template(source)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_copy(str(source), folder, data, defaults=True, quiet=True)
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
