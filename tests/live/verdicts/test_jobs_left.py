"""Jobs that an unfinished operation of Helm leaves, with an API server and real Helm."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.live.verdicts.helm_update import write_kubeconfig
from tests.live.verdicts.installed import Cluster

from carbon import externals
from carbon.platform.orphans import delete_jobs
from carbon.platform.target import Target

RELEASE = "left"
NUMBERS = count()
CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "{{ .Release.Name }}"},
    "immutable": True,
    "data": {"text": "{{ .Values.text }}"},
}
"""An object whose change the API server refuses: Helm then creates new objects, deletes none."""
JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "{{ .Release.Name }}-{{ .Values.job }}"},
    "spec": {
        "template": {
            "spec": {
                "restartPolicy": "Never",
                "containers": [{"name": "job", "image": "registry.example.com/job:1"}],
            }
        }
    },
}
"""A Job with a new name in each revision, as the Jobs of the charts have."""


class Left:
    """A release whose second revision has failed, and left the Jobs of both revisions."""

    def __init__(self, cluster: Cluster, folder: Path, program: str) -> None:
        self._cluster = cluster
        cluster.namespace = f"left-{next(NUMBERS)}"
        chart = folder / RELEASE
        (chart / "templates").mkdir(parents=True)
        meta = {"apiVersion": "v2", "name": RELEASE, "version": "1.0.0"}
        (chart / "Chart.yaml").write_text(yaml.safe_dump(meta))
        (chart / "templates" / "all.yaml").write_text(yaml.safe_dump_all((CONFIG, JOB)))
        self._chart, self._helm = str(chart), str(externals.ensure_program(program))
        kubeconfig = write_kubeconfig(cluster.api, folder)
        self.target = Target(kubeconfig, "api", cluster.namespace, RELEASE)
        client_side = () if program == "helm3" else ("--server-side=false",)
        self.run("install", "--create-namespace", *client_side, job="old", text="1")
        assert "immutable" in self.run("upgrade", job="new", text="2", fails=True)
        assert self.list_jobs() == {"left-old", "left-new"}

    def run(self, verb: str, *flags: str, fails: bool = False, **values: Any) -> str:
        """Run Helm with values and return its output."""
        words = (self._helm, verb, RELEASE, self._chart, "--values", "-", *flags)
        return self._check(self._cluster.run(*words, values=values), fails)

    def roll_back(self, *, fails: bool = False) -> str:
        """Roll back to the first revision and return Helm's output."""
        return self._check(self._cluster.run(self._helm, "rollback", RELEASE, "1"), fails)

    def list_jobs(self) -> set[str]:
        """Return the names of the Jobs on the cluster."""
        words = ("get", "jobs", "--namespace", self._cluster.namespace, "--output", "json")
        return {
            j["metadata"]["name"] for j in json.loads(self._cluster.api.kubectl(*words))["items"]
        }

    @staticmethod
    def _check(done: Any, fails: bool) -> str:
        assert (done.returncode != 0) == fails, done.stdout
        return str(done.stdout)


@pytest.fixture(params=["helm3", "helm"])
def left(cluster: Cluster, tmp_path: Path, request: pytest.FixtureRequest) -> Left:
    return Left(cluster, tmp_path, request.param)


def test_helm_cannot_roll_back_to_a_revision_whose_jobs_exist(left: Left) -> None:
    assert "field is immutable" in left.roll_back(fails=True)


def test_a_rollback_passes_once_the_old_jobs_are_deleted(
    left: Left, capsys: pytest.CaptureFixture[str]
) -> None:
    delete_jobs(left.target, 1)
    assert "Job left-old" in capsys.readouterr().err
    left.roll_back()
    assert left.list_jobs() == {"left-old"}


def test_an_upgrade_after_a_failed_one_needs_no_deletion(left: Left) -> None:
    left.run("upgrade", job="new", text="1")
    assert left.list_jobs() == {"left-new"}


def test_jobs_of_both_revisions_stay(left: Left) -> None:
    left.run("upgrade", job="old", text="1")
    delete_jobs(left.target, 1)
    assert "left-old" in left.list_jobs()
