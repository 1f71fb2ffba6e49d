"""The local cluster: cleanup, restarts with data, and recovery after crashes.

Each test creates its own cluster in its own cache, which links to the built programs.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from carbon.cluster.layout import Layout
from carbon.cluster.state import State
from carbon.errors import CarbonError
from carbon.home import home
from carbon.process import run


class Sandbox:
    """A cache for one cluster, and the command `carbon` with that cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = Layout(folder / "cluster")
        folder.mkdir(exist_ok=True)
        (home() / "bin").mkdir(parents=True, exist_ok=True)
        (folder / "bin").symlink_to(home() / "bin")

    def start(self, *args: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            # A shell without job control starts programs in the background with SIGINT ignored.
            ["env", "--default-signal=INT", sys.executable, "-m", "carbon", *args],
            env={**os.environ, "CARBON_HOME": str(self.folder), "CARBON_CLUSTER": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def carbon(self, *args: str, status: int = 0) -> str:
        process = self.start(*args)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == status, output
        return output

    def kubectl(self, *args: str) -> str:
        return run(["kubectl", "--kubeconfig", self.place.kubeconfig, *args], timeout=60)

    def find_traces(self) -> dict[str, list[str]]:
        """Return the cluster's processes, mounts, links, cgroups and firewall rules on the host."""
        return {
            "processes": [
                line
                for line in run(["ps", "-ww", "-eo", "pid=,stat=,args="]).splitlines()
                if str(self.folder) in line and " Z" not in line
            ],
            "mounts": [m for m in _read_lines("/proc/self/mountinfo") if str(self.folder) in m],
            "links": [n for n in _list_links() if n == self.place.name],
            "cgroups": [str(g) for g in Path("/sys/fs/cgroup").glob(f"*/{self.place.name}")],
            "rules": [r for r in run(["nft", "list", "ruleset"]).splitlines() if "kube" in r],
        }


def _list_links() -> list[str]:
    return [link.name for link in Path("/sys/class/net").iterdir()]


def _read_lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


def _wait(what: str, done: Callable[[], bool], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, f"timed out after {patience:.0f} s: waiting for {what}"
        time.sleep(0.05)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    # The path of a Unix socket is limited to 107 characters, so the test uses a long cache path.
    box = Sandbox(tmp_path / ("long-" * 20))
    try:
        yield box
    finally:
        box.carbon("cluster", "down", "--delete-data")


def test_down_leaves_nothing_on_the_host(sandbox: Sandbox) -> None:
    sandbox.carbon("cluster", "up")
    assert all(sandbox.find_traces()[k] for k in ("processes", "links", "cgroups"))
    sandbox.carbon("cluster", "down", "--delete-data")
    assert not any(sandbox.find_traces().values()), json.dumps(sandbox.find_traces(), indent=2)
    assert not sandbox.place.root.exists()


def test_killing_the_parent_process_leaves_nothing_on_the_host(sandbox: Sandbox) -> None:
    sandbox.carbon("cluster", "up")
    state = State.read(sandbox.place.state)
    assert state is not None
    os.kill(state.parent, signal.SIGKILL)
    _wait(
        "the removal of the cluster from the host", lambda: not any(sandbox.find_traces().values())
    )


def test_data_survives_stop_and_start(sandbox: Sandbox) -> None:
    sandbox.carbon("cluster", "up")
    sandbox.kubectl("create", "configmap", "kept", "--from-literal=a=b")
    sandbox.carbon("cluster", "stop")
    assert "stopped" in sandbox.carbon("cluster", "status", status=3)
    sandbox.carbon("cluster", "start")
    assert "kept" in sandbox.kubectl("get", "configmaps", "-o", "name")


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_up_recovers_from_an_interrupted_up(sandbox: Sandbox, signum: int) -> None:
    process = sandbox.start("cluster", "up")
    _wait("the link of the node that starts", lambda: bool(sandbox.find_traces()["links"]))
    os.kill(process.pid, signum)
    process.communicate(timeout=60)
    assert process.returncode != 0
    if signum != signal.SIGKILL:
        _wait(
            "the removal of the cluster from the host",
            lambda: not any(sandbox.find_traces().values()),
        )
    sandbox.carbon("cluster", "up")
    assert "carbon" in sandbox.kubectl("get", "nodes", "-o", "name")


def test_up_recovers_from_an_etcd_that_was_killed_during_its_first_start(sandbox: Sandbox) -> None:
    """An etcd that is killed at this time leaves data with which etcd never becomes ready."""
    process = sandbox.start("cluster", "up")
    log = sandbox.place.data / "etcd" / "member" / "wal"
    _wait("etcd's log", log.exists, patience=60)
    process.kill()
    state = State.read(sandbox.place.state)
    assert state is not None
    os.kill(state.parent, signal.SIGKILL)
    process.wait()
    sandbox.carbon("cluster", "up")
    sandbox.kubectl("create", "configmap", "kept", "--from-literal=a=b")
    sandbox.carbon("cluster", "stop")
    sandbox.carbon("cluster", "up")
    assert "kept" in sandbox.kubectl("get", "configmaps", "-o", "name")


def test_up_names_the_program_that_does_not_start_and_the_cause(sandbox: Sandbox) -> None:
    sandbox.carbon("cluster", "up")
    sandbox.carbon("cluster", "stop")
    for file in (sandbox.place.data / "etcd" / "member" / "wal").glob("*.wal"):
        file.write_bytes(b"damaged " * 1000)
    start = time.monotonic()
    message = sandbox.carbon("cluster", "up", status=1)
    assert time.monotonic() - start < 90, message
    assert re.search(r"etcd is not ready and exited \d+ times: its data are damaged", message)
    assert "These programs wait for it: kube-apiserver" in message
    assert not any(sandbox.find_traces().values())


def test_up_replaces_old_certificates(sandbox: Sandbox) -> None:
    sandbox.carbon("cluster", "up")
    files = ("apiserver.crt", "kubelet.conf", "kubelet/kubelet.crt", "ca.crt", "sa.pub")
    before = {name: (sandbox.place.pki / name).read_text() for name in files}
    year = 365 * 24 * 3600
    for file in (f for f in sandbox.place.pki.rglob("*") if f.is_file()):
        os.utime(file, (time.time() - year, time.time() - year))
    sandbox.carbon("cluster", "up")
    kept = [name for name in files if (sandbox.place.pki / name).read_text() == before[name]]
    assert kept == ["ca.crt", "sa.pub"]
    assert "carbon" in sandbox.kubectl("get", "nodes", "-o", "name")


def test_up_recreates_a_link_that_is_down(sandbox: Sandbox) -> None:
    sandbox.carbon("cluster", "up")
    run(["ip", "link", "set", sandbox.place.name, "down"])  # the state after an interrupted `up`
    sandbox.carbon("cluster", "up")
    assert "carbon" in sandbox.kubectl("get", "nodes", "-o", "name")


def test_two_clusters_run_side_by_side(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Sandbox(tmp_path_factory.mktemp("other"))
    try:
        sandbox.carbon("cluster", "up")
        other.carbon("cluster", "up")
        states = [State.read(box.place.state) for box in (sandbox, other)]
        assert len({s.addresses.node for s in states if s}) == 2
        # A kubelet deletes the logs of pods that it does not know, so each has its own folder.
        for box, state in zip((sandbox, other), states, strict=True):
            mounts = _read_lines(f"/proc/{state.find_first_process() if state else 0}/mountinfo")
            assert [m for m in mounts if f"{box.place.data}/log-pods /var/log/pods " in m]
        other.carbon("cluster", "down")
        assert "carbon" in sandbox.kubectl("get", "nodes", "-o", "name")
    finally:
        other.carbon("cluster", "down", "--delete-data")


def test_an_add_on_is_added_restarted_and_removed(sandbox: Sandbox) -> None:
    sandbox.carbon("cluster", "up")
    sandbox.carbon("cluster", "add", "metrics-server")
    _wait("metrics of the node", lambda: _has_metrics(sandbox))
    sandbox.carbon("cluster", "stop")
    sandbox.carbon("cluster", "start")
    assert "metrics-server" in sandbox.carbon("cluster", "status")
    sandbox.carbon("cluster", "remove", "metrics-server")
    assert "metrics-server" not in sandbox.carbon("cluster", "status")
    assert "metrics" not in sandbox.kubectl("get", "apiservices", "-o", "name")
    refused = sandbox.carbon("cluster", "add", "metric-server", status=1)
    assert re.search("Choose one of: .*metrics-server", refused)


def _has_metrics(sandbox: Sandbox) -> bool:
    try:
        return "carbon" in sandbox.kubectl("top", "nodes")
    except CarbonError:
        return False
