"""Releases in an OCI registry with TLS and a login: push, pull, install and provenance."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.registry.server import Server, start_registry
from tests.tools.repository import Repository

from carbon import externals
from carbon.charts.render import Render, run_helm_program
from carbon.errors import CarbonError
from carbon.process import run
from carbon.release.index import FOLDER, read_index
from carbon.release.publish import publish
from carbon.release.stored import unpack_release
from carbon.release.targets import Registry

UMBRELLA = "254carbon-0.1.0.tgz"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("HELM_REGISTRY_CONFIG", str(tmp_path / "logins.json"))
    (tmp_path / "registry").mkdir()
    with start_registry(tmp_path / "registry") as server:
        yield server


@pytest.fixture
def target(server: Server) -> Registry:
    server.log_in()
    return Registry(server.url, server.options)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "checkout")


def publish_to(target: Registry, repository: Repository, key: str = "") -> list[str]:
    return publish(target, key, checkout=repository.path, folder=repository.index)[1]


def test_publishes_a_release_once_and_pulls_the_same_packages(
    target: Registry, repository: Repository
) -> None:
    added = publish_to(target, repository)
    (release,) = read_index(repository.index)
    assert sorted(added) == sorted(release.packages)
    assert {name: target.read_digest(name) for name in added} == release.packages
    assert target.read_digest("web-0.2.0.tgz") is None
    assert publish_to(target, repository) == []


@pytest.mark.parametrize("helm", ["helm", "helm3"])
def test_installs_release_0_1_0_from_the_registry(
    server: Server, target: Registry, helm: str
) -> None:
    release = read_index()[0]
    target.add_packages([FOLDER / release.package])
    assert target.read_digest(UMBRELLA) == release.packages[UMBRELLA]
    chart = (f"{server.url}/254carbon", "--version", "0.1.0", *server.options)
    program = externals.ensure_program(helm)
    given = ("--namespace", "data-platform", "--kube-version", "1.37.0")
    pulled = run([program, "template", "254carbon", *chart, *given])
    root = unpack_release(release)
    assert pulled.strip() == run_helm_program(Render(root / "umbrella", helm=helm)).strip()
    if helm == "helm":
        installed = run([program, "install", "254carbon", *chart, "--dry-run=client"])
        assert "STATUS: pending-install" in installed


def test_refuses_a_version_that_the_registry_has_with_another_content(
    target: Registry, repository: Repository, tmp_path: Path
) -> None:
    other = Repository(tmp_path / "other")
    other.write("charts/web/values.yaml", {"tag": "9"})
    run([externals.ensure_program("helm"), "package", other.path / "charts/web"], cwd=tmp_path)
    target.add_packages([tmp_path / "web-0.1.0.tgz"])
    with pytest.raises(CarbonError, match=r"charts has another content of web-0\.1\.0\.tgz"):
        publish_to(target, repository)
    assert target.read_digest("api-0.1.0.tgz") is None
    assert read_index(repository.index) == []


def test_an_interrupted_push_is_no_release_and_continues(
    target: Registry, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = Registry.add_packages
    pushed: list[str] = []

    def interrupt(self: Registry, packages: Sequence[Path]) -> None:
        push(self, packages[:2])
        pushed.extend(path.name for path in packages[:2])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Registry, "add_packages", interrupt)
        with pytest.raises(KeyboardInterrupt):
            publish_to(target, repository)
    assert target.read_digest(UMBRELLA) is None
    assert read_index(repository.index) == []
    added = publish_to(target, repository)
    assert (len(added), added[-1]) == (2, UMBRELLA)
    assert not set(added) & set(pushed)
    assert len(read_index(repository.index)) == 1


def test_names_what_a_refused_connection_lacks(
    server: Server, repository: Repository, tmp_path: Path
) -> None:
    trusted = Registry(server.url, server.options)
    for target, what, remedy in (
        (trusted, "access is refused", f"helm registry login {server.host}"),
        (Registry(server.url), "certificate is not trusted", "--ca-file FILE"),
    ):
        with pytest.raises(CarbonError, match=what) as refused:
            publish_to(target, repository)
        assert remedy in refused.value.remedy
    assert read_index(repository.index) == []


def test_signs_packages_so_that_helm_verifies_them(
    server: Server,
    target: Registry,
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(keys))
    gpg = ("gpg", "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback")
    run([*gpg, "--quick-generate-key", "releases@example.com", "rsa2048", "sign"])
    run([*gpg, "--output", keys / "public.gpg", "--export"])
    publish_to(target, repository, key="releases@example.com")
    pull = ("pull", f"{server.url}/254carbon", "--version", "0.1.0", *server.options)
    verify = ("--verify", "--keyring", str(keys / "public.gpg"), "--destination", str(tmp_path))
    helm = externals.ensure_program("helm")
    done = subprocess.run([helm, *pull, *verify], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Signed by" in done.stdout + done.stderr
    with pytest.raises(CarbonError, match="gpg"):
        publish_to(Registry(f"{server.url}2", server.options), repository, key="nobody")
    run(["gpgconf", "--kill", "all"])
