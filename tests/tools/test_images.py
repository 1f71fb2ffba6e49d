"""Images: what is declared, what builds on what, and when one is built again."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from carbon import externals, images
from carbon.cluster import layout
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.images import pip
from carbon.images.containerd import LABEL
from carbon.images.declared import FILE, chosen, declared, named_in, with_bases
from carbon.images.digest import digests
from carbon.images.failure import failure

BASE = "docker.io/library/base:1"
LEAF = "example.com/team/leaf:2"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two images, of which leaf builds on base."""
    for name, recipe in {"base": "FROM scratch\n", "leaf": f"FROM {BASE}\nCOPY a /\n"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "Containerfile").write_text(recipe)
    (tmp_path / "leaf" / "a").write_text("a")
    return write(
        tmp_path,
        {
            "leaf": {"reference": LEAF, "purpose": "work", "tiers": ["core"]},
            "base": {"reference": BASE, "purpose": "a base"},
        },
    )


def write(folder: Path, entries: dict[str, Any]) -> Path:
    file = folder / "images.yaml"
    file.write_text(yaml.safe_dump(entries, sort_keys=False))
    return file


def test_a_digest_changes_with_an_input_and_only_then(file: Path) -> None:
    before = digests(declared(file))
    (file.parent / "leaf" / "a").touch()
    assert digests(declared(file)) == before
    (file.parent / "leaf" / "a").write_text("b")
    after = digests(declared(file))
    assert after["leaf"] != before["leaf"]
    assert after["base"] == before["base"]


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "base" / "Containerfile").write_text("FROM scratch\nUSER 1\n"),
        lambda folder: (folder / "leaf" / "more").write_text(""),
        lambda folder: (folder / "leaf" / "a").chmod(0o755),
        lambda folder: (folder / "leaf" / "a").rename(folder / "leaf" / "b"),
    ],
    ids=["a base changes", "a new file", "a file turns executable", "a file is renamed"],
)
def test_an_image_is_built_again_when(file: Path, change: Callable[[Path], object]) -> None:
    before = digests(declared(file))["leaf"]
    change(file.parent)
    assert digests(declared(file))["leaf"] != before


def test_another_version_of_a_program_inside_builds_an_image_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = yaml.safe_load(file.read_text())
    entries["leaf"]["programs"] = ["promtool"]
    held = declared(write(file.parent, entries))
    before = digests(held)
    newer = replace(externals.table()["promtool"], digest="another")
    monkeypatch.setattr(externals, "table", lambda: {"promtool": newer})
    after = digests(held)
    assert after["base"] == before["base"]
    assert after["leaf"] != before["leaf"]


@pytest.mark.parametrize("key", ["purpose", "differs", "tiers"])
def test_words_about_an_image_do_not_build_it_again(file: Path, key: str) -> None:
    before = digests(declared(file))
    entries = yaml.safe_load(file.read_text())
    entries["leaf"][key] = "new" if key == "purpose" else ["new"]
    assert digests(declared(write(file.parent, entries))) == before


def test_digests_do_not_depend_on_where_the_checkout_is(file: Path, tmp_path: Path) -> None:
    shutil.copytree(file.parent, tmp_path / "other")
    assert digests(declared(tmp_path / "other" / file.name)) == digests(declared(file))


def test_bases_are_built_first(file: Path) -> None:
    known = declared(file)
    assert [image.name for image in with_bases(known, chosen(known, None))] == ["base", "leaf"]


def test_images_are_chosen_by_name_or_reference(file: Path) -> None:
    assert [image.name for image in chosen(declared(file), [LEAF, "leaf", "base"])] == [
        "leaf",
        "base",
    ]
    with pytest.raises(CarbonError, match="there is no image nothing"):
        chosen(declared(file), ["nothing"])


def test_a_recipe_names_images_not_stages() -> None:
    recipe = (
        "FROM docker.io/library/a:1 AS parts\nFROM --platform=linux/amd64 docker.io/library/b:2\n"
        "COPY --from=parts / /\nCOPY --chown=1:1 --from=docker.io/library/c:3 /x /\nFROM scratch\n"
    )
    assert named_in(recipe) == (
        "docker.io/library/a:1",
        "docker.io/library/b:2",
        "docker.io/library/c:3",
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"reference": "redis:7", "purpose": "x"}, "leaf/reference"),
        ({"reference": LEAF, "purpose": "x", "colour": "red"}, "colour"),
        ({"reference": LEAF}, "purpose"),
        ({"reference": BASE, "purpose": "x"}, "twice"),
    ],
)
def test_a_wrong_entry_is_refused(file: Path, entry: dict[str, Any], message: str) -> None:
    entries = yaml.safe_load(file.read_text()) | {"leaf": entry}
    with pytest.raises(CarbonError, match=message):
        declared(write(file.parent, entries))


