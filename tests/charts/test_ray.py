"""The scripts of Ray, run with a stand-in for the dashboard and for the program `ray`.

The stand-in of `ray` records its arguments. The SDK of OpenTelemetry is a stand-in too.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tests.charts.processes import CHARTS, find_ports, load, read_module, serve, start, wait_until

FILES = CHARTS / "ray-cluster/files"
RAY = """#!/bin/sh
echo "$@" >>{folder}/commands
test -e {folder}/healthy || {{ echo noise >&2; echo "no GCS" >&2; exit 1; }}
"""
EXPORTER = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


class Dashboard(BaseHTTPRequestHandler):
    """A fake Jobs API of Ray, which returns the states of a job one after the other."""

    states: tuple[str, ...] = ()
    requests: list[tuple[str, str, Any]]
    token = ""

    def do_GET(self) -> None:
        number = sum(path == self.path for _, path, _ in self.requests)
        self.answer({"status": self.states[min(number, len(self.states) - 1)], "logs": "ran it"})

    def do_POST(self) -> None:
        self.answer({"submission_id": "job-1"})

    def answer(self, body: dict[str, str]) -> None:
        length = int(self.headers.get("Content-Length", 0))
        sent = json.loads(self.rfile.read(length)) if length else None
        self.requests.append((self.command, self.path, sent))
        allowed = self.headers.get("Authorization", "") == (self.token and f"Bearer {self.token}")
        typed = not sent or self.headers["Content-Type"] == "application/json"
        self.send_response(200 if allowed and typed else 401)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve_jobs(token: str, *states: str) -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """Serve the Jobs API; return its URL and the list of requests."""
    fields = {"states": states, "requests": [], "token": token}
    handler = type("Handler", (Dashboard,), fields)
    with serve(handler) as url:
        yield url, fields["requests"]  # type: ignore[misc]


def run_test(url: str, token: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "RAY_DASHBOARD": url, "RAY_AUTH_TOKEN": token}
    script = (FILES / "test.py").read_text("utf-8").replace("sleep(1)", "sleep(0.1)")
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize("token", ["", "secret"])
def test_helm_test_waits_for_the_ray_job_and_prints_its_log(token: str) -> None:
    with serve_jobs(token, "PENDING", "RUNNING", "SUCCEEDED") as (url, requests):
        done = run_test(url, token)
    assert done.returncode == 0, done.stderr
    assert "ran it" in done.stdout
    paths = [(method, path) for method, path, _ in requests]
    job = ("GET", "/api/jobs/job-1")
    assert paths == [("POST", "/api/jobs/"), job, job, job, ("GET", "/api/jobs/job-1/logs")]


@pytest.mark.parametrize("state", ["FAILED", "STOPPED"])
def test_helm_test_fails_if_the_ray_job_fails(state: str) -> None:
    with serve_jobs("", state) as (url, _):
        done = run_test(url, "")
    assert done.returncode
    assert "ran it" in done.stdout
    assert state in done.stderr


@pytest.mark.parametrize(("ran", "passes"), [(["a", "b"], True), (["a", "a"], False)])
def test_the_ray_job_of_helm_test_fails_unless_a_task_ran_on_every_live_node(
    tmp_path: Path, ran: list[str], passes: bool
) -> None:
    """The shell runs the job's entrypoint with a stand-in for the package ray."""
    with serve_jobs("", "SUCCEEDED") as (url, requests):
        run_test(url, "")
    entrypoint = requests[0][2]["entrypoint"]
    (tmp_path / "ray/util").mkdir(parents=True)
    nodes = [
        {"NodeID": name, "NodeManagerHostname": name, "Alive": name != "gone"}
        for name in ("b", "gone", "a")
    ]
    (tmp_path / "ray/__init__.py").write_text(
        f"ran = {ran}\n"
        "class Task:\n"
        "    def options(self, scheduling_strategy):\n"
        "        assert scheduling_strategy in (('a', False), ('b', False))\n"
        "        return self\n"
        "    remote = lambda self: ran.pop()\n"
        "init = lambda **_: None\n"
        f"nodes = lambda: {nodes}\n"
        "remote = lambda num_cpus: lambda function: Task()\n"
        "get = lambda tasks, timeout: tasks\n"
    )
    (tmp_path / "ray/util/__init__.py").touch()
    (tmp_path / "ray/util/scheduling_strategies.py").write_text(
        "NodeAffinitySchedulingStrategy = lambda node, soft: (node, soft)\n"
    )
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(tmp_path)}
    command = ["sh", "-c", entrypoint]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == passes, done.stderr
    assert ("a task ran on each of 2 nodes: a b" in done.stdout) == passes


def test_a_pod_waits_until_the_head_is_healthy(tmp_path: Path) -> None:
    (tmp_path / "ray").write_text(RAY.format(folder=tmp_path))
    (tmp_path / "ray").chmod(0o755)
    waiting = read_module("waiting").replace("sleep(2)", "sleep(0.1)")
    (tmp_path / "waiting.py").write_text(waiting)
    (tmp_path / "wait.py").write_text((FILES / "wait.py").read_text())
    [port] = find_ports(0)
    address, log = f"127.0.0.1:{port}", tmp_path / "log"
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "RAY_ADDRESS": address}
    with start([sys.executable, str(tmp_path / "wait.py")], env, log) as process:
        wait_until(lambda: f"waiting for the head: {address}: " in log.read_text())
        assert not (
            tmp_path / "commands"
        ).exists()  # `ray` is slow and runs only after the port is open
        with ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler):
            wait_until(lambda: "waiting for the head: no GCS\n" in log.read_text())
            assert process.poll() is None
            (tmp_path / "healthy").touch()
            assert process.wait(30) == 0
    commands = set((tmp_path / "commands").read_text().splitlines())
    assert commands == {f"health-check --address {address}"}


@pytest.mark.parametrize("installed", [True, False])
def test_traces_are_exported_only_if_the_image_has_the_exporter(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, installed: bool
) -> None:
    sdk = SimpleNamespace(SpanProcessor=object, BatchSpanProcessor=lambda each: ("batch", each))
    for name in ("opentelemetry", "opentelemetry.sdk", "opentelemetry.sdk.trace"):
        monkeypatch.setitem(sys.modules, name, sdk)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", sdk)
    names = EXPORTER.split(".")
    for number in range(2, len(names) + 1):
        name = ".".join(names[:number])
        fake = ModuleType(name)
        fake.__dict__.update(OTLPSpanExporter=lambda: "otlp")
        monkeypatch.setitem(sys.modules, name, fake if installed else None)
    with caplog.at_level(logging.WARNING, "ray.serve"):
        processors = load(FILES / "serve_traces.py").processors()
    assert processors == ([("batch", "otlp")] if installed else [])
    needed = "lacks the package opentelemetry-exporter-otlp-proto-http"
    assert (needed in caplog.text) is not installed
