"""When an image must be built again: a digest of everything that goes into it."""

import hashlib
import json
import stat
from collections.abc import Mapping
from pathlib import Path

from carbon import externals
from carbon.externals.table import find
from carbon.images.declared import Image, with_bases

RECIPE = 1
"""Raise it when the way images are built changes what comes out."""

LENGTH = 16


def digests(images: Mapping[str, Image]) -> dict[str, str]:
    """For each image a digest (16 hexadecimal digits) of its inputs and of those it builds on."""
    found: dict[str, str] = {}
    by_reference: dict[str, str] = {}
    for image in with_bases(images, images.values()):
        found[image.name] = digest(image, [by_reference[base] for base in image.bases])
        by_reference[image.reference] = found[image.name]
    return found


def digest(image: Image, bases: list[str]) -> str:
    """The digest of one image over images with the digests `bases`, in the order of its recipe."""
    inputs = {
        "recipe": RECIPE,
        "reference": image.reference,
        "bootstrap": image.bootstrap,
        "bases": bases,
        "files": {path.relative_to(image.folder).as_posix(): _file(path) for path in _files(image)},
    }
    if image.programs:
        table = externals.table()
        inputs["programs"] = [find(program, table).digest for program in image.programs]
    text = json.dumps(inputs, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _files(image: Image) -> list[Path]:
    return sorted(path for path in image.folder.rglob("*") if path.is_file())


def _file(path: Path) -> str:
    executable = bool(path.stat().st_mode & stat.S_IXUSR)
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()} {executable}"
