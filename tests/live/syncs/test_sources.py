"""The sources of the umbrella: a package in a registry, and a root Application in Git."""

from pathlib import Path

import pytest
import yaml
from tests.live.argocd import ArgoCd, list_unsynced
from tests.live.charts_repository import ChartsRepository
from tests.live.syncs.conftest import write_values
from tests.registry.server import PASSWORD, USER, Server, start_registry

from carbon.charts.discovery import UMBRELLA, read_chart
from carbon.gitops.documents import build_documents
from carbon.gitops.plan import build_plan
from carbon.gitops.projects import APPLICATIONS, ARGOCD, PLATFORM
from carbon.gitops.source import Source
from carbon.home import ROOT
from carbon.release.packages import build_package
from carbon.release.targets import Registry

ROOT_FOLDER = "gitops/applications"


def test_a_package_in_a_registry_is_synced_with_the_values_in_the_application(
    argo: ArgoCd, original: ChartsRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELM_REGISTRY_CONFIG", str(tmp_path / "logins.json"))
    chart = read_chart(ROOT / UMBRELLA)
    name, content = build_package(chart)
    (tmp_path / name).write_bytes(content)
    (tmp_path / "registry").mkdir()
    with start_registry(tmp_path / "registry") as server:
        server.log_in()
        Registry(server.url, server.options).add_packages([tmp_path / name])
        url = f"{server.url}/254carbon"
        argo.apply([build_login(url)])
        trust(argo, server)
        values = write_values(tmp_path, {"mlflow": {"replicas": 2}})
        source = Source(url, chart.meta["version"])
        plan = build_plan(source, values=[values], apps=original.source)
        argo.install(plan)
        argo.wait_for_sync("sha256:")
        assert len(argo.read()["status"]["resources"]) == len(plan.objects)
        assert list_unsynced(argo.refresh()["status"]) == []
        stored = {each["metadata"]["name"]: each for each in argo.read_objects()}
        assert stored["mlflow"]


def build_login(url: str) -> dict[str, object]:
    """Return the Secret with which Argo CD logs in to a registry."""
    labels = {"argocd.argoproj.io/secret-type": "repository"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "registry", "namespace": ARGOCD, "labels": labels},
        "stringData": {"type": "oci", "url": url, "username": USER, "password": PASSWORD},
    }


def trust(argo: ArgoCd, server: Server) -> None:
    """Let the repo server trust the certificate of a registry."""
    host = server.host.partition(":")[0]
    (argo.folder / "tls" / host).write_bytes(server.authority.read_bytes())


def test_the_root_application_creates_the_application_and_has_no_difference(
    argo: ArgoCd, charts: ChartsRepository
) -> None:
    plan = build_plan(charts.source, path=ROOT_FOLDER)
    documents = build_documents(plan)
    for path, text in documents.items():
        if path.parts[0] == "applications":
            file = charts.path / "gitops" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    revision = charts.commit("the Applications")
    for name in ("settings.yaml", "projects.yaml", "root.yaml"):
        argo.apply(yaml.safe_load_all(documents[Path(name)]))
    argo.wait_for_sync(revision, APPLICATIONS)
    argo.wait_for_sync(revision, PLATFORM)
    for name in (APPLICATIONS, PLATFORM):
        before = argo.read(name)["status"]["history"]
        after = argo.refresh(name)["status"]
        assert list_unsynced(after) == []
        assert after["history"] == before
    health = argo.read(APPLICATIONS)["status"]["health"]["status"]
    assert health == argo.read(PLATFORM)["status"]["health"]["status"]
