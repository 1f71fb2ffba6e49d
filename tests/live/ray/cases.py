"""Tests of a running Ray cluster that apply to the modes standalone and kuberay alike."""

import json
import re
import subprocess
import urllib.request

from tests.live.ray.support import AWKWARD, HEADS, NODES, WORKERS, RayRelease
from tests.live.support import CLIENTS, wait

from carbon import externals
from carbon.cluster.layout import layout


def check_documented_commands(release: RayRelease) -> None:
    """The label selectors and ports in the documented commands for users of the cluster exist."""
    select = "app in (ray-cluster,feast,mlflow)"
    pods = release.kubectl("get", "pods", "-l", select, "-o", "name").split()
    assert len([p for p in pods if "ray-cluster" in p]) >= 2
    services = release.kubectl("get", "svc", "-l", select, "-o", "name").split()
    assert "service/ray-cluster-head-svc" in services
    ports = {
        port["name"]: port["port"]
        for service in release.get("svc")
        if service["metadata"]["name"] == "ray-cluster-head-svc"
        for port in service["spec"]["ports"]
    }
    expected = {"serve": 8000, "dashboard": 8265, "client": 10001, "gcs-server": 6379}
    assert expected.items() <= ports.items()


def check_port_forward_to_the_dashboard(release: RayRelease) -> None:
    command = [str(externals.ensure_program("kubectl")), "--kubeconfig", str(layout().kubeconfig)]
    command += ["-n", release.namespace or "default", "port-forward"]
    command += ["svc/ray-cluster-head-svc", ":8265"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as forward:
        try:
            assert forward.stdout
            found = re.search(r"127\.0\.0\.1:(\d+)", forward.stdout.readline())
            assert found
            with urllib.request.urlopen(
                f"http://127.0.0.1:{found[1]}/api/version", timeout=30
            ) as answer:
                assert json.load(answer)["ray_version"] == "2.60.0"
        finally:
            forward.terminate()


def check_that_helm_test_runs_a_task_on_every_node(release: RayRelease) -> None:
    output = release.run_tests("helm", "--timeout", "6m")
    nodes = len(release.get("pods", NODES))
    assert f"a task ran on each of {nodes} nodes" in output, output


def check_that_the_client_proxy_loses_no_fork(release: RayRelease) -> None:
    """Ray's client proxy forks a server for each client; in earlier versions some forks died."""
    [head] = release.list_ready(HEADS)
    program = ["exec", "-i", head["metadata"]["name"], "--", "python3", "-"]
    script = (CLIENTS / "grpc_forks.py").read_text(encoding="utf-8")
    ends = json.loads(release.kubectl(*program, stdin=script).splitlines()[-1])
    print(f"forks of a busy gRPC server by exit code: {ends}")
    assert ends["0"] > 100
    assert set(ends) == {"0"}


def check_that_another_pod_can_deploy_an_application(release: RayRelease) -> None:
    got = release.wait_for_result(release.start_ray_client("ray_serve.py", SHARED="8"))
    print(f"serve.run from another pod: {got}")
    assert got["answer"] == 42
    assert set(got["passed"]) == {8 << 20}


def check_that_tasks_survive_a_killed_worker(release: RayRelease) -> None:
    client = release.start_ray_client("ray_retry.py", TASKS="12", SECONDS="4")
    wait("the tasks", lambda: "submitted" in client.read_log(), 240)
    [victim, *_] = release.list_ready(WORKERS)
    name = victim["metadata"]["name"]
    release.kubectl("delete", "pod", name, "--grace-period=0", "--force")
    got = release.wait_for_result(client)
    print(f"worker killed: {got}")
    assert got["lost"] == []


def check_that_every_pod_is_restricted(release: RayRelease) -> None:
    """Pods have a read-only root file system and no capabilities."""
    for pod in release.get("pods", NODES):
        spec = pod["spec"]
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, container["name"]
            assert context["capabilities"] == {"drop": ["ALL"]}, container["name"]


def check_that_options_reach_ray_unchanged(release: RayRelease) -> None:
    """KubeRay starts Ray through a shell; a StatefulSet starts Ray without one."""
    [head] = release.list_ready(HEADS)
    script = "import json, ray; ray.init(); print(json.dumps(ray.cluster_resources()))"
    where = ["exec", head["metadata"]["name"], "-c", "ray-head", "--"]
    resources = json.loads(release.kubectl(*where, "python3", "-c", script).splitlines()[-1])
    assert {name: resources.get(name) for name in AWKWARD} == dict.fromkeys(AWKWARD, 2.0)


ALL = (
    check_that_options_reach_ray_unchanged,
    check_that_every_pod_is_restricted,
    check_documented_commands,
    check_port_forward_to_the_dashboard,
    check_that_helm_test_runs_a_task_on_every_node,
    check_that_the_client_proxy_loses_no_fork,
    check_that_another_pod_can_deploy_an_application,
    check_that_tasks_survive_a_killed_worker,
)
