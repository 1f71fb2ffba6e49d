"""`carbon release`: packages a commit, and adds the packages to a folder and the index."""

import os
import shutil
from pathlib import Path

import pytest
from tests.tools.repository import DEPLOYMENT, Repository

from carbon.errors import CarbonError
from carbon.home import home
from carbon.release import publish as publishing
from carbon.release.index import INDEX, read_index
from carbon.release.packages import build_packages
from carbon.release.stored import unpack_release
from carbon.release.targets import parse_target, split_name


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    programs = home() / "bin"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "bin").symlink_to(programs)
    monkeypatch.setenv("CARBON_HOME", str(tmp_path / "home"))
    return Repository(tmp_path / "checkout")


def list_names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


PACKAGES = {f"{name}-0.1.0.tgz" for name in ("254carbon", "api", "lib", "web")}


def test_publishes_every_chart_and_stores_the_umbrella(
    repository: Repository, tmp_path: Path
) -> None:
    release, added = repository.publish(tmp_path / "out")
    assert list_names(tmp_path / "out") == set(added) == set(release.packages) == PACKAGES
    assert added[-1] == "254carbon-0.1.0.tgz"
    assert list_names(repository.index) == {INDEX, *release.stored}
    assert read_index(repository.index) == [release]
    root = unpack_release(release, repository.index)
    assert (root / "charts" / "web" / "charts" / "lib" / "Chart.yaml").exists()
    assert (root / "charts" / "web" / "ci" / "default-values.yaml").exists()
    assert (root / "values" / "small.yaml").exists()


def test_the_same_tree_gives_the_same_packages(repository: Repository, tmp_path: Path) -> None:
    copy = shutil.copytree(repository.path, tmp_path / "copy", symlinks=True)
    for path in copy.rglob("*.yaml"):
        os.utime(path, (1, 1))
    assert len({frozenset(build_packages(copy).items()) for _ in range(3)}) == 1
    assert build_packages(copy) == build_packages(repository.path)


def test_publishes_again_without_a_change(repository: Repository, tmp_path: Path) -> None:
    release, _ = repository.publish(tmp_path / "out")
    text = (repository.index / INDEX).read_text()
    assert repository.publish(tmp_path / "out") == (release, [])
    repository.commit()
    assert repository.publish(tmp_path / "out") == (release, [])
    assert len(repository.publish(tmp_path / "other")[1]) == len(PACKAGES)
    assert (repository.index / INDEX).read_text() == text


@pytest.mark.parametrize("name", ["charts/web/values.yaml", "charts/web/new.yaml"])
def test_refuses_a_checkout_with_changes(repository: Repository, tmp_path: Path, name: str) -> None:
    repository.write(name, {"tag": "9"})
    with pytest.raises(CarbonError, match=f"changes that no commit has: {name}"):
        repository.publish(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_packages_no_file_that_git_ignores(repository: Repository, tmp_path: Path) -> None:
    repository.write(".gitignore", "*.log\n")
    repository.commit()
    repository.write("charts/web/a.log", "a log")
    release, _ = repository.publish(tmp_path / "out")
    (repository.path / "charts/web/a.log").unlink()
    assert repository.publish(tmp_path / "out")[0] == release


def test_refuses_another_content_of_a_released_version(
    repository: Repository, tmp_path: Path
) -> None:
    repository.publish(tmp_path / "out")
    repository.write("charts/web/values.yaml", {"tag": "9"})
    repository.commit()
    message = r"index\.yaml has another content of web-0\.1\.0\.tgz, 254carbon-0\.1\.0\.tgz"
    with pytest.raises(CarbonError, match=message):
        repository.publish(tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_refuses_a_folder_with_another_package_of_the_same_name(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "web-0.1.0.tgz").write_text("other")
    with pytest.raises(CarbonError, match=r"out has another content of web-0\.1\.0\.tgz"):
        repository.publish(tmp_path / "out")
    assert list_names(tmp_path / "out") == {"web-0.1.0.tgz"}
    assert list_names(repository.index) == {INDEX}


def test_refuses_a_version_that_is_too_small_for_the_changes(
    repository: Repository, tmp_path: Path
) -> None:
    repository.publish(tmp_path / "out")
    repository.write("charts/web/templates/d.yaml", DEPLOYMENT.replace("app: web", "app: site"))
    repository.prepare("0.1.1")
    with pytest.raises(CarbonError, match=r"0\.1\.1 is too small: .* at least 0\.2\.0"):
        repository.publish(tmp_path / "out")
    repository.prepare("0.2.0")
    release, added = repository.publish(tmp_path / "out")
    assert (release.version, len(added)) == ("0.2.0", len(PACKAGES))
    assert [each.version for each in read_index(repository.index)] == ["0.1.0", "0.2.0"]


def test_refuses_a_version_without_a_section_in_the_changelog(
    repository: Repository, tmp_path: Path
) -> None:
    repository.write("CHANGELOG.md", "# Changelog\n")
    repository.commit()
    with pytest.raises(CarbonError, match=r"no section about 0\.1\.0"):
        repository.publish(tmp_path / "out")


def test_refuses_charts_of_different_versions(repository: Repository, tmp_path: Path) -> None:
    about = (repository.path / "charts/web/Chart.yaml").read_text()
    repository.write("charts/web/Chart.yaml", about.replace("version: 0.1.0", "version: 0.3.0"))
    repository.commit()
    with pytest.raises(CarbonError, match=r"different versions: 0\.1\.0, 0\.3\.0; see .*web"):
        repository.publish(tmp_path / "out")


@pytest.mark.parametrize("copied", [0, 2])
def test_an_interrupt_leaves_nothing_in_the_folder(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: int
) -> None:
    done: list[object] = []

    def copy(source: Path, target: Path) -> None:
        if len(done) == copied:
            raise KeyboardInterrupt
        done.append(source)
        target.write_bytes(source.read_bytes())

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", copy)
        with pytest.raises(KeyboardInterrupt):
            repository.publish(tmp_path / "out")
    assert list_names(tmp_path / "out") == set()
    assert list_names(repository.index) == {INDEX}
    assert set(repository.publish(tmp_path / "out")[1]) == PACKAGES


def test_an_interrupt_before_the_index_is_written_leaves_no_release(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "format_index", interrupt)
        with pytest.raises(KeyboardInterrupt):
            repository.publish(tmp_path / "out")
    assert read_index(repository.index) == []
    assert repository.publish(tmp_path / "out")[1] == []
    assert len(read_index(repository.index)) == 1


def test_names_a_target_that_is_neither_a_folder_nor_a_registry() -> None:
    with pytest.raises(CarbonError, match="neither a folder nor an OCI registry"):
        parse_target("https://example.com/charts", ())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("254carbon-0.1.0.tgz", ("254carbon", "0.1.0")),
        ("ray-cluster-1.2.3-rc.1.tgz", ("ray-cluster", "1.2.3-rc.1")),
    ],
)
def test_splits_the_name_of_a_package(name: str, expected: tuple[str, str]) -> None:
    assert split_name(name) == expected
