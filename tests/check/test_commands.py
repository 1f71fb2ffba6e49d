"""Commands of kubectl in Markdown name objects, containers and labels that charts render."""

from pathlib import Path

import pytest
from tests.check import pages

from carbon.check.texts.objects.commands import RULE


def find_wrong(root: Path, text: str) -> list[tuple[int, str]]:
    return pages.find_wrong(root, text, RULE)


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
        ("port-forward svc/mlflow 8080:80", "the Service has no port 80; its ports are 5000"),
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
        ("get pods --namspace data-platform", "no option --namspace; write --namespace"),
        ("logs redis-0 --al-containers", "no option --al-containers"),
        ("gets pods", "kubectl has no command `gets`; write get"),
        ("get pods -n data-platfrom", "the namespace `data-platfrom`; write data-platform"),
        ("-n restore get pods", "the namespace `restore`; write restores"),
    ],
)
@pytest.mark.parametrize(
    "code", ["Text `kubectl {}`.", "    kubectl {}", "```sh\n$ kubectl {}\n```"]
)
def test_reports_a_wrong_kubectl_command(
    tmp_path: Path, command: str, what: str, code: str
) -> None:
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
        "top pods -n data-platform --containers",
    ],
)
def test_accepts_a_correct_kubectl_command(tmp_path: Path, command: str) -> None:
    assert find_wrong(tmp_path, f"    kubectl {command}\n\nAnd `kubectl {command}`.\n") == []


def test_accepts_objects_and_namespaces_that_the_page_creates(tmp_path: Path) -> None:
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


def test_reports_the_wrong_line_of_a_command_on_two_lines(tmp_path: Path) -> None:
    text = "See `kubectl -n data-platform\nlogs redis-0 -c other` and\n\n"
    text += "    kubectl get \\\n      sts a\n"
    assert [line for line, _ in find_wrong(tmp_path, text)] == [2, 5]


def test_ignores_prose_comments_and_pages_below_tests(tmp_path: Path) -> None:
    text = "kubectl logs deployment/none\n\n<!-- `kubectl logs deployment/none` -->\n"
    assert find_wrong(tmp_path, text) == []
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "page.md").write_text("    kubectl logs deployment/none\n")
    assert find_wrong(tmp_path, text) == []


def test_reports_a_wrong_namespace_in_a_helm_command(tmp_path: Path) -> None:
    text = "    helm test 254carbon --namespace data-platfrom\n    helm test mine -n NAMESPACE\n"
    ((line, what),) = find_wrong(tmp_path, text)
    assert line == 1
    assert "data-platform" in what


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("upgarde 254carbon umbrella/", "helm has no command `upgarde`; write upgrade"),
        ("test 254carbon --namespaces a", "no option --namespaces; write --namespace"),
        ("upgrade 254carbon umbrella/ --reset-then-reuse-value", "--reset-then-reuse-values"),
    ],
)
def test_reports_a_wrong_helm_command(tmp_path: Path, command: str, what: str) -> None:
    ((_, found),) = find_wrong(tmp_path, f"    helm {command}\n")
    assert what in found


def test_reports_wrong_namespaces_and_labels_in_velero_commands(tmp_path: Path) -> None:
    text = "    velero backup create --include-namespaces data-platfrom,NAMESPACE\n"
    text += "    velero restore create a --from-backup NAME --selector app=radis\n"
    text += "    velero backup create --from-schedule any --selector app=redis\n"
    assert [line for line, _ in find_wrong(tmp_path, text)] == [1, 2]
