"""Sentences in Markdown name objects and addresses that charts render."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.check.pages import BODIES, find_wrong

from carbon.check.render.objects import RenderedObject
from carbon.check.texts.objects.check import OBJECTS
from carbon.check.texts.objects.commands import RULE
from carbon.check.texts.objects.rendered import Rendered, describe_object


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("The CronJob `drills` runs.", "no chart renders CronJob/drills; write drill"),
        ("The StatefulSets `redis`, `valkey` run.", "StatefulSet/valkey"),
        ("The pod `redis-a` and", "Pod/redis-a; write redis-0"),
        ("The Deployments `mlflow` and `mlfow`.", "Deployment/mlfow; write mlflow"),
        ("the namespace `restore`", "namespace `restore`; write restores"),
        (
            "    curl http://mlflow:5001/health",
            "Service/mlflow has no port 5001; its ports are 5000",
        ),
        ("`mlflow.data-platform.svc:80`", "Service/mlflow has no port 80; its ports are 5000"),
        ("`http://mlfow:5000`", "no chart renders Service/mlfow; write mlflow"),
        (
            "    config: {name: data-platform-gpu-device-plugin}",
            "no object data-platform-gpu-device-plugin; write data-platform-device-plugin",
        ),
        (
            "    name: gpu-pool-device-plugin",
            "no object gpu-pool-device-plugin; write data-platform",
        ),
        (
            "`kubectl port-forward svc/mlflow 8080:5000`, http://localhost:5000",
            "the page uses local port 5000, but forwards 8080",
        ),
    ],
)
def test_reports_a_wrong_name_or_address_of_an_object(tmp_path: Path, text: str, what: str) -> None:
    ((line, found),) = find_wrong(tmp_path, f"# Title\n\n{text}\n", OBJECTS)
    assert line == 3
    assert what in found


@pytest.mark.parametrize(
    "text",
    [
        "The CronJob `drill`, the StatefulSet `redis` and its pod `redis-0` in `restores`.",
        "The Service `NAME-svc`, the Job `buckets-…`, the Secret `mine`, the Node `a`.",
        "The Deployment\n\n`other` is no name of it.",
        "http://mlflow:5000, `http://other.example.com:80`, https://example.com:443/mlflow:80",
        "http://localhost:5000",
        "    config: {name: data-platform-device-plugin, secretName: my-own-password}",
        "`jaeger.monitoring:4318`, `docker.io/mlflow:3110`, `mlflow:latest`, at 10:30",
        "`kubectl port-forward svc/mlflow 8080:5000` then http://localhost:8080",
    ],
)
def test_accepts_correct_names_and_addresses_of_objects(tmp_path: Path, text: str) -> None:
    assert find_wrong(tmp_path, f"# Title\n\n{text}\n", OBJECTS) == []


def test_accepts_a_name_that_follows_from_the_names_of_other_objects() -> None:
    def describe(kind: str, name: str) -> dict[str, Any]:
        pods = [{"labels": {"app": name}, "containers": [kind]}]
        return {"kind": kind, "name": name, "template": f"a/templates/{kind}.yaml", "pods": pods}

    names = [("Deployment", "web"), ("Deployment", "other"), ("CronJob", "other-gc")]
    rendered = Rendered([describe(kind, name) for kind, name in names])
    (found,) = rendered.find("CronJob", "web-gc") or []
    assert found["pods"][0]["labels"] == {"app": "web-gc"}
    assert rendered.find("CronJob", "gc") is None


def test_lists_the_containers_of_all_objects_from_the_same_template() -> None:
    bodies = list(yaml.safe_load_all(BODIES))[:1] * 2
    facts = [describe_object(RenderedObject(body)) for body in bodies]
    facts[0] |= {"template": "umbrella/charts/stores/templates/redis.yaml"}
    pods = [{"labels": {}, "containers": ["dump"]}]
    facts[1] |= {"template": "stores/templates/redis.yaml", "name": "other", "pods": pods}
    assert Rendered(facts).list_containers(facts[:1]) == {"redis", "rebuild", "dump"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose chart renders the Service web."""
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
    for name, text in {
        "schemas/components.yaml": "{}\n",
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/service.yaml": service,
        "README.md": "    kubectl get service web\n    kubectl get service webs\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def check(root: Path, *options: str) -> list[dict[str, Any]]:
    """Return the findings of `carbon check` about commands."""
    program = str(Path(sys.executable).parent / "carbon")
    command = [program, "check", "--root", str(root), "--output", "json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    findings = json.loads(done.stdout)["findings"]
    return [each for each in findings if each["rule"] == RULE]


def test_the_check_compares_pages_with_what_it_renders(checkout: Path) -> None:
    assert check(checkout, "--only", "schemas") == []  # no rendered objects to compare with
    expected = [("README.md", 2, "no chart renders Service/webs; write web")]
    for options in ((), ("--only", "schemas")):
        found = check(checkout, *options)
        assert [(each["file"], each["line"], each["what"]) for each in found] == expected
    template = checkout / "charts/web/templates/service.yaml"
    template.write_text(template.read_text().replace("[{port: 80}]", "[["))
    assert check(checkout) == []  # only the chart that does not render is reported


def test_check_with_changed_examines_changed_pages(checkout: Path) -> None:
    (checkout / "README.md").write_text("    kubectl get service web\n")
    git = ["git", "-C", str(checkout), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in ("init -q -b main", "add -A", "commit -q -m first"):
        subprocess.run([*git, *command.split()], check=True)
    assert check(checkout) == []
    (checkout / "README.md").write_text("    kubectl get service webs\n")
    assert [each["line"] for each in check(checkout, "--changed")] == [1]


def test_accepts_rendered_objects_with_fields_of_wrong_types() -> None:
    bodies: list[dict[str, Any]] = [
        {"kind": "Service"},
        {"kind": "Service", "metadata": {"name": 7, "labels": ["a"]}, "spec": {"ports": ["a", {}]}},
        {"kind": "StatefulSet", "metadata": {"name": "7-a", "labels": {"app": 7}}, "spec": ["a"]},
        {"kind": "Service", "metadata": {"name": 8}, "spec": {"ports": {"port": 1}}},
    ]
    facts = [describe_object(RenderedObject(body)) for body in bodies]
    assert Rendered([each | {"template": "a/b"} for each in facts]).find("Service", "7")
