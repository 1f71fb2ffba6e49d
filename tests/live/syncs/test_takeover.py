"""A release that Helm installed becomes an Application, and the way back, as docs/gitops states."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.live.argocd import ArgoCd, list_unsynced
from tests.live.charts_repository import ChartsRepository
from tests.live.takeover import INSTALL, MANIFEST, NAMESPACE, Shell, build_shell

from carbon.charts.render import Object
from carbon.gitops.plan import build_plan
from carbon.gitops.projects import ARGOCD, PLATFORM

VALUES = "umbrella/values.yaml"
EXTRA = "umbrella/templates/extra.yaml"


@pytest.fixture(params=["helm3", "helm"])
def shell(
    request: pytest.FixtureRequest, argo: ArgoCd, charts: ChartsRepository, tmp_path: Path
) -> Iterator[Shell]:
    """Commands with Helm 3 and with Helm 4; all that they installed is deleted after the test."""
    yield build_shell(request.param, argo, charts, tmp_path)
    argo.kubectl("delete", "applications", "--all", "-n", ARGOCD)
    argo.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")


def list_installed(shell: Shell) -> dict[str, Object]:
    """Return what `list_specs` does for the objects of the release."""
    found = shell.run(f"{MANIFEST} | kubectl get --filename - --output json")
    return list_specs(json.loads(found)["items"])


def list_specs(objects: Iterable[Object]) -> dict[str, Object]:
    """Return the specification of each object by UID: only a change of it restarts pods."""
    return {each["metadata"]["uid"]: each.get("spec", {}) for each in objects}


def list_annotations(argo: ArgoCd) -> set[str]:
    """Return the annotations of MLflow's pods."""
    get = ("get", "deployment", "mlflow", "-n", NAMESPACE, "-o", "json")
    pod = json.loads(argo.kubectl(*get))["spec"]["template"]["metadata"]
    return set(pod.get("annotations", {}))


def annotate(charts: ChartsRepository, *names: str) -> str:
    """Commit the charts of this checkout with annotations of MLflow's pods."""
    charts.restore()
    annotations: dict[str, Any] = dict.fromkeys(names, "a")
    return charts.change(VALUES, {"mlflow": {"podAnnotations": annotations}})


def add_object(charts: ChartsRepository) -> None:
    """Add an object with the label by which Argo CD guesses that it is in an Application."""
    labels = {"app.kubernetes.io/instance": PLATFORM}
    meta = {"name": "extra", "namespace": NAMESPACE, "labels": labels}
    extra = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}
    (charts.path / EXTRA).write_text(yaml.safe_dump(extra), "utf-8")


def test_argo_cd_takes_a_release_over_and_helm_takes_it_back(
    argo: ArgoCd, charts: ChartsRepository, shell: Shell
) -> None:
    annotate(charts, "first", "second")
    add_object(charts)
    revision = charts.commit("what Helm installs")
    shell.run(INSTALL)
    before = list_installed(shell)
    shell.hand_over()
    argo.install(build_plan(charts.source))
    argo.wait_for_sync(revision)
    assert list_unsynced(argo.refresh()["status"]) == []
    assert list_installed(shell) == before
    shell.delete_records()

    revision = annotate(charts, "second")
    argo.refresh(kind="normal")
    argo.wait_for_sync(revision)
    assert list_annotations(argo) == {"second"}
    assert "configmap/extra" not in argo.kubectl("get", "configmaps", "-n", NAMESPACE, "-o", "name")

    before = list_specs(argo.read_objects())
    shell.delete_application()
    shell.take_back()
    shell.remove_argo_cd()
    assert list_installed(shell) == before
    charts.restore()
    shell.take_back()
    assert list_annotations(argo) == set()
