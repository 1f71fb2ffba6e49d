"""Status of the workloads of a release, and errors about unreachable clusters."""

import asyncio
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Pod, Service
from tests.charts.processes import serve

from carbon import externals
from carbon.errors import CarbonError
from carbon.platform.target import Target
from carbon.platform.workloads import Snapshot, WorkloadStatus

LABELS = {"app": "mlflow"}
META: dict[str, Any] = {"name": "mlflow", "namespace": "ns", "labels": LABELS, "generation": 2}
SPEC = {"selector": LABELS, "clusterIP": "10.0.0.1", "ports": [{"port": 5000}]}
SERVICE: Any = Service.from_dict(
    {
        "metadata": META,
        "spec": SPEC,
    }
)


def _show(ready: int, observed: int = 2, **status: object) -> WorkloadStatus:
    counts = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": ready}
    deployment: Any = Deployment.from_dict(
        {
            "metadata": META,
            "spec": {"replicas": 2, "selector": {"matchLabels": LABELS}, "template": {}},
            "status": {**counts, "observedGeneration": observed},
        }
    )
    created = {"creationTimestamp": "2026-01-01T00:00:00Z"}
    pod: Any = Pod.from_dict({"metadata": META | created, "status": status})
    (row,) = Snapshot([deployment], [pod], [SERVICE]).build_statuses()
    return row


def test_a_ready_workload_has_a_duration_and_an_address() -> None:
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:30Z"}
    row = _show(2, conditions=[ready])
    assert (row.state, row.seconds, row.addresses) == ("Ready", 30, ("mlflow.ns:5000",))


def test_after_a_node_restart_the_duration_starts_with_the_new_sandbox() -> None:
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T09:00:30Z"}
    sandbox = {"type": "PodReadyToStartContainers", "status": "True"}
    sandbox |= {"lastTransitionTime": "2026-01-01T09:00:00Z"}
    once = {"name": "mlflow", "ready": True, "restartCount": 1, "image": "i", "imageID": "i"}
    row = _show(2, conditions=[ready, sandbox], containerStatuses=[once])
    assert (row.state, row.seconds) == ("Ready", 30)


def test_the_duration_of_a_job_starts_with_the_creation_of_its_pod() -> None:
    ended = {"status": "False", "lastTransitionTime": "2026-01-01T00:00:40Z"}
    ready = {"type": "Ready", "reason": "PodCompleted", **ended}
    sandbox = {"type": "PodReadyToStartContainers", **ended}
    twice = {"name": "mlflow", "ready": False, "restartCount": 2, "image": "i", "imageID": "i"}
    row = _show(2, conditions=[ready, sandbox], containerStatuses=[twice])
    assert row.seconds == 40


def test_a_rollout_that_the_controller_has_not_observed_is_not_ready() -> None:
    assert not _show(2, observed=1).ready


def test_a_waiting_pod_shows_the_reason_and_message_of_the_kubelet() -> None:
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}
    status = {"name": "mlflow", "ready": False, "restartCount": 0, "image": "i", "imageID": "i"}
    row = _show(0, containerStatuses=[{**status, "state": {"waiting": waiting}}])
    assert row.state == 'mlflow CreateContainerConfigError: secret "x" not found'


def test_a_job_is_ready_when_it_is_complete() -> None:
    done = {"conditions": [{"type": "Complete", "status": "True"}]}
    spec = {"template": {}, "selector": {"matchLabels": LABELS}}
    jobs: list[Any] = [
        Job.from_dict({"metadata": META, "spec": spec, "status": s}) for s in (done, {})
    ]
    assert [row.ready for row in Snapshot(jobs, [], []).build_statuses()] == [True, False]


def test_an_unknown_context_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(CarbonError, match="nope"):
        Target(tmp_path / "none", "nope").check()


def _write_kubeconfig(folder: Path, server: str, user: dict[str, Any]) -> Path:
    kubeconfig = folder / "kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }
    kubeconfig.write_text(yaml.safe_dump(config))
    return kubeconfig


def test_an_unreachable_api_server_is_an_error(tmp_path: Path) -> None:
    kubeconfig = _write_kubeconfig(tmp_path, "http://127.0.0.1:9", {})
    with pytest.raises(CarbonError, match="refused"):
        Target(kubeconfig, "c").check()


@pytest.mark.parametrize("text", ["", "a: [", "{clusters: 3}"])
def test_a_context_is_refused_if_no_kubeconfig_defines_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(text)
    monkeypatch.setenv("KUBECONFIG", str(file))
    with pytest.raises(CarbonError, match="can't use context c"):
        Target(None, "c").check()


class _Namespaces(BaseHTTPRequestHandler):
    """An API server without namespaces, for users with the token `given`."""

    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Authorization"] == "Bearer given" else 403)
        self.end_headers()
        self.wfile.write(b'{"apiVersion": "v1", "kind": "NamespaceList", "items": []}')


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_context_of_several_files_and_a_credential_plugin_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    api = f"client.authentication.k8s.io/{version}"
    answer = f'{{"apiVersion": "{api}", "kind": "ExecCredential", "status": {{"token": "given"}}}}'
    plugin = {"command": "echo", "args": [answer], "apiVersion": api, "interactiveMode": "Never"}
    with serve(_Namespaces) as url:
        kubeconfig = _write_kubeconfig(tmp_path, url, {"exec": plugin})
        monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'none'}:{kubeconfig}")
        Target(None, "c").check()
        kubeconfig = _write_kubeconfig(tmp_path, url, {"exec": {**plugin, "command": "nope"}})
        with pytest.raises(CarbonError, match="nope"):
            Target(None, "c").check()


def test_a_cancelled_helm_command_ends_helm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, file = tmp_path / "helm", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ >{file}\nexec sleep 20\n")
    program.chmod(0o755)
    monkeypatch.setattr(externals, "ensure_program", lambda _: program)

    async def cancel() -> None:
        task = asyncio.ensure_future(Target(None, None).make_helm().run(["upgrade"]))
        while not (file.exists() and file.read_text().strip()):
            await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait([task], timeout=5)
        assert task.cancelled()

    asyncio.run(cancel())
    assert not Path(f"/proc/{file.read_text().strip()}").exists()
