"""Commands of kubectl in Markdown name objects, containers and labels that charts render."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from carbon.check.render.objects import RenderedObject
from carbon.check.texts.commands import RULE, check_commands
from carbon.check.texts.rendered import Rendered, describe_object

OBJECTS = """
kind: StatefulSet
metadata: {name: redis, labels: {app: redis}}
spec:
  volumeClaimTemplates: [{metadata: {name: data}}]
  template:
    metadata: {labels: {app: redis, role: store}}
    spec:
      initContainers: [{name: rebuild}]
      containers: [{name: redis, env: [{valueFrom: {secretKeyRef: {name: redis-password}}}]}]
---
kind: Deployment
metadata: {name: mlflow, labels: {app: mlflow}}
spec: {template: {metadata: {labels: {app: mlflow}}, spec: {containers: [{name: server}]}}}
---
kind: Service
metadata: {name: mlflow}
spec: {ports: [{name: http, port: 5000}]}
---
kind: CronJob
metadata: {name: drill, namespace: restores}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: drill}]}}}}}
---
kind: RayCluster
metadata: {name: ray}
---
kind: Job
metadata: {name: buckets-0a1b2c3d, labels: {app: buckets}}
spec: {template: {metadata: {labels: {app: buckets}}, spec: {containers: [{name: buckets}]}}}
"""
RENDERED = Rendered([describe_object(RenderedObject(body)) for body in yaml.safe_load_all(OBJECTS)])


def find_wrong(root: Path, text: str) -> list[tuple[int, str]]:
    """Return the line of each finding about a page, and what is wrong."""
    (root / "page.md").write_text(text)
    findings = check_commands(root, RENDERED)
    assert {(each.rule, each.file) for each in findings} <= {(RULE, "page.md")}
    return [(each.line, each.what) for each in findings]


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("logs deployment/mlfow", "no chart renders Deployment/mlfow; write mlflow"),
        ("rollout restart deploy/redis", "Deployment/redis; write statefulset/redis"),
        ("rollout status sts/redis sts/valkey", "StatefulSet/valkey"),
        ("get cronjob restore", "CronJob/restore"),
        ("describe pod redis", "Pod/redis"),
        ("describe pods/valkey-0", "Pod/valkey-0"),
        ("logs mlflow-0", "Pod/mlflow-0"),
        ("delete job buckets", "Job/buckets; write buckets-0a1b2c3d"),
        ("create job --from=cronjob/drills now", "CronJob/drills; write drill"),
        ("port-forward svc/mlfow 5000", "Service/mlfow; write mlflow"),
        ("port-forward svc/mlflow 8080:80", "the Service has no port 80, but 5000"),
        ("describe raycluster rays", "RayCluster/rays; write ray"),
        ("get pvc data-valkey-0", "PersistentVolumeClaim/data-valkey-0"),
        ("get secret redis-pasword", "Secret/redis-pasword; write redis-password"),
        ("logs redis-0 -c rebuilt", "redis-0 has no container `rebuilt`; write rebuild"),
        ("exec -it deploy/mlflow -c redis -- sh", "mlflow has no container `redis`"),
        ("logs POD --container=serve", "no pod has a container `serve`; write server"),
        ("logs -l app=mlflow -c redis", "no pod has a container `redis`; write server"),
        ("set image deploy/mlfow server=image", "Deployment/mlfow"),
        ("get pods -l app=mlfow", "the label `app=mlfow`; write mlflow"),
        ("get pods --selector=ap=mlflow", "a label `ap`; write app"),
        ("get pods -l app=mlflow,role=store", "all labels of `app=mlflow,role=store`"),
        ("delete jobs -l 'app in (buckets, bucket)'", "`app=bucket`; write buckets"),
        ("get pods -l role!=x,role=stores", "`role=stores`; write store"),
        ("get deploymet mlflow", "kubectl knows no kind `deploymet`; write deployment"),
        ("gets pods", "kubectl has no command `gets`; write get"),
        ("get pods -n data-platfrom", "the namespace `data-platfrom`; write data-platform"),
        ("-n restore get pods", "the namespace `restore`; write restores"),
    ],
)
@pytest.mark.parametrize(
    "code", ["Text `kubectl {}`.", "    kubectl {}", "```sh\n$ kubectl {}\n```"]
)
def test_reports_a_command(tmp_path: Path, command: str, what: str, code: str) -> None:
    ((line, found),) = find_wrong(tmp_path, f"# Title\n\n{code.format(command)}\n")
    assert what in found
    assert line == (4 if "```" in code else 3)


@pytest.mark.parametrize(
    "command",
    [
        "logs deployment/mlflow server --tail 5",
        "logs -f mlflow-5b8f4c7d9b-x7k2p -c server",
        "logs -p redis-0 -c redis | grep -c error",
        "get sts/redis deploy/mlflow -o name",
        "get pods,services -l app=mlflow",
        "get secret redis-password",
        "get pvc data-redis-1",
        "describe pod drill-28931-abcde",
        "describe pod ray-head-x7k2p",
        "port-forward svc/mlflow 8080:http &",
        "port-forward service/ray-head-svc 8265",
        "describe pod NAME",
        "logs <pod> -c CONTAINER",
        "logs $POD",
        "logs ray-head-x7k2p -c autoscaler",
        "delete job buckets-…",
        "get pods -l job-name=any",
        "get pods -l app=NAME",
        "-n velero logs deployment/velero",
        "get pods -A -l app=other",
        "-n restores get cronjob drill",
        "label node minikube pool=k80",
        "get crd rayclusters.ray.io",
        "rollout status deployment/mlflow --timeout 5m",
        "exec redis-0 -c redis -- redis-cli -c get key",
        "-n data-platform delete pod redis-0 && echo deployment/none",
        "apply -f examples/values.yaml",
        "create secret generic other --from-literal key=value",
    ],
)
def test_accepts_a_command(tmp_path: Path, command: str) -> None:
    assert find_wrong(tmp_path, f"    kubectl {command}\n\nAnd `kubectl {command}`.\n") == []


def test_accepts_what_the_page_creates(tmp_path: Path) -> None:
    text = """
    kubectl create job --from=cronjob/drill now
    kubectl create namespace mine
    kubectl logs job/now
    kubectl -n mine get pods

```yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: client
```

`kubectl rollout restart deployment/client`
"""
    assert find_wrong(tmp_path, text) == []
    assert len(find_wrong(tmp_path, text.replace("name: client", "name: another"))) == 1


def test_reports_the_line_of_code_that_goes_on(tmp_path: Path) -> None:
    text = "See `kubectl -n data-platform\nlogs redis-0 -c other` and\n\n"
    text += "    kubectl get \\\n      sts a\n"
    assert [line for line, _ in find_wrong(tmp_path, text)] == [2, 5]


def test_reads_code_and_no_prose(tmp_path: Path) -> None:
    text = "kubectl logs deployment/none\n\n<!-- `kubectl logs deployment/none` -->\n"
    assert find_wrong(tmp_path, text) == []
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "page.md").write_text("    kubectl logs deployment/none\n")
    assert find_wrong(tmp_path, text) == []


def test_reports_the_namespace_of_a_release(tmp_path: Path) -> None:
    text = "    helm test 254carbon --namespace data-platfrom\n    helm test mine -n NAMESPACE\n"
    ((line, what),) = find_wrong(tmp_path, text)
    assert line == 1
    assert "data-platform" in what


def test_knows_the_containers_of_a_template_under_any_name() -> None:
    bodies = list(yaml.safe_load_all(OBJECTS))[:1] * 2
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
    assert check(checkout, "--only", "schemas") == []  # nothing was rendered so far
    expected = [("README.md", 2, "no chart renders Service/webs; write web")]
    for options in ((), ("--only", "schemas")):
        found = check(checkout, *options)
        assert [(each["file"], each["line"], each["what"]) for each in found] == expected
    template = checkout / "charts/web/templates/service.yaml"
    template.write_text(template.read_text().replace("[{port: 80}]", "[["))
    assert check(checkout) == []  # a chart that does not render is the only finding


def test_the_check_of_a_change_compares_changed_pages(checkout: Path) -> None:
    (checkout / "README.md").write_text("    kubectl get service web\n")
    git = ["git", "-C", str(checkout), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in ("init -q -b main", "add -A", "commit -q -m first"):
        subprocess.run([*git, *command.split()], check=True)
    assert check(checkout) == []
    (checkout / "README.md").write_text("    kubectl get service webs\n")
    assert [each["line"] for each in check(checkout, "--changed")] == [1]
