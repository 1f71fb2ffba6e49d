"""`docs/images.md`: which images are built here, and how each differs from the upstream one."""

from carbon.images.declared import Image, declared

_HEAD = """\
# Images

<!-- Written from tools/images/images.yaml by `carbon generate`. -->

Charts name the images that registries serve. On the local cluster no image is pulled: each is
built from a Containerfile in `tools/images/` under the very same reference and imported into
containerd, so charts and values stay unchanged. A stand-in holds what the upstream image holds and
no more. `carbon images` shows which are built, `carbon images build` builds what is missing; an
image is built anew when its folder, or an image it builds on, changes.

| image | reference | what it is | used for |
|---|---|---|---|
"""
_FOOT = """
To take another version of an image, change its reference in `tools/images/images.yaml` and in the
chart and, where there is a `requirements.in`, the version in it; the first lines of
`requirements.lock` hold the command that writes the lock anew. What comes from Debian is that of
the day of the build; when the date in [debian/Containerfile](../tools/images/debian/Containerfile)
changes, every image that builds on it is built anew.

## How the stand-ins differ
"""
_BASE = "Only other images build on it; the node does not hold it."


def document() -> str:
    """The whole text of the document."""
    images = list(declared().values())
    rows = [
        f"| [{i.name}](../tools/images/{i.name}/Containerfile) | `{i.reference}` "
        f"| {kind(i)} | {i.purpose} |\n"
        for i in images
    ]
    return _HEAD + "".join(rows) + _FOOT + "".join(_section(i) for i in images if i.stand_in)


def kind(image: Image) -> str:
    """What an image is, in two words."""
    return "stand-in" if image.stand_in else "our own"


def _section(image: Image) -> str:
    notes = [*image.differs, *([] if image.tiers else [_BASE])]
    return f"\n### {image.name}\n\n" + "".join(f"- {note}\n" for note in notes)
