"""Hashes the inputs of images' builds: if the hash changes, the image is built again.

In this package, a digest is this hash, not the digest by which a registry identifies an image.
"""

import hashlib
import json
import stat
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from carbon import externals
from carbon.externals.table import find
from carbon.images.table import Image, sort_with_bases

RECIPE = 1
"""Version of the build steps in this package. Raise it when a change of them alters images."""

LENGTH = 16


def compute_digests(images: Mapping[str, Image]) -> dict[str, str]:
    """Return the hash of each image's build inputs, by name of the image: 16 hexadecimal digits.

    The hashes of an image's bases are among its inputs.
    """
    by_name: dict[str, str] = {}
    by_reference: dict[str, str] = {}
    for image in sort_with_bases(images, images.values()):
        by_name[image.name] = compute_digest(image, [by_reference[base] for base in image.bases])
        by_reference[image.reference] = by_name[image.name]
    return by_name


def compute_digest(image: Image, bases: list[str]) -> str:
    """Return the hash of an image's build inputs; `bases` are the hashes of its base images."""
    inputs = {
        "recipe": RECIPE,
        "reference": image.reference,
        "bootstrap": image.bootstrap,
        "bases": bases,
        "files": _hash_files(image.folder),
    }
    if image.programs:
        table = externals.table()
        inputs["programs"] = [find(program, table).digest for program in image.programs]
    if image.module:
        inputs["module"] = [
            asdict(image.module),
            find(image.module.external, externals.table()).digest,
        ]
    text = json.dumps(inputs, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _hash_files(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _hash_file(path) for path in paths}


def _hash_file(path: Path) -> str:
    executable = bool(path.stat().st_mode & stat.S_IXUSR)
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()} {executable}"
