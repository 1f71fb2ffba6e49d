"""Images in tools/images/images.yaml.

Entries are valid, bases are built first, and an image is rebuilt if an input changes.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from carbon import externals
from carbon.cluster import layout
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.home import ROOT
from carbon.images.digest import compute_digests
from carbon.images.document import build_document
from carbon.images.table import FILE, find_bases, read_images, select_images, sort_with_bases

BASE = "docker.io/library/base:1"
LEAF = "example.com/team/leaf:2"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The declaration of two images; `leaf` builds on `base`."""
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


def test_the_hash_of_an_images_build_inputs_changes_only_with_their_content(file: Path) -> None:
    before = compute_digests(read_images(file))
    (file.parent / "leaf" / "a").touch()
    assert compute_digests(read_images(file)) == before
    (file.parent / "leaf" / "a").write_text("b")
    after = compute_digests(read_images(file))
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
    ids=["base changed", "file added", "file made executable", "file renamed"],
)
def test_an_image_is_rebuilt_after_a_change_of_its_inputs(
    file: Path, change: Callable[[Path], object]
) -> None:
    before = compute_digests(read_images(file))["leaf"]
    change(file.parent)
    assert compute_digests(read_images(file))["leaf"] != before


@pytest.mark.parametrize(
    "keys",
    [
        {"programs": ["promtool"]},
        {"module": {"external": "promtool", "module": "example.com/m", "files": ["folder/file"]}},
    ],
    ids=["program", "files of the module"],
)
def test_an_image_is_rebuilt_with_a_new_version_of_its_program_or_module(
    file: Path, monkeypatch: pytest.MonkeyPatch, keys: dict[str, Any]
) -> None:
    entries = read_yaml(file)
    entries["leaf"] |= keys
    known = read_images(write(file.parent, entries))
    before = compute_digests(known)
    newer = replace(externals.table()["promtool"], digest="another")
    monkeypatch.setattr(externals, "table", lambda: {"promtool": newer})
    after = compute_digests(known)
    assert after["base"] == before["base"]
    assert after["leaf"] != before["leaf"]


@pytest.mark.parametrize("key", ["purpose", "differs", "tiers"])
def test_a_change_of_purpose_differences_or_tiers_does_not_rebuild_an_image(
    file: Path, key: str
) -> None:
    before = compute_digests(read_images(file))
    entries = read_yaml(file)
    entries["leaf"][key] = "new" if key == "purpose" else ["new"]
    assert compute_digests(read_images(write(file.parent, entries))) == before


def test_hashes_of_build_inputs_do_not_depend_on_the_path_of_the_checkout(
    file: Path, tmp_path: Path
) -> None:
    shutil.copytree(file.parent, tmp_path / "other")
    copied = compute_digests(read_images(tmp_path / "other" / file.name))
    assert copied == compute_digests(read_images(file))


def test_bases_are_built_first(file: Path) -> None:
    known = read_images(file)
    images = sort_with_bases(known, select_images(known, None))
    assert [image.name for image in images] == ["base", "leaf"]


def test_images_are_selected_by_name_or_reference(file: Path) -> None:
    assert [image.name for image in select_images(read_images(file), [LEAF, "leaf", "base"])] == [
        "leaf",
        "base",
    ]
    with pytest.raises(CarbonError, match="unknown image: nothing"):
        select_images(read_images(file), ["nothing"])


