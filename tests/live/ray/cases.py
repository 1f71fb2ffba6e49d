"""What holds for a running Ray cluster in either mode; each function is given the cluster."""

import json
import re
import subprocess
import urllib.request

from tests.live.ray.support import HEADS, NODES, WORKERS, Rays
from tests.live.support import CLIENTS, RELEASE, wait

from carbon import externals
from carbon.cluster.layout import layout


def commands_work_verbatim(rays: Rays) -> None:
    """The commands that people there use, word for word but for the namespace."""
    select = "app in (ray-cluster,feast,mlflow)"
    pods = rays.kubectl("get", "pods", "-l", select, "-o", "name").split()
    assert len([p for p in pods if "ray-cluster" in p]) >= 2
    services = rays.kubectl("get", "svc", "-l", select, "-o", "name").split()
    assert "service/ray-cluster-head-svc" in services
    ports = {
        port["name"]: port["port"]
        for service in rays.get("svc")
        if service["metadata"]["name"] == "ray-cluster-head-svc"
        for port in service["spec"]["ports"]
    }
    wanted = {"serve": 8000, "dashboard": 8265, "client": 10001, "gcs-server": 6379}
    assert wanted.items() <= ports.items()


def port_forward_reaches_the_dashboard(rays: Rays) -> None:
    command = [str(externals.ensure_program("kubectl")), "--kubeconfig", str(layout().kubeconfig)]
    command += ["-n", rays.namespace or "default", "port-forward"]
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


def helm_test_runs_a_task_on_every_node(rays: Rays) -> None:
    tested = rays.helm("helm", "test", RELEASE, "--logs", "--timeout", "6m")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    nodes = len(rays.get("pods", NODES))
    assert f"a task ran on each of {nodes} nodes" in tested.stdout, tested.stdout


def clients_get_their_server(rays: Rays) -> None:
    """Ray's proxy forks one for each, and lost some: all of many forks like its own live."""
    [head] = rays.ready(HEADS)
    program = ["exec", "-i", head["metadata"]["name"], "--", "python3", "-"]
    script = (CLIENTS / "grpc_forks.py").read_text(encoding="utf-8")
    ends = json.loads(rays.kubectl(*program, stdin=script).splitlines()[-1])
    print(f"programs started by a busy gRPC server, by exit code: {ends}")
    assert ends["0"] > 100
    assert set(ends) == {"0"}


def another_pod_serves(rays: Rays) -> None:
    got = rays.result(rays.ask("ray_serve.py", SHARED="8"))
    print(f"serve.run from another pod: {got}")
    assert got["answer"] == 42
    assert set(got["passed"]) == {8 << 20}


def tasks_outlive_a_worker(rays: Rays) -> None:
    client = rays.ask("ray_retry.py", TASKS="12", SECONDS="4")
    wait("the tasks", lambda: "asked" in client.logs(), 240)
    [victim, *_] = rays.ready(WORKERS)
    name = victim["metadata"]["name"]
    rays.kubectl("delete", "pod", name, "--grace-period=0", "--force")
    got = rays.result(client)
    print(f"worker killed: {got}")
    assert got["lost"] == []


def every_pod_is_restricted(rays: Rays) -> None:
    """The namespace enforces Pod Security; the root file system is read-only beside it."""
    for pod in rays.get("pods", NODES):
        spec = pod["spec"]
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, container["name"]
            assert context["capabilities"] == {"drop": ["ALL"]}, container["name"]


ALL = (
    every_pod_is_restricted,
    commands_work_verbatim,
    port_forward_reaches_the_dashboard,
    helm_test_runs_a_task_on_every_node,
    clients_get_their_server,
    another_pod_serves,
    tasks_outlive_a_worker,
)
