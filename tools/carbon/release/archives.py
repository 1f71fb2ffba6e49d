"""Archives (.tgz) that have the same bytes whenever their files are the same."""

import gzip
import hashlib
import io
from collections.abc import Mapping

from backports import tarfile

from carbon.errors import CarbonError

TIME = 315_532_800
"""Modification time of all files in archives, in seconds since 1970: 1980-01-01.

GNU tar warns about files without a time, which have the time 0.
"""


def build_archive(files: Mapping[str, bytes]) -> bytes:
    """Return a .tgz of files, given by path. The order of the paths does not matter."""
    content = io.BytesIO()
    with (
        gzip.GzipFile("", "wb", 9, content, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(files):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mtime, entry.mode = len(files[path]), TIME, 0o644
            archive.addfile(entry, io.BytesIO(files[path]))
    return content.getvalue()


def read_archive(content: bytes, name: str) -> dict[str, bytes]:
    """Return path -> content of the regular files in a .tgz; `name` is for messages.

    Raises:
        CarbonError: the content is no archive, or a path in it leads out of the folder.
    """
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for entry in archive:
                tarfile.data_filter(entry, "/")
                if entry.isfile() and (file := archive.extractfile(entry)) is not None:
                    files[entry.name] = file.read()
    except (tarfile.TarError, EOFError, OSError) as wrong:
        raise CarbonError(
            f"{name} is not a .tgz archive of plain files: {wrong}",
            "Replace the file by a package that `helm package` wrote.",
        ) from wrong
    return files


def compute_digest(content: bytes) -> str:
    """Return the digest of an archive, such as `sha256:0123…`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
