"""`carbon upgrade` of releases that Helm 3 and Helm 4 made, with an API server and without pods."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.live.support import wait
from tests.live.verdicts.installed import Cluster

from carbon import externals
from carbon.charts.merging import merge
from carbon.errors import CarbonError
from carbon.platform.target import RELEASE

CHARTS = ("mlflow", "feast", "ray-cluster", "mesh-policies")
OFF = {name: {"enabled": False} for name in CHARTS}
VALUES = {
    **OFF,
    "data-services": {"enabled": False},
    "limitRange": {"enabled": True},
    "quota": {"enabled": True, "hard": {"pods": "50"}},
}
"""A quota and default limits only."""
STORES = {**OFF, "data-services": {"postgresql": {"enabled": False}, "s3": {"enabled": False}}}
"""Redis only."""
POLICY: list[dict[str, Any]] = [
    {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "quota"},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE", "UPDATE"],
                        "resources": ["resourcequotas"],
                    }
                ]
            },
            "validations": [
                {"expression": "object.spec.hard.pods != '13'", "message": "13 is not allowed"}
            ],
        },
    },
    {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "quota"},
        "spec": {"policyName": "quota", "validationActions": ["Deny"]},
    },
]
"""Refuses a quota of 13 pods, so that Helm fails after it has stored a revision."""


def write_values(folder: Path, pods: str) -> str:
    file = folder / f"{pods}.yaml"
    file.write_text(yaml.safe_dump(merge(VALUES, {"quota": {"hard": {"pods": pods}}})))
    return str(file)


def change_quota(cluster: Cluster) -> None:
    """Change a field of the release as another program does."""
    body = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "platform", "namespace": cluster.namespace},
        "spec": {"hard": {"pods": "60"}},
    }
    flags = ("--server-side", "--force-conflicts", "--field-manager=other")
    cluster.api.kubectl("apply", *flags, "-f", "-", stdin=json.dumps(body))


@pytest.mark.parametrize("program", ["helm3", "helm"])
def test_a_field_that_another_program_has_changed_does_not_stop_the_upgrade(
    cluster: Cluster, tmp_path: Path, program: str
) -> None:
    cluster.install(program, VALUES)
    change_quota(cluster)
    done = cluster.upgrade("--values", write_values(tmp_path, "70"), "--yes")
    assert done.returncode == 0, done.stdout
    assert cluster.read_quota() == "70"
    assert [status for status, _ in cluster.read_history()] == ["superseded", "deployed"]
    again = cluster.upgrade()
    assert again.returncode == 0, again.stdout
    assert cluster.read_quota() == "70", "the values of the release were not kept"


@pytest.mark.parametrize("program", ["helm3", "helm"])
def test_a_failed_upgrade_is_rolled_back_and_the_corrected_command_goes_on(
    cluster: Cluster, tmp_path: Path, program: str
) -> None:
    cluster.install(program, VALUES)
    cluster.api.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(POLICY))

    def is_refused() -> bool:
        probe = ("create", "quota", "probe", "--hard=pods=13", "--dry-run=server")
        try:
            cluster.api.kubectl(*probe, "--namespace", cluster.namespace)
        except CarbonError as refused:
            return "13 is not allowed" in refused.what
        return False

    wait("the policy", is_refused, 60)
    failed = cluster.upgrade("--values", write_values(tmp_path, "13"), "--yes")
    assert failed.returncode == 1, failed.stdout
    assert "13 is not allowed" in failed.stdout
    assert "is rolled back to revision 1, which serves" in failed.stdout
    statuses = [status for status, _ in cluster.read_history()]
    assert statuses[-1] == "deployed"
    assert len(statuses) == 3
    assert cluster.read_history()[-1][1] == "0.1.0"
    assert cluster.read_quota() == "50"
    done = cluster.upgrade("--values", write_values(tmp_path, "14"), "--yes")
    assert done.returncode == 0, done.stdout
    assert cluster.read_quota() == "14"


def test_refused_values_change_nothing(cluster: Cluster, tmp_path: Path) -> None:
    cluster.install("helm", VALUES)
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump({**VALUES, "unknown": 1}))
    refused = cluster.upgrade("--values", str(file), "--yes")
    assert refused.returncode == 3, refused.stdout
    assert "carbon migrate-values" in refused.stdout
    assert len(cluster.read_history()) == 1


def test_a_release_is_not_brought_back_to_a_version_that_does_not_read_its_data(
    cluster: Cluster,
) -> None:
    cluster.install("helm", STORES)
    stopped = cluster.upgrade()
    assert stopped.returncode == 4, stopped.stdout
    assert "--yes" in stopped.stdout
    helm = str(externals.ensure_program("helm"))
    words = (helm, "upgrade", RELEASE, "umbrella/", "--values", "-", "--force-conflicts")
    done = cluster.run(*words, values=STORES)
    assert done.returncode == 0, done.stdout
    refused = cluster.upgrade("0.1.0")
    assert refused.returncode == 4, refused.stdout
    assert "redis-log: revision 2, not 1" in refused.stdout
    assert "mlflow" not in refused.stdout.partition("does not read")[2]
    assert len(cluster.read_history()) == 2


def test_a_release_of_helm_3_is_converted_as_documented(cluster: Cluster) -> None:
    cluster.install("helm3", VALUES)
    helm = str(externals.ensure_program("helm"))
    flags = ("--reset-then-reuse-values", "--server-side=true", "--force-conflicts")
    done = cluster.run(helm, "upgrade", RELEASE, "umbrella/", *flags)
    assert done.returncode == 0, done.stdout
    change_quota(cluster)
    again = cluster.upgrade()
    assert again.returncode == 0, again.stdout
    assert cluster.read_quota() == "50"


def test_a_killed_upgrade_is_named_and_not_touched_while_it_can_run(cluster: Cluster) -> None:
    cluster.install("helm", STORES)
    with cluster.start_upgrade() as killed:
        wait("the upgrade", lambda: cluster.read_history()[-1][0] == "pending-upgrade")
        killed.kill()
    shown = cluster.upgrade("--dry-run", "--yes")
    assert shown.returncode == 0, shown.stdout
    assert "revision 2 is pending-upgrade, rolling back to revision 1" in shown.stdout
    refused = cluster.upgrade("--yes")
    assert refused.returncode == 1, refused.stdout
    assert "Wait until it ends" in refused.stdout
    assert len(cluster.read_history()) == 2
