"""Compares stand-in images with images.yaml, which lists what upstream build files state."""

from functools import cache
from pathlib import Path
from typing import Any

from tests.live.archives import Content, read_archive

from carbon import images
from carbon.files import read_yaml
from carbon.images.table import read_images

TABLE: dict[str, dict[str, Any]] = read_yaml(Path(__file__).with_name("images.yaml"))


def list_stand_ins(tier: str) -> list[str]:
    """Return the names of the stand-in images that a tier needs."""
    return [name for name in images.list_needed(tier) if read_images()[name].stand_in]


@cache
def read_image(name: str) -> Content:
    """Return the content of an image, which is built if it is missing."""
    return read_archive(images.ensure_archives([name])[0].path)


def compare(name: str) -> list[str]:
    """Return the differences between a stand-in image and its row, one sentence each."""
    row, image = TABLE[name], read_image(name)
    found = []
    if image.user != row["user"] and image.user.partition(":")[0] != row["user"]:
        found.append(f"the user is {image.user!r}, upstream {row['user']!r}")
    if ":".join(image.path) != row["path"]:
        found.append(f"PATH is {':'.join(image.path)!r}, upstream {row['path']!r}")
    for path, expected in row.get("modes", {}).items():
        file = image.find(path)
        actual = f"{file.mode & 0o7777:04o} {file.uid}:{file.gid}" if file else "missing"
        if actual != expected:
            found.append(f"{path} is {actual}, upstream {expected}")
    for program in row.get("programs", []):
        if not image.find_program(program):
            found.append(f"{program} is missing")
    for program in row.get("missing", []):
        if place := image.find_program(program):
            found.append(f"{place} is not in the upstream image")
    for path in row.get("absent", []):
        if image.find(path):
            found.append(f"{path} is not in the upstream image")
    return found
