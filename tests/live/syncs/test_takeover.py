"""A release that Helm installed becomes an Application, and the way back, as docs/gitops states."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.live.argocd import ArgoCd, list_unsynced
from tests.live.charts_repository import ChartsRepository

from carbon import externals
from carbon.charts.render import Object
from carbon.externals import debian
from carbon.gitops.plan import build_plan
from carbon.gitops.projects import ARGOCD, PLATFORM
from carbon.home import ROOT

NAMESPACE = "data-platform"
MANIFEST = f"helm get manifest {PLATFORM} --namespace {NAMESPACE}"
VALUES = "umbrella/values.yaml"
EXTRA = "umbrella/templates/extra.yaml"


@dataclass(frozen=True)
class Shell:
    """Runs commands with one version of Helm, and with kubectl, against the API server."""

    folder: Path
    env: dict[str, str]
    force: str
    """The option of `helm upgrade` that this version needs."""

    def run(self, command: str) -> str:
        """Run a command in the folder of the charts; return its output."""
        words = ["bash", "-o", "pipefail", "-c", command]
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def list_specs(self) -> dict[str, Object]:
        """Return what `list_specs` does for the objects of the release."""
        found = self.run(f"{MANIFEST} | kubectl get --filename - --output json")
        return list_specs(json.loads(found)["items"])


@pytest.fixture(params=["helm3", "helm"])
def shell(
    request: pytest.FixtureRequest, argo: ArgoCd, charts: ChartsRepository, tmp_path: Path
) -> Iterator[Shell]:
    """Commands with Helm 3 and with Helm 4; all that they installed is deleted after the test.

    Both are named `helm`: Helm writes the name of its file into objects.
    """
    debian.install(["jq"])
    for name, program in (("helm", request.param), ("kubectl", "kubectl")):
        (tmp_path / name).symlink_to(externals.ensure_program(program))
    path = f"{tmp_path}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "KUBECONFIG": str(argo.kubeconfig)}
    yield Shell(charts.path, env, "--force-conflicts" if request.param == "helm" else "")
    argo.kubectl("delete", "applications", "--all", "-n", ARGOCD)
    argo.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")


def read_command(*words: str) -> str:
    """Return the command in the page that contains all words."""
    text = (ROOT / "docs" / "gitops" / "README.md").read_text("utf-8")
    blocks = (each for each in text.split("\n\n") if each.startswith("    "))
    [found] = [each for each in blocks if all(word in each for word in words)]
    return found


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
    install = f"helm install {PLATFORM} umbrella/ --namespace {NAMESPACE} --create-namespace"
    shell.run(install)
    before = shell.list_specs()
    shell.run(read_command(MANIFEST, "jq", '"Apply"'))
    argo.install(build_plan(charts.source))
    argo.wait_for_sync(revision)
    assert list_unsynced(argo.refresh()["status"]) == []
    assert shell.list_specs() == before
    shell.run(read_command("kubectl delete secrets"))

    revision = annotate(charts, "second")
    argo.refresh(kind="normal")
    argo.wait_for_sync(revision)
    assert list_annotations(argo) == {"second"}
    assert "configmap/extra" not in argo.kubectl("get", "configmaps", "-n", NAMESPACE, "-o", "name")

    before = list_specs(argo.read_objects())
    shell.run(read_command("kubectl delete application "))
    back = f"{read_command('--take-ownership')} {shell.force}"
    shell.run(back)
    shell.run(read_command(MANIFEST, "jq", "map(select"))
    assert shell.list_specs() == before
    charts.restore()
    shell.run(back)
    assert list_annotations(argo) == set()
