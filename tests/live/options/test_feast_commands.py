"""Feast's commands, as the chart's containers run them.

The commands run here without a node, with stores in files in place of PostgreSQL and Redis.
"""

import json
import os
import socketserver
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.live.support import wait
from tests.live.unpacked import start_program, unpack_image

from carbon.charts.render import Render, containers, pod_templates, render_objects
from carbon.home import ROOT
from carbon.process import run

USER = 999
REPOSITORY = Path(__file__).parent / "feast_commands"
FILES = {name: (REPOSITORY / name).read_text() for name in ("features.py", "helpers.py")}
HEADERS = {"Content-Type": "application/json"}
URL = "http://localhost:6566/get-online-features"
TODAY = datetime.now(tz=UTC).date()


def day(age: int) -> str:
    """Return the date `age` days before today in UTC, such as 2026-01-31."""
    return (TODAY - timedelta(days=age)).isoformat()


VALUES: dict[str, Any] = {
    "repository": {"source": "files", "files": FILES, "skipSourceValidation": True},
    "materialization": {"enabled": True, "maxDays": 3},
    "backfill": {"enabled": True, "firstDay": day(30), "lastDay": day(1)},
}


@dataclass(frozen=True)
class Feast:
    """The chart's containers by name, and the folders that they mount."""

    root: Path
    folder: Path
    mounts: dict[Path, str]
    containers: dict[str, dict[str, Any]]

    def copy(self, target: Path) -> "Feast":
        """Copy the folders, so that a test can change them."""
        run(["cp", "--archive", f"{self.folder}/.", target])
        mounts = {target / folder.relative_to(self.folder): p for folder, p in self.mounts.items()}
        return replace(self, folder=target, mounts=mounts, containers=dict(self.containers))

    @contextmanager
    def start(self, name: str, *changes: str) -> Iterator[Any]:
        """Run the command of a container, with changed options."""
        container = self.containers[name]
        env = {e["name"]: e["value"] for e in container.get("env", []) if "value" in e}
        path = "/opt/app-root/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        options = {change.partition("=")[0]: change for change in changes}
        command = [options.pop(w.partition("=")[0], w) for w in container["command"]]
        env |= {"PATH": path, "PYTHONWARNINGS": "ignore"}
        with start_program(self.root, [*command, *options.values()], self.mounts, env) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, name: str, *changes: str, status: int = 0) -> str:
        """Run the command of a container until it ends; return the output."""
        with self.start(name, *changes) as process:
            output: str = process.communicate(timeout=300)[0]
        assert process.returncode == status, output
        return output

    def read(self, *features: str, **inputs: int) -> list[Any]:
        """Return the values of features in the answer of the feature server."""
        with self.start("feast-server") as process:
            entities = {"zone": ["DE-LU"]} | {name: [value] for name, value in inputs.items()}
            body = json.dumps({"features": features, "entities": entities}).encode()
            request = urllib.request.Request(URL, body, HEADERS)

            def has_started() -> bool:
                assert process.poll() is None, process.communicate()[0]
                try:
                    with urllib.request.urlopen("http://localhost:6566/health", timeout=5):
                        return True
                except OSError:
                    return False

            wait("the feature server", has_started, 300)
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                found = json.load(answer)
        names = found["metadata"]["feature_names"]
        values = {n: r["values"][0] for n, r in zip(names, found["results"], strict=True)}
        return [values[feature.partition(":")[2]] for feature in features]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked image of Feast."""
    return unpack_image("feast", tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="module")
def applied(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Feast:
    """The chart's containers, after the repository was copied and applied."""
    tmp_path = tmp_path_factory.mktemp("feast")
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in VALUES.items())
    objects = render_objects(Render(ROOT / "charts/feast", sets=sets))
    pods = [pod for obj in objects for pod in pod_templates(obj)]
    data = {obj["metadata"]["name"]: obj["data"] for obj in objects if obj["kind"] == "ConfigMap"}
    config = {"feature_store.yaml": (REPOSITORY / "feature_store.yaml").read_text()}
    scripts = data["feast-scripts"] | {
        "write_prices.py": (REPOSITORY / "write_prices.py").read_text()
    }
    mounts = {}
    for place, files in {
        "scripts": scripts,
        "files": data["feast-repository"],
        "etc/feast": config,
        "repository": {},
    }.items():
        folder = tmp_path / place
        folder.mkdir(parents=True)
        os.chown(folder, USER, USER)
        for name, text in files.items():
            (folder / name).write_text(text)
        mounts[folder] = f"/{place}"
    found = {each["name"]: each for pod in pods for each in containers(pod)}
    found["write"] = {
        "command": ["python", "/scripts/write_prices.py", "/repository/prices.parquet"]
    }
    feast = Feast(image, tmp_path, mounts, found)
    for name in ("copy", "write", "apply"):
        feast.run(name)
    return feast


@pytest.fixture
def feast(applied: Feast, tmp_path: Path) -> Feast:
    """The chart's containers with their own copy of the applied repository and its stores."""
    return applied.copy(tmp_path)


def test_servers_run_transformations_that_import_another_file(feast: Feast) -> None:
    feast.run("materialization", "prices")
    assert feast.read("prices:price", "doubled:twice", "paid:paid", amount=3) == [40, 80, 240]


def test_a_first_materialization_of_a_view_without_ttl_fails(feast: Feast) -> None:
    output = feast.run("materialization", status=1)
    assert "endless: not materialized: the next materialization has no start" in output
    assert feast.read("endless:price") == [None]


def test_a_killed_backfill_continues_with_the_next_chunk(feast: Feast) -> None:
    with feast.start("backfill", "endless") as process:
        for line in process.stdout:
            if line.startswith("chunk 1 of 30"):
                process.kill()
    output = feast.run("backfill", "endless")
    print(output)
    recorded, materialized = map(output.count, ("recorded in the registry", "materialized in"))
    assert min(recorded, materialized) > 0
    assert recorded + materialized == 30
    assert feast.read("endless:price") == [40]
    assert "materialized in" not in feast.run("backfill", "endless")
    assert feast.run("backfill", "--times=2", "endless").count("materialized in") == 30
    feast.run("materialization", "endless")


class NeedPassword(socketserver.BaseRequestHandler):
    """A fake Sentinel that refuses every command because the client sends no password."""

    def handle(self) -> None:
        while self.request.recv(4096):
            self.request.sendall(b"-NOAUTH Authentication required.\r\n")


def test_waiting_for_sentinels_that_require_a_password_fails_and_reports_the_reason(
    feast: Feast,
) -> None:
    command = ["python", "/scripts/wait.py", "online"]
    feast.containers["wait"] = feast.containers["apply"] | {"command": command}
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), NeedPassword) as sentinel:
        threading.Thread(target=sentinel.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{sentinel.server_address[1]}"
        online = {"type": "redis", "redis_type": "redis_sentinel", "connection_string": address}
        [folder] = [folder for folder, place in feast.mounts.items() if place == "/etc/feast"]
        config = yaml.safe_load((folder / "feature_store.yaml").read_text())
        (folder / "feature_store.yaml").write_text(json.dumps(config | {"online_store": online}))
        output = feast.run("wait", status=1)
        sentinel.shutdown()
    assert "Feast's client sends no password to Sentinels" in output
