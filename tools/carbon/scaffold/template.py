"""Renders the chart template with copier."""

import hashlib
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from carbon.charts.discovery import UMBRELLA
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.scaffold.entries import Entry

FOLDER = Path("tools") / "chart-template"
"""Folder of the template in a checkout."""
KINDS = {
    "server": "an HTTP server",
    "store": "a key-value store over HTTP",
    "job": "a scheduled job",
}
"""Kind of chart -> what its program is, for the default description."""
ANSWERS = ".template.yaml"
"""File of a chart with its answers and the version of the template at the last update."""
_HEAD = "# Answers with which `tools/new-chart` renders the template for this chart.\n"
_VERSION, _FILES = "template", "files"
_ENTRIES = ".entries.yaml"


@dataclass(frozen=True)
class Answers:
    """What differs between two charts of the template.

    `files` are the paths, in the chart's folder, of the files that a chart takes from the template
    if it was written without the template. Such a chart needs only the answers that these files
    contain, and has no entries. A job has no port.
    """

    name: str
    kind: str = ""
    title: str = ""
    description: str = ""
    port: int = 0
    files: list[str] = field(default_factory=list)

    @property
    def taken(self) -> set[Path]:
        """The paths of `files` in the checkout."""
        return {Path("charts", self.name, file) for file in self.files}


def derive_title(name: str) -> str:
    """Return the default title of a chart."""
    return name.replace("-", " ").capitalize()


def derive_description(kind: str, title: str) -> str:
    """Return the default description of a chart."""
    return f"{title}, {KINDS[kind]}"


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
    """Return the answers of a chart of a checkout.

    Raises:
        CarbonError: the chart takes nothing from the template.
    """
    stored = _read_stored(root, name)
    return Answers(**{key: value for key, value in stored.items() if key != _VERSION})


def _read_stored(root: Path, name: str) -> dict[str, Any]:
    if not (root / "charts" / name).is_dir():
        raise CarbonError(f"there is no chart {name}", f"charts/{name} does not exist.")
    stored = read_yaml(root / "charts" / name / ANSWERS)
    keys = [*Answers.__annotations__, _VERSION]
    needed = {"name", _VERSION}
    if not stored.get(_FILES):
        needed = {*keys} - ({_FILES, "port"} if stored.get("kind") == "job" else {_FILES})
    if not needed <= set(stored) <= set(keys):
        raise CarbonError(
            f"charts/{name}/{ANSWERS}: the keys are {', '.join(map(str, stored))}",
            f"Write the keys {', '.join(key for key in keys if key in needed)}.",
        )
    return stored


def _format_stored(answers: Answers, version: str) -> str:
    stored = {key: value for key, value in asdict(answers).items() if value}
    text = yaml.safe_dump({**stored, _VERSION: version}, sort_keys=False, width=110)
    return _HEAD + text.replace("\n- ", "\n  - ")  # yamllint wants lists to be indented


def read_version(root: Path, name: str) -> str:
    """Return the version of the template at the last update of a chart, as `hash_template` does."""
    return str(_read_stored(root, name)[_VERSION])


def hash_template(folder: Path) -> str:
    """Return the version of the template in a folder: a hash of its files.

    Modules that Python compiled beside the scripts are no part of the template.
    """
    digest = hashlib.sha256()
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    for path in sorted(files):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def render(
    root: Path, answers: Answers, template: Path | None = None, version: str = ""
) -> Rendered:
    """Render the template of a checkout, or the template in another folder.

    `version` replaces the version of the template in the rendered answers.
    """
    from copier import run_copy  # loads slowly

    source = template or root / FOLDER
    stamp = hash_template(source)
    data = {key: value for key, value in asdict(answers).items() if value}
    data |= {"version": read_yaml(root / UMBRELLA / "Chart.yaml")["version"], _VERSION: stamp}
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
    if answers.files:
        files = {path: text for path, text in files.items() if path in answers.taken}
        entries = []
    files[Path("charts", answers.name, ANSWERS)] = _format_stored(answers, version or stamp)
    links = {
        Path("charts", answers.name, "charts", "common"): "../../common",
        Path(UMBRELLA, "charts", answers.name): f"../../charts/{answers.name}",
    }
    return Rendered(files, links, entries)
