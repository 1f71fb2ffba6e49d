"""Reads the configuration and the files of images from OCI archives, without a node."""

import json
import posixpath
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backports import tarfile

_LINKS = 20
"""Maximum number of symbolic links in one path; a path with more is a loop."""


@dataclass(frozen=True)
class Identity:
    """The user id and group ids to which the permissions of files apply."""

    user: int
    groups: Collection[int] = ()

    def may_execute(self, file: tarfile.TarInfo) -> bool:
        """Return whether the identity may execute a file or search a folder."""
        if self.user == 0:
            return bool(file.mode & 0o111)
        if self.user == file.uid:
            return bool(file.mode & 0o100)
        return bool(file.mode & (0o010 if file.gid in self.groups else 0o001))


ROOT = Identity(0)


@dataclass(frozen=True)
class Content:
    """The configuration of an image, and its files by absolute path."""

    config: dict[str, Any]
    files: dict[str, tarfile.TarInfo]

    @property
    def user(self) -> str:
        """The user of the image, such as 1000 or 1000:100; empty for root."""
        return str(self.config.get("User", ""))

    @property
    def path(self) -> list[str]:
        """The folders in PATH, each once."""
        names = dict(each.split("=", 1) for each in self.config.get("Env", []))
        return list(dict.fromkeys(filter(None, names.get("PATH", "").split(":"))))

    def find(self, path: str, who: Identity = ROOT) -> tarfile.TarInfo | None:
        """Return the file at a path, after symbolic links; None if `who` can't reach a file."""
        place, rest, links = "/", [part for part in path.split("/") if part], 0
        while rest:
            folder = self.files.get(place)
            if folder and not who.may_execute(folder):
                return None
            part = rest.pop(0)
            place = posixpath.normpath(posixpath.join(place, part))
            file = self.files.get(place)
            if file and file.issym():
                links += 1
                if links > _LINKS:
                    return None
                place = "/" if file.linkname.startswith("/") else posixpath.dirname(place)
                rest = [each for each in file.linkname.split("/") if each not in ("", ".")] + rest
        return self.files.get(place)

    def find_program(self, name: str, who: Identity = ROOT) -> str | None:
        """Return the path of a program in PATH that `who` may execute."""
        for folder in self.path:
            file = self.find(f"{folder}/{name}", who)
            if file and not file.isdir() and who.may_execute(file):
                return f"{folder}/{name}"
        return None


def read_archive(archive: Path) -> Content:
    """Return the content of an OCI archive that holds one image."""
    with tarfile.open(archive) as tar:

        def read(digest: str) -> Any:
            member = tar.extractfile(f"blobs/{digest.replace(':', '/')}")
            assert member
            return json.load(member)

        index = tar.extractfile("index.json")
        assert index
        manifest = read(json.load(index)["manifests"][0]["digest"])
        files: dict[str, tarfile.TarInfo] = {}
        for layer in manifest["layers"]:
            blob = tar.extractfile(f"blobs/{layer['digest'].replace(':', '/')}")
            with tarfile.open(fileobj=blob, mode="r|*") as content:
                for member in content:
                    _add(files, member)
        return Content(read(manifest["config"]["digest"])["config"], files)


def _add(files: dict[str, tarfile.TarInfo], member: tarfile.TarInfo) -> None:
    """Apply an entry of a layer: a file, or a whiteout, which removes files of lower layers."""
    path = posixpath.normpath(f"/{member.name}")
    folder, name = posixpath.split(path)
    if not name.startswith(".wh."):
        files[path] = member
        return
    hidden = folder if name == ".wh..wh..opq" else posixpath.join(folder, name.removeprefix(".wh."))
    for each in [each for each in files if each.startswith(f"{hidden.rstrip('/')}/")]:
        del files[each]
    if hidden != folder:
        files.pop(hidden, None)