def test_the_stages_of_a_containerfile_are_not_its_base_images() -> None:
    recipe = (
        "FROM docker.io/library/a:1 AS parts\nFROM --platform=linux/amd64 docker.io/library/b:2\n"
        "COPY --from=parts / /\nCOPY --chown=1:1 --from=docker.io/library/c:3 /x /\nFROM scratch\n"
    )
    assert find_bases(recipe) == (
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
def test_an_invalid_entry_is_refused(file: Path, entry: dict[str, Any], message: str) -> None:
    entries = read_yaml(file) | {"leaf": entry}
    with pytest.raises(CarbonError, match=message):
        read_images(write(file.parent, entries))


def test_a_base_image_without_an_entry_in_the_table_is_refused(file: Path) -> None:
    (file.parent / "leaf" / "Containerfile").write_text("FROM docker.io/library/other:1\n")
    with pytest.raises(CarbonError, match=r"builds on .*other:1"):
        read_images(file)


def test_images_that_build_on_each_other_are_refused(file: Path) -> None:
    (file.parent / "base" / "Containerfile").write_text(f"FROM {LEAF}\n")
    known = read_images(file)
    with pytest.raises(CarbonError, match="leaf → base → leaf"):
        sort_with_bases(known, known.values())


def test_every_stand_in_image_states_how_it_differs_from_the_upstream_image() -> None:
    assert all(image.differs for image in read_images(FILE).values() if image.stand_in)


def test_every_stand_in_image_on_the_node_has_a_row_in_the_table_of_upstream_images() -> None:
    stand_ins = [image for image in read_images(FILE).values() if image.stand_in]
    rows = set(read_yaml(ROOT / "tests" / "live" / "images.yaml"))
    assert {image.name for image in stand_ins if image.tiers} <= rows
    assert rows <= {image.name for image in stand_ins}


def read_lock(image: str, file: str = "requirements.lock") -> dict[str, str]:
    """Return the version of each package in a lock of an image."""
    lines = (FILE.parent / image / file).read_text().splitlines()
    pins = [line.removesuffix(" \\").split("==") for line in lines if line[:1].isalnum()]
    return {name.partition("[")[0]: version for name, version in pins}


def test_images_of_a_ray_cluster_share_base_and_versions_except_cupy_numpy_and_pyarrow() -> None:
    images = read_images()
    head, worker = images["ray-ml"], images["ray-ml-kepler"]
    assert head.bases == worker.bases
    for file in ("requirements.lock", "base.lock"):
        ours, others = read_lock(head.name, file), read_lock(worker.name, file)
        changed = {name for name in ours.keys() & others.keys() if ours[name] != others[name]}
        assert changed - {"cupy-cuda12x"} == {"numpy", "pyarrow"}, file
    assert read_lock(worker.name)["numpy"].startswith("1.")
    assert read_lock(worker.name)["torch"] == "2.0.1"


@pytest.mark.parametrize("image", ["ray-ml", "ray-ml-kepler"])
def test_both_locks_of_an_image_pin_the_same_version_of_a_package(image: str) -> None:
    own, base = read_lock(image), read_lock(image, "base.lock")
    assert {"pyopenssl", "cryptography", "adlfs", "google-cloud-storage", "celery"} <= base.keys()
    assert not {name for name in own.keys() & base.keys() if own[name] != base[name]}
    assert "pip check" in read_images()[image].containerfile.read_text()


def test_every_folder_of_an_image_has_an_entry_in_the_table() -> None:
    assert {path.name for path in FILE.parent.iterdir() if path.is_dir()} == set(read_images())


def list_references(values: object) -> Iterator[str]:
    """Yield every image that a chart's values name."""
    if isinstance(values, list):
        for value in values:
            yield from list_references(value)
    if not isinstance(values, dict):
        return
    if {"registry", "repository", "tag"} <= values.keys() and values["repository"]:
        yield f"{values['registry']}/{values['repository']}:{values['tag']}"
    for value in values.values():
        yield from list_references(value)


CHARTS = sorted(ROOT.glob("charts/*/values.yaml"))
NEED_GPUS = "nvcr.io/nvidia/"
"""Images that need a GPU; the local node has none."""


@pytest.mark.parametrize("values", CHARTS, ids=lambda path: path.parent.name)
def test_the_node_has_every_image_of_the_charts_that_needs_no_gpu(values: Path) -> None:
    loaded = {image.reference for image in read_images().values() if image.tiers}
    named = set(list_references(read_yaml(values)))
    assert {name for name in named if not name.startswith(NEED_GPUS)} <= loaded


def test_the_images_of_the_tier_core_include_pause_and_busybox() -> None:
    loaded = {image.reference for image in read_images().values() if "core" in image.tiers}
    assert {layout.PAUSE_IMAGE, layout.BUSYBOX_IMAGE} <= loaded


def test_the_page_about_images_is_up_to_date() -> None:
    assert (ROOT / "docs" / "images.md").read_text() == build_document()
