"""Images: imports into the node's containerd, pip's settings in a build, errors of a build."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from carbon import images
from carbon.errors import CarbonError
from carbon.images import pip
from carbon.images.containerd import LABEL
from carbon.images.failure import explain_failure

IMAGE = "example.com/team/leaf:2"


class FakeNode:
    """A fake containerd with images and labels; it records imports."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self.imports: list[str] = []
        self.fails = False

    def ctr(self, args: list[str]) -> str:
        match args:
            case ["images", "ls", "-q", query]:
                return "\n".join(
                    reference
                    for reference, digest in self.labels.items()
                    if query == f'name=="{reference}",labels."{LABEL}"=="{digest}"'
                )
            case ["images", "import", path]:
                if self.fails:
                    raise CarbonError("interrupted")
                self.imports.append(path)
            case ["images", "label", reference, label]:
                self.labels[reference] = label.removeprefix(f"{LABEL}=")
        return ""


@contextmanager
def silent(_what: str) -> Iterator[None]:
    yield


def test_only_missing_and_changed_images_are_imported() -> None:
    node = FakeNode()
    old, new = (images.Archive(IMAGE, Path(f"/{digest}.tar"), digest) for digest in ("1", "2"))
    assert images.load_archives([old], node.ctr, silent) == [IMAGE]
    assert images.load_archives([old], node.ctr, silent) == []
    assert images.load_archives([new], node.ctr, silent) == [IMAGE]
    assert node.imports == ["/1.tar", "/2.tar"]


def test_an_interrupted_import_is_repeated() -> None:
    node, archive = FakeNode(), images.Archive(IMAGE, Path("/1.tar"), "1")
    node.fails = True
    with pytest.raises(CarbonError):
        images.load_archives([archive], node.ctr, silent)
    node.fails = False
    assert images.load_archives([archive], node.ctr, silent) == [IMAGE]


def test_pip_in_a_build_uses_the_index_and_the_ca_certificate_of_the_host() -> None:
    configs = ["[global]\nindex-url = https://a/simple\ncert = /etc/ca.crt\nno-index = yes\n"]
    assert pip.read_settings(configs, {"PIP_INDEX_URL": "https://b/simple"}) == {
        "index-url": "https://b/simple",
        "cert": "/etc/ca.crt",
    }
    assert pip.read_settings([], {"SSL_CERT_FILE": "/ca"}) == {"cert": "/ca"}
    assert pip.read_settings(["not a config"], {}) == {}


@pytest.mark.parametrize(
    ("output", "what"),
    [
        ("write /x: no space left on device\nexit status 1", "the disk is full"),
        ("E: Failed to fetch http://m/x  404  Not Found", "a download failed: Failed to fetch"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "does not match its hash"),
        ("Step 1\nError: building at STEP: exit status 7\n", "building at STEP: exit status 7"),
        ("", "no output"),
    ],
)
def test_a_failed_build_gets_a_reason_in_one_line_and_a_remedy(output: str, what: str) -> None:
    error = explain_failure("leaf", output, Path("/log"))
    assert what in error.what
    assert "\n" not in error.what
    assert error.remedy
