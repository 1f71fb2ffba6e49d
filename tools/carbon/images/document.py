"""Builds docs/images.md: the images of the local node, and how each differs from upstream."""

from carbon.images.table import Image, read_images

_HEAD = """\
# Images

<!-- Written from tools/images/images.yaml by `carbon generate`. -->

This page is for contributors and platform engineers: it states which programs and images the
local node runs, and how each locally built image differs from the image in a registry.

## What the local node is made of

The API server, the scheduler, the controller manager, the kubelet, etcd, containerd, CoreDNS and
the local-path provisioner are built from source. `tools/externals` pins the version and the
checksum of each; `carbon externals` lists them. runc and the CNI plugins are Debian's packages.

The node pulls no image. Each image is built from a Containerfile in `tools/images/` under the
reference that the charts name, and is imported into containerd. So charts and values are the same
on every cluster. The software in the images is the real software: PostgreSQL as Debian packages
it, Ray, MLflow, Feast and SeaweedFS as PyPI publishes them.

An image that is built under the reference of an upstream image is a *stand-in*. A stand-in holds
what the upstream image holds and no more: its user, PATH, modes and programs are compared with
[a table](../tests/live/images.yaml) of what the upstream build files state. A stand-in that is
based on another stand-in also has the differences of that one.

`carbon images` lists the images and their state. `carbon images build` builds those that are
missing, and those whose folder or base image has changed.

| image | reference | kind | used for |
|---|---|---|---|
"""
_FOOT = """
To change the version of an image, change the reference in `tools/images/images.yaml` and in the
chart, and the version in `requirements.in` if the image has one. The first lines of
`requirements.lock` hold the command that updates the lock; its `--exclude-newer` is the day of the
upstream image. Change the image's row in [tests/live/images.yaml](../tests/live/images.yaml) where
the new build file differs. Debian's packages have the versions of the day of the build. A new date
in [debian/Containerfile](../tools/images/debian/Containerfile) or
[debian-trixie/Containerfile](../tools/images/debian-trixie/Containerfile) rebuilds every image that
is based on that release of Debian.

The own images ray-ml and ray-ml-kepler replace Python packages of their base image, rayproject/ray.
The upstream base image contains more packages than its stand-in. `base.lock` pins these additional
packages in versions that are compatible with the replaced packages. Only a build on the upstream
image installs `base.lock`; each build runs `pip check`. No build has run on the upstream image. In
a Python environment with the packages that Ray's build files list, both locks of ray-ml were
installed, and `pip check` reported no conflict.

## How the stand-ins differ
"""
_BASE = "This image is only a base of other images. It is not loaded into the node."
_TEST = "Only a test uses this image. It is not loaded into the node."


def build_document() -> str:
    """Return the text of the document."""
    images = list(read_images().values())
    bases = {base for image in images for base in image.bases}
    rows = [
        f"| [{i.name}](../tools/images/{i.name}/Containerfile) | `{i.reference}` "
        f"| {describe_kind(i)} | {i.purpose} |\n"
        for i in images
    ]
    sections = [_build_section(i, i.reference in bases) for i in images if i.stand_in]
    return _HEAD + "".join([*rows, _FOOT, *sections])


def describe_kind(image: Image) -> str:
    """Return `stand-in` or `own image`."""
    return "stand-in" if image.stand_in else "own image"


def _build_section(image: Image, is_base: bool) -> str:
    notes = [*image.differs, *([] if image.tiers else [_BASE if is_base else _TEST])]
    return f"\n### {image.name}\n\n" + "".join(f"- {note}\n" for note in notes)