def test_a_base_that_is_not_listed_is_refused(file: Path) -> None:
    (file.parent / "leaf" / "Containerfile").write_text("FROM docker.io/library/other:1\n")
    with pytest.raises(CarbonError, match=r"builds on .*other:1"):
        declared(file)


def test_images_in_a_circle_are_refused(file: Path) -> None:
    (file.parent / "base" / "Containerfile").write_text(f"FROM {LEAF}\n")
    known = declared(file)
    with pytest.raises(CarbonError, match="leaf → base → leaf"):
        with_bases(known, known.values())


def test_every_stand_in_says_how_it_differs() -> None:
    assert all(image.differs for image in declared(FILE).values() if image.stand_in)


def test_every_folder_is_listed() -> None:
    assert {path.name for path in FILE.parent.iterdir() if path.is_dir()} == set(declared())


def references(values: object) -> Iterator[str]:
    """Every image that a chart's values name."""
    if isinstance(values, list):
        for value in values:
            yield from references(value)
    if not isinstance(values, dict):
        return
    if {"registry", "repository", "tag"} <= values.keys() and values["repository"]:
        yield f"{values['registry']}/{values['repository']}:{values['tag']}"
    for value in values.values():
        yield from references(value)


CHARTS = sorted(ROOT.glob("charts/*/values.yaml"))
NEED_GPUS = "nvcr.io/nvidia/"
"""What only runs where a GPU is, which no node here has."""


@pytest.mark.parametrize("values", CHARTS, ids=lambda path: path.parent.name)
def test_the_node_holds_every_image_that_charts_name(values: Path) -> None:
    loaded = {image.reference for image in declared().values() if image.tiers}
    named = set(references(yaml.safe_load(values.read_text())))
    assert {name for name in named if not name.startswith(NEED_GPUS)} <= loaded


def test_the_node_holds_the_images_of_the_cluster_itself() -> None:
    loaded = {image.reference for image in declared().values() if "core" in image.tiers}
    assert {layout.PAUSE_IMAGE, layout.BUSYBOX_IMAGE} <= loaded


def test_the_document_is_up_to_date() -> None:
    assert (ROOT / "docs" / "images.md").read_text() == images.document()


class Node:
    """A containerd that remembers images and labels, and counts imports."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self.imports: list[str] = []
        self.fails = False

    def ctr(self, args: list[str]) -> str:
        match args:
            case ["images", "ls", "-q", wanted]:
                return "\n".join(
                    reference
                    for reference, digest in self.labels.items()
                    if wanted == f'name=="{reference}",labels."{LABEL}"=="{digest}"'
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


def test_only_what_the_node_lacks_is_imported() -> None:
    node = Node()
    old, new = (images.Archive(LEAF, Path(f"/{digest}.tar"), digest) for digest in ("1", "2"))
    assert images.load([old], node.ctr, silent) == [LEAF]
    assert images.load([old], node.ctr, silent) == []
    assert images.load([new], node.ctr, silent) == [LEAF]
    assert node.imports == ["/1.tar", "/2.tar"]


def test_an_interrupted_import_is_done_again() -> None:
    node, archive = Node(), images.Archive(LEAF, Path("/1.tar"), "1")
    node.fails = True
    with pytest.raises(CarbonError):
        images.load([archive], node.ctr, silent)
    node.fails = False
    assert images.load([archive], node.ctr, silent) == [LEAF]


def test_pip_in_a_build_reaches_the_index_that_this_machine_uses() -> None:
    configs = ["[global]\nindex-url = https://a/simple\ncert = /etc/ca.crt\nno-index = yes\n"]
    assert pip.settings(configs, {"PIP_INDEX_URL": "https://b/simple"}) == {
        "index-url": "https://b/simple",
        "cert": "/etc/ca.crt",
    }
    assert pip.settings([], {"SSL_CERT_FILE": "/ca"}) == {"cert": "/ca"}
    assert pip.settings(["not a config"], {}) == {}


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("write /x: no space left on device\nexit status 1", "the disk is full"),
        ("E: Failed to fetch http://m/x  404  Not Found", "a download failed: Failed to fetch"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "does not match its hash"),
        ("Step 1\nError: building at STEP: exit status 7\n", "building at STEP: exit status 7"),
        ("", "it said nothing"),
    ],
)
def test_a_failed_build_says_why_in_one_line(said: str, what: str) -> None:
    error = failure("leaf", said, Path("/log"))
    assert what in error.what
    assert "\n" not in error.what
    assert error.remedy
