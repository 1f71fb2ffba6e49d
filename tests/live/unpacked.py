"""Images of the project unpacked into folders, whose programs run without a node."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from carbon import images
from carbon.externals import debian
from carbon.images.builder import PROGRAMS
from carbon.process import run

_COPY = """
container=$("$@" from --name unpacked "oci-archive:$archive")
cp -a "$("$@" mount "$container")/." "$target"
"$@" rm "$container"
rm -rf "$store"
"""
_ENTER = """
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do mkdir -p "$root$2"; mount --bind "$1" "$root$2"; shift 2; done
shift
chroot --userspec=999:999 "$root" "$@" || exit
"""


def unpack_image(name: str, folder: Path) -> Path:
    """Build an image if it is missing and unpack it into a new folder; return its root."""
    [archive] = images.ensure_archives([name])
    debian.install(PROGRAMS)
    root, store = folder / name, folder / f"{name}-store"
    root.mkdir()
    buildah = ["buildah", "--root", str(store), "--runroot", str(store / "run")]
    run(
        ["unshare", "--mount", "bash", "-ec", _COPY, "-", *buildah, "--storage-driver=overlay"],
        env={"archive": str(archive.path), "target": str(root), "store": str(store)},
    )
    return root


def start_program(
    root: Path, command: list[str], mounts: Mapping[Path, str], env: Mapping[str, str]
) -> "subprocess.Popen[str]":
    """Start a program in an unpacked image as user 999, with folders mounted.

    `mounts` maps each folder to its path in the image. The program ends when this process ends. One
    pipe has its standard output and standard error.
    """
    # A process that changes its user loses the signal of its parent's end, so the shell remains the
    # first process of a PID namespace, whose processes end with the shell.
    places = [text for folder, place in mounts.items() for text in (str(folder), place)]
    isolated = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
    ]
    return subprocess.Popen(
        [*isolated, "sh", "-ec", _ENTER, "-", *places, "--", *command],
        env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "root": str(root), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
