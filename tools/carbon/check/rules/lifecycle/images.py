"""Images whose release line still gets fixes, by the table `schemas/image-lines.yaml`.

The rules depend on today's date: a line ends without a change of the charts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.files import read_yaml
from carbon.home import ROOT

TABLE = ROOT / "schemas" / "image-lines.yaml"
BASE = "Debian"
"""The row whose lines are also names in the tags of other images, such as 3.11-slim-bookworm."""


@dataclass(frozen=True)
class Line:
    """A release line of a product, such as Redis 7.0."""

    product: str
    version: str
    end: date | None
    """The last day with fixes; None if upstream states none."""
    source: str
    read: date
    """The day on which the source was read."""

    def has_ended(self) -> bool:
        """Return whether the last day with fixes is in the past."""
        return self.end is not None and self.end < get_today()


def get_today() -> date:
    """Return today's date in UTC."""
    return datetime.now(UTC).date()


@cache
def read_table() -> dict[str, dict[str, Any]]:
    """Return the rows of the table by product."""
    return read_yaml(TABLE)


def list_ended() -> list[str]:
    """Return the lines that have ended by today; a change of this list invalidates the cache."""
    lines = (line for name, row in read_table().items() for line in _list_lines(name, row))
    return [f"{line.product} {line.version}" for line in lines if line.has_ended()]


def find_lines(image: str) -> tuple[list[Line], str]:
    """Return the lines of an image, and what the table lacks for it: a row, a line, or nothing.

    The result is empty for an image without a version in its tag.
    """
    repository, tag = split_image(image)
    if tag in {"", "latest"}:
        return [], ""
    table = read_table()
    name = next((name for name, row in table.items() if re.search(row["image"], repository)), "")
    if not name:
        return [], f"a row for {repository}"
    version, *rest = re.sub(r"^v(?=\d)", "", tag).split("-")
    base = {line.version: line for line in _list_lines(BASE, table[BASE])}
    bases = [base[word] for word in rest if word in base]
    own = [line for line in _list_lines(name, table[name]) if _is_in_line(version, line.version)]
    if not own:
        return bases, f"a line of {name} for {tag}"
    return [max(own, key=lambda line: len(line.version)), *bases], ""


def split_image(image: str) -> tuple[str, str]:
    """Return the repository and the tag of an image; an empty tag without one."""
    name = image.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return f"{folder}{slash}{last}", tag


def _is_in_line(version: str, line: str) -> bool:
    return version == line or version.startswith(f"{line}.")


def _list_lines(name: str, row: Mapping[str, Any]) -> Iterator[Line]:
    for version, end in row["lines"].items():
        yield Line(name, version, end, row["source"], row["read"])


@rule("images/supported", "Use an image of a release line that still gets fixes.")
def check_supported(chart: RenderedChart) -> Iterator[Violation]:
    """No image is of a release line whose last day with fixes is before today's date."""
    for obj, _, each, path in chart.containers():
        for line in find_lines(str(each.get("image")))[0]:
            if line.has_ended():
                wrong = (
                    f"{obj.identity}: {each.get('name')}: the image {each.get('image')}: "
                    f"{line.product} {line.version} has had no fixes since {line.end} "
                    f"({line.source}, read {line.read})"
                )
                yield Violation(obj, (*path, "image"), wrong)


@rule(
    "images/listed",
    f"Add the image, or its release line, with a source to {TABLE.name}.",
    house=True,
)
def check_listed(chart: RenderedChart) -> Iterator[Violation]:
    """The table of release lines lists the product and the version of every image with a tag."""
    for obj, _, each, path in chart.containers():
        lacking = find_lines(str(each.get("image")))[1]
        if lacking:
            wrong = f"{obj.identity}: {each.get('name')}: {TABLE.name} lacks {lacking}"
            yield Violation(obj, (*path, "image"), wrong)
