"""The stored releases: the index, and the charts and values files in its archives."""

import shutil
from pathlib import Path

import pytest

from carbon.charts.discovery import find_charts
from carbon.charts.render import Render, run_template
from carbon.check.render.apis import list_apis
from carbon.errors import CarbonError
from carbon.release.index import FOLDER, INDEX, Release, format_index, read_index
from carbon.release.stored import unpack_release


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the index and its archives."""
    return shutil.copytree(FOLDER, tmp_path / "releases")


@pytest.mark.parametrize("release", read_index(), ids=lambda release: release.version)
def test_unpacks_every_stored_release_as_a_checkout(release: Release) -> None:
    checkout = unpack_release(release)
    charts = {chart.name: chart for chart in find_charts(checkout)}
    assert {f"{name}-{release.version}.tgz" for name in charts} == set(release.packages)
    for chart in charts.values():
        assert chart.meta["version"] == release.version
        if not chart.is_library:
            values = tuple(chart.list_ci_values()[:1])
            assert run_template(Render(chart.folder, values, apis=list_apis())).text


def test_the_index_has_the_text_that_carbon_release_writes() -> None:
    assert (FOLDER / INDEX).read_text("utf-8") == format_index(read_index())


def test_every_archive_in_the_folder_belongs_to_a_release() -> None:
    stored = {name for release in read_index() for name in release.stored}
    assert {path.name for path in FOLDER.glob("*.tgz")} == stored


def test_refuses_an_archive_with_another_digest(copy: Path) -> None:
    with (copy / "254carbon-0.1.0.tgz").open("ab") as archive:
        archive.write(b"more")
    with pytest.raises(CarbonError, match=r"254carbon-0\.1\.0\.tgz has the digest sha256:"):
        unpack_release(read_index(copy)[0], copy)


def test_names_a_missing_archive(copy: Path) -> None:
    (copy / "values-0.1.0.tgz").unlink()
    with pytest.raises(CarbonError, match=r"can't read .*values-0\.1\.0\.tgz: No such file"):
        unpack_release(read_index(copy)[0], copy)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one: {}", "one: the key is not a version"),
        ("0.2.0: {}", "0.2.0: an entry has the keys"),
        ("0.2.0: {commit: a, date: b, packages: {}, values: c}", "packages lacks 254carbon-0.2.0"),
    ],
)
def test_refuses_an_invalid_entry_of_the_index(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / INDEX).write_text(text)
    with pytest.raises(CarbonError, match=expected):
        read_index(tmp_path)
