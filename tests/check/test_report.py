"""`carbon check` always ends with a report: an unreadable file or a failed render is a finding."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from carbon.check.engine import workers
from carbon.check.engine.result import Result, Task
from carbon.check.sources.chart_files import READABLE
from carbon.errors import CarbonError

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: web, namespace: {{ .Release.Namespace }}}
spec:
  ports: [{name: http, port: {{ .Values.port }}}]
"""
BROKEN = """{{- define "web.extra" }}
name: web
labels: {app: [web}
{{- end }}
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
"""
TEST = """suite: web
templates: [service.yaml]
tests:
  - it: renders a Service
    asserts: [{isKind: {of: Service}}]
"""


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A chart with a Service and a test."""
    for name, text in {
        "Chart.yaml": CHART,
        "values.yaml": "port: 80\n",
        "templates/service.yaml": SERVICE,
        "tests/web_test.yaml": TEST,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text", "rule", "line"),
    [
        ("Chart.yaml", "name: [web\n", READABLE, 1),
        ("values.yaml", "port: 80\nport 81\n", READABLE, 3),
        ("values.yaml", "port: 80\nmore: {port: 1}\nport: 81\n", "chart/keys", 3),
        ("ci/odd.yaml", "port: 81\n", "chart/ci-values", 1),
        ("values.schema.json", "{", READABLE, 1),
        ("values.schema.json", "true", READABLE, 1),
        ("templates/service.yaml", f"\n{{{{ fail 1 }}}}{SERVICE}", "render/accepted", 2),
        ("templates/service.yaml", f"{{{{ if }}}}{SERVICE}", "render/accepted", 1),
        ("templates/service.yaml", SERVICE.replace("ports: [", "ports: [["), "render/accepted", 5),
        ("templates/_extra.tpl", BROKEN, "render/accepted", 3),
        ("templates/web.yaml", "kind: A\nmetadata: [web]\n", "render/accepted", 1),
        ("templates/web.yaml", f"{DEPLOYMENT}spec: [a]\n", "kubernetes/valid", 4),
        (
            "templates/web.yaml",
            f"{DEPLOYMENT}spec: {{template: {{spec: [a]}}}}\n",
            "kubernetes/valid",
            4,
        ),
        ("templates/web.yaml", "apiVersion: v1\nkind: List\nitems: [web]\n", "kubernetes/valid", 2),
        ("tests/web_test.yaml", f"{TEST}    asserts: [\n", "suites/helm-unittest", 1),
    ],
)
def test_a_broken_file_is_a_finding(
    chart: Path, name: str, text: str, rule: str, line: int
) -> None:
    (chart / name).parent.mkdir(exist_ok=True)
    (chart / name).write_text(text)
    if text == BROKEN:
        for other in ("first", "second"):
            include = '{{ include "web.extra" . | nindent 2 }}'
            (chart / "templates" / f"{other}.yaml").write_text(f"kind: A\nmetadata:\n  {include}\n")
    report = check(chart)
    assert [each for each in report["findings"] if "crashed" in each["what"]] == []
    found = {(each["rule"], Path(each["file"]).name, each["line"]) for each in report["findings"]}
    assert (rule, Path(name).name, line) in found, found
    assert report["charts"].keys()


def check(chart: Path) -> dict[str, Any]:
    """Return the report of `carbon check` on a chart."""
    command = [str(Path(sys.executable).parent / "carbon"), "check", str(chart), "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("Chart.yaml", Path.unlink),
        ("Chart.yaml", make_folder),
        ("values.yaml", make_folder),
        ("values.schema.json", Path.mkdir),
        ("values.yaml", make_pipe),
        ("templates/pipe.yaml", make_pipe),
        ("templates/self.yaml", lambda path: path.symlink_to("self.yaml")),
        ("templates/nowhere.yaml", lambda path: path.symlink_to("missing.yaml")),
        ("templates/circle", lambda path: path.symlink_to("..")),
        ("charts/web", lambda path: path.symlink_to("..")),
        ("templates/logo.png", lambda path: path.write_bytes(b"\x89PNG\xff")),
        ("templates/_logo.tpl", lambda path: path.write_bytes(b"\x89PNG\xff")),
        ("tests/web_test.yaml", lambda path: path.write_bytes(b"\x89PNG\xff")),
        (".helmignore", lambda path: path.write_bytes(b"\x89PNG\xff")),
    ],
)
def test_a_file_that_cannot_be_read_is_a_finding(
    chart: Path, name: str, damage: Callable[[Path], None]
) -> None:
    (chart / "charts").mkdir()
    damage(chart / name)
    report = check(chart)
    places = {(each["rule"], each["file"]) for each in report["findings"]}
    assert places == {(READABLE, str(chart / name))}


def test_an_interrupt_ends_running_tasks() -> None:
    start = time.monotonic()
    with suppress(KeyboardInterrupt), workers.start_workers() as pool:
        task = pool.submit(time.sleep, 300)
        while not task.running():
            pass
        raise KeyboardInterrupt
    assert time.monotonic() - start < 200


SLOW_WORKERS = """
import os, signal, time
from carbon.check.engine import workers

signal.signal(signal.SIGTERM, signal.default_int_handler)
os.register_at_fork(after_in_child=lambda: time.sleep(1))
with workers.start_workers() as pool:
    pool.submit(time.sleep, 300)
    raise KeyboardInterrupt
"""


def test_an_interrupt_ends_workers_that_have_just_been_forked() -> None:
    command = [sys.executable, "-c", SLOW_WORKERS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.stderr.endswith("KeyboardInterrupt\n")


@pytest.mark.parametrize(
    ("error", "file", "line", "what"),
    [
        (CarbonError("values.yaml:3: a mistake", "Correct it."), "values.yaml", 3, "a mistake"),
        (CarbonError("the program failed: 1"), ".", 1, "the program failed: 1"),
        (KeyError("x"), ".", 1, "carbon check crashed: KeyError('x')"),
    ],
)
def test_an_error_in_a_task_is_a_finding(
    tmp_path: Path, error: Exception, file: str, line: int, what: str
) -> None:
    def fail() -> Result:
        raise error

    (tmp_path / "values.yaml").write_text("")
    result = workers.run_task(tmp_path, Task("web", "defaults", "", fail, ()))
    (finding,) = result.findings
    assert result.failed
    assert (finding.rule, finding.file, finding.line) == (workers.COMPLETE, file, line)
    assert finding.what.startswith(what)
    assert finding.remedy
