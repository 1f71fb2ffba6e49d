"""Reads the images in `tools/images/images.yaml`, and sorts them by their bases."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema

from carbon.errors import CarbonError
from carbon.files import read_yaml
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
            # A full reference: registry, path and tag.
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
            "module": {
                "type": "object",
                "required": ["external", "module", "files"],
                "additionalProperties": False,
                "properties": {"external": _TEXT, "module": _TEXT, "files": _TEXTS},
            },
        },
    },
}
_FROM = re.compile(
    r"^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$", re.MULTILINE | re.IGNORECASE
)
_COPY_FROM = re.compile(r"^COPY\s.*?--from=(\S+)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class ModuleFiles:
    """Files in the Go module of an external program."""

    external: str
    module: str
    files: tuple[str, ...]
    """Paths in the module."""


@dataclass(frozen=True)
class Image:
    """An image. Its folder holds the Containerfile and all other files of the build."""

    name: str
    reference: str
    folder: Path
    purpose: str
    differs: tuple[str, ...] = ()
    """How a stand-in image differs from the upstream image."""
    tiers: tuple[str, ...] = ()
    """Tiers of tests that need the image on the node."""
    stand_in: bool = True
    bootstrap: str = ""
    """Release of Debian that mmdebstrap installs into base.tar for the Containerfile."""
    programs: tuple[str, ...] = ()
    """External programs that are copied into the folder of the build."""
    module: ModuleFiles | None = None
    """Files of a Go module that are copied into the folder of the build, without their folders."""
    bases: tuple[str, ...] = field(default=())
    """References of the images that the Containerfile builds on or copies from."""

    @property
    def containerfile(self) -> Path:
        """The path of the Containerfile."""
        return self.folder / "Containerfile"


def read_images(file: Path = FILE) -> dict[str, Image]:
    """Return all images by name, in the order of the file.

    Raises:
        CarbonError: the file or a Containerfile is invalid; the message names the place.
    """
    entries = read_yaml(file)
    errors = sorted(jsonschema.Draft202012Validator(_SCHEMA).iter_errors(entries), key=str)
    if errors:
        place = "/".join(map(str, errors[0].absolute_path))
        raise CarbonError(
            f"{file}: {place}: {errors[0].message}", "Correct the entry at this path."
        )
    images = {name: _read_image(name, entry, file.parent / name) for name, entry in entries.items()}
    _check_bases(images, file)
    return images


def _read_image(name: str, entry: Mapping[str, Any], folder: Path) -> Image:
    containerfile = folder / "Containerfile"
    if not containerfile.is_file():
        remedy = f"Write the Containerfile, or remove {name} from {FILE.name}."
        raise CarbonError(f"{containerfile} is missing", remedy)
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
        module=_read_module(entry["module"]) if "module" in entry else None,
        bases=find_bases(containerfile.read_text(encoding="utf-8")),
    )


def _read_module(entry: Mapping[str, Any]) -> ModuleFiles:
    return ModuleFiles(entry["external"], entry["module"], tuple(entry["files"]))


def find_bases(containerfile: str) -> tuple[str, ...]:
    """Return the references of the images that a Containerfile builds on or copies from."""
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


def _check_bases(images: Mapping[str, Image], file: Path) -> None:
    references = [image.reference for image in images.values()]
    for image in images.values():
        if references.count(image.reference) > 1:
            raise CarbonError(
                f"{file}: {image.reference} is listed twice", "Remove one of the two entries."
            )
        for base in image.bases:
            if base not in references:
                raise CarbonError(
                    f"{image.containerfile} builds on {base}, which {file.name} does not list",
                    f"Add {base} to {file.name}, or build on a listed image.",
                )


def select_images(images: Mapping[str, Image], names: Iterable[str] | None) -> list[Image]:
    """Return the images with these names or references; without names, the images of all tiers.

    Raises:
        CarbonError: a name or reference is unknown.
    """
    if names is None:
        return [image for image in images.values() if image.tiers]
    known = {**images, **{image.reference: image for image in images.values()}}
    picked: dict[str, Image] = {}
    for name in names:
        if name not in known:
            raise CarbonError(f"unknown image: {name}", f"Choose one of: {', '.join(images)}.")
        picked[known[name].name] = known[name]
    return list(picked.values())


def sort_with_bases(images: Mapping[str, Image], wanted: Iterable[Image]) -> list[Image]:
    """Return images and their bases, each image after its bases.

    Raises:
        CarbonError: an image is a base of itself.
    """
    by_reference = {image.reference: image for image in images.values()}
    ordered: dict[str, Image] = {}

    def add(image: Image, path: tuple[str, ...]) -> None:
        if image.name in path:
            cycle = " → ".join((*path, image.name))
            raise CarbonError(
                f"images build on each other: {cycle}",
                "Change FROM or COPY --from in the Containerfile of one of these images.",
            )
        for base in image.bases:
            add(by_reference[base], (*path, image.name))
        ordered[image.name] = image

    for image in wanted:
        add(image, ())
    return list(ordered.values())
