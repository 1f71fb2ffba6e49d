"""The images that are built here: what `tools/images/images.yaml` says, and what builds on what."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from carbon.errors import CarbonError
from carbon.home import ROOT

FILE = ROOT / "tools" / "images" / "images.yaml"

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "uniqueItems": True}
_SCHEMA = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    "additionalProperties": {
        "type": "object",
        "required": ["reference", "purpose"],
        "additionalProperties": False,
        "properties": {
            # A whole reference, as containerd knows it: registry, path and tag.
            "reference": {
                "type": "string",
                "pattern": r"^[a-z0-9.-]+\.[a-z]+(/[a-z0-9._-]+)+:[\w.-]+$",
            },
            "purpose": _TEXT,
            "stand_in": {"type": "boolean"},
            "differs": _TEXTS,
            "tiers": _TEXTS,
            "bootstrap": _TEXT,
            "programs": _TEXTS,
        },
    },
}
_FROM = re.compile(
    r"^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$", re.MULTILINE | re.IGNORECASE
)
_COPY_FROM = re.compile(r"^COPY\s.*?--from=(\S+)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Image:
    """One image: the folder `folder` holds its Containerfile and everything that goes into it."""

    name: str
    reference: str
    folder: Path
    purpose: str
    differs: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    stand_in: bool = True
    bootstrap: str = ""
    programs: tuple[str, ...] = ()
    """External programs that are put beside the Containerfile."""
    bases: tuple[str, ...] = field(default=())
    """References of the images that the Containerfile names."""

    @property
    def containerfile(self) -> Path:
        """The recipe."""
        return self.folder / "Containerfile"


def declared(file: Path = FILE) -> dict[str, Image]:
    """All images by name, in the order of the file.

    Raises:
        CarbonError: the file or a Containerfile is wrong; the message names the place.
    """
    entries = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    errors = sorted(jsonschema.Draft202012Validator(_SCHEMA).iter_errors(entries), key=str)
    if errors:
        place = "/".join(map(str, errors[0].absolute_path))
        raise CarbonError(f"{file}: {place}: {errors[0].message}", "Correct that entry.")
    images = {name: _image(name, entry, file.parent / name) for name, entry in entries.items()}
    _check(images, file)
    return images


def _image(name: str, entry: Mapping[str, Any], folder: Path) -> Image:
    recipe = folder / "Containerfile"
    if not recipe.is_file():
        raise CarbonError(f"{recipe} is missing", f"Write it, or remove {name} from images.yaml.")
    return Image(
        name=name,
        reference=entry["reference"],
        folder=folder,
        purpose=entry["purpose"],
        differs=tuple(entry.get("differs", ())),
        tiers=tuple(entry.get("tiers", ())),
        stand_in=entry.get("stand_in", True),
        bootstrap=entry.get("bootstrap", ""),
        programs=tuple(entry.get("programs", ())),
        bases=named_in(recipe.read_text(encoding="utf-8")),
    )


def named_in(containerfile: str) -> tuple[str, ...]:
    """The references of the images that a Containerfile builds on or copies from, each once."""
    stages: set[str] = {"scratch"}
    found: dict[str, None] = {}
    for reference, stage in _FROM.findall(containerfile):
        if reference not in stages:
            found[reference] = None
        stages.add(stage)
    for reference in _COPY_FROM.findall(containerfile):
        if reference not in stages and not reference.isdigit():
            found[reference] = None
    return tuple(found)


def _check(images: Mapping[str, Image], file: Path) -> None:
    references = [image.reference for image in images.values()]
    for image in images.values():
        if references.count(image.reference) > 1:
            raise CarbonError(f"{file}: {image.reference} stands there twice", "Remove one.")
        for base in image.bases:
            if base not in references:
                raise CarbonError(
                    f"{image.containerfile} builds on {base}, which {file.name} does not list",
                    f"Add {base} to {file.name}, or build on a listed image.",
                )


def chosen(images: Mapping[str, Image], names: Iterable[str] | None) -> list[Image]:
    """The images of these names or references; for None, those that any tier needs.

    Raises:
        CarbonError: there is no such image.
    """
    if names is None:
        return [image for image in images.values() if image.tiers]
    known = {**images, **{image.reference: image for image in images.values()}}
    picked: dict[str, Image] = {}
    for name in names:
        if name not in known:
            raise CarbonError(f"there is no image {name}", f"Take one of: {', '.join(images)}.")
        picked[known[name].name] = known[name]
    return list(picked.values())


def with_bases(images: Mapping[str, Image], wanted: Iterable[Image]) -> list[Image]:
    """These images and everything they build on, each after what it builds on.

    Raises:
        CarbonError: images build on each other in a circle.
    """
    by_reference = {image.reference: image for image in images.values()}
    ordered: dict[str, Image] = {}

    def add(image: Image, path: tuple[str, ...]) -> None:
        if image.name in path:
            circle = " → ".join((*path, image.name))
            raise CarbonError(f"images build on each other: {circle}", "Break the circle.")
        for base in image.bases:
            add(by_reference[base], (*path, image.name))
        ordered[image.name] = image

    for image in wanted:
        add(image, ())
    return list(ordered.values())
