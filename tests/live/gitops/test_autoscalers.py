"""Argo CD beside the autoscalers of MLflow's servers and of Ray's workers, with real pods."""

from pathlib import Path

import yaml
from tests.live.argocd import ArgoCd, list_unsynced
from tests.live.charts_repository import ChartsRepository
from tests.live.gitops.conftest import SMALL, Platform
from tests.live.ray import support as ray
from tests.live.ray.support import RayRelease, add_operator
from tests.live.support import check_logged_runs, wait

from carbon.charts.merging import merge
from carbon.cluster import lifecycle
from carbon.gitops.plan import build_plan

CALLS = {"clients": {"ray-cluster": "all"}}
"""The autoscaler of Ray calls the API server."""
VALUES = {
    "global": {"services": {"kubernetes-api": {"ports": {"https": CALLS, "https-pods": CALLS}}}},
    "mlflow": {
        "autoscaling": {
            "enabled": True,
            "minReplicas": 1,
            "maxReplicas": 2,
            "targetCPUPercent": 50,
        },
    },
    "ray-cluster": merge(
        ray.SMALL,
        {
            "enabled": True,
            "mode": "kuberay",
            "autoscaling": {
                "enabled": True,
                "idleTimeoutSeconds": 10,
                "resources": {
                    "requests": {"cpu": "50m", "memory": "256Mi"},
                    "limits": {"cpu": "500m", "memory": "512Mi"},
                },
            },
            "workers": {"replicas": 1, "minReplicas": 1, "maxReplicas": 2},
        },
    ),
}


class AutoscaledPlatform(Platform, RayRelease):
    """A release that Argo CD installs, with a RayCluster."""

    def list_replicas(self) -> list[int]:
        """Return the replicas of MLflow's Deployment and of the RayCluster's workers."""
        [servers] = self.get("deployments", "app=mlflow")
        [cluster] = self.get("rayclusters")
        [workers] = cluster["spec"]["workerGroupSpecs"]
        return [servers["spec"]["replicas"], workers["replicas"]]

    def check_that_nothing_is_to_sync(self) -> None:
        """Let Argo CD compare all objects, and fail if one differs or Argo CD starts a sync."""
        before = self.read_end()
        assert list_unsynced(self.argo.refresh()["status"]) == []
        self.argo.wait_for_health()
        assert self.read_end() == before


def test_a_refresh_and_a_sync_leave_the_replicas_that_autoscalers_wrote(
    argo: ArgoCd, charts: ChartsRepository, tmp_path: Path
) -> None:
    add_operator()
    lifecycle.add("metrics-server")
    own = tmp_path / "values.yaml"
    own.write_text(yaml.safe_dump(VALUES), "utf-8")
    plan = build_plan(charts.source, values=(SMALL, own), namespace="autoscaled")
    with AutoscaledPlatform(argo, plan) as platform:
        argo.install(plan)
        argo.wait_for_health(charts.first)
        first = platform.read_end()
        assert platform.list_replicas() == [1, 1]
        runs = platform.start_client("log_runs.py", SECONDS="120")
        tasks = platform.start_ray_client("ray_retry.py", TASKS="4", SECONDS="1500")
        wait("more replicas", lambda: platform.list_replicas() == [2, 2], 240)
        platform.wait_for_nodes(heads=1, workers=2)
        platform.check_that_nothing_is_to_sync()
        assert platform.read_end() == first
        platform.sync_again()
        assert platform.list_replicas() == [2, 2]
        platform.kubectl("delete", "pod", tasks.name, "--now")  # Ray ends its tasks
        platform.wait_for_nodes(heads=1, workers=1)
        platform.check_that_nothing_is_to_sync()
        assert platform.list_replicas() == [2, 1]
        check_logged_runs(runs)
