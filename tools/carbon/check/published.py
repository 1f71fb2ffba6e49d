"""Published rule sets over what is drawn, each object once: kube-score and checkov.

Pods inside other kinds, such as a RayCluster, become pods of their own first: neither program
looks into those.
"""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from carbon import externals
from carbon.charts.render import pod_templates
from carbon.check.result import Document
from carbon.errors import CarbonError
from carbon.externals.python import lock, python
from carbon.externals.table import FOLDER

CHECKOV = "checkov"
SCAN = FOLDER / CHECKOV / "scan.py"
KNOWN = {
    "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet", "Service",
    "ServiceAccount", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Ingress",
    "ConfigMap", "NetworkPolicy", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Secret",
}  # fmt: skip
"""Kinds that the programs know."""
BARE = {
    "Service", "ConfigMap", "Secret", "PodDisruptionBudget", "HorizontalPodAutoscaler",
    "NetworkPolicy",
}  # fmt: skip
"""Of these, kinds that checkov has nothing to say about but that they name no namespace."""
ACROSS = (
    "pod-networkpolicy", "networkpolicy-targets-pod", "service-targets-pod",
    "ingress-targets-service", "horizontalpodautoscaler-has-target",
    "deployment-has-poddisruptionbudget", "statefulset-has-poddisruptionbudget",
    "statefulset-has-servicename", "deployment-strategy", "deployment-replicas",
    "deployment-targeted-by-hpa-does-not-have-replicas-configured", "pod-probes",
    "pod-probes-identical",
)  # fmt: skip
"""Checks of kube-score over several objects: one at a time is looked at, and our own rules have
what matters of these."""
_CRITICAL = 5
"""The grade of kube-score up to which something is wrong."""

Said = tuple[str, str, str]
"""Rule, what is wrong, what to do."""


def files() -> list[Path]:
    """What the verdicts depend on."""
    return [lock(CHECKOV), SCAN, Path(__file__)]


def lay_out(documents: Iterable[Document], folder: Path) -> None:
    """Write what the programs look at into a folder, in files named by digest.

    What checkov looks at too is in a folder of its own there.
    """
    (folder / CHECKOV).mkdir()
    for each in documents:
        for number, body in enumerate(looked_at(each.body)):
            where = folder if body["kind"] in BARE else folder / CHECKOV
            name = f"{each.digest}.{number}.json"
            (where / name).write_text(json.dumps(body, default=str), "utf-8")


def looked_at(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An object of a kind that the programs know; of others, the pods that it makes."""
    if body.get("kind") in KNOWN:
        yield body
        return
    meta = body.get("metadata") or {}
    for number, pod in enumerate(pod_templates(body)):
        own = pod.get("metadata") or {}
        named = {"name": f"{meta.get('name')}-{number}", "namespace": meta.get("namespace")}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": own | named, "spec": pod["spec"]}


def scored(folder: Path, minor: str) -> dict[str, list[Said]]:
    """By digest, what kube-score says."""
    return _scored(sorted(map(str, folder.rglob("*.json"))), minor)


def _scored(paths: list[str], minor: str) -> dict[str, list[Said]]:
    if not paths:
        return {}
    command = [str(externals.ensure_program("kube-score")), "score", "--output-format", "json"]
    command += ["--kubernetes-version", f"v{minor}"]
    command += [part for name in ACROSS for part in ("--ignore-test", name)]
    done = subprocess.run([*command, *paths], capture_output=True, text=True, check=False)
    try:
        return _scores(json.loads(done.stdout) or [])
    except ValueError:
        if len(paths) > 1:  # one that it can't read is enough for it to give up
            half = len(paths) // 2
            return merged(_scored(paths[:half], minor), _scored(paths[half:], minor))
    wrong = (done.stderr or done.stdout).strip().rpartition("err=")[2][:500]
    said = ("kube-score/readable", wrong, "Write what its kind allows.")
    return {_digest(paths[0]): [said]}


def _scores(objects: list[dict[str, Any]]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for scored_object in objects:
        said = found.setdefault(_digest(scored_object["file_name"]), [])
        for check in scored_object["checks"]:
            if check["skipped"] or check["grade"] > _CRITICAL:
                continue
            rule = f"kube-score/{check['check']['id']}"
            for comment in check["comments"] or [{}]:
                place = f"{comment.get('path')}: " if comment.get("path") else ""
                what = f"{place}{comment.get('summary') or check['check']['comment']}"
                said.append((rule, what, comment.get("description") or check["check"]["comment"]))
    return found


class Checkov:
    """checkov's process, which loads while other work goes on and then waits for a folder.

    Loading takes seconds of a core, so it starts only for objects that it has rules for.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Checkov":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def expect(self, documents: Iterable[Document]) -> None:
        """Start it if it has rules for one of these objects and does not run yet."""
        bodies = (body for each in documents for body in looked_at(each.body))
        if self._process is None and any(body["kind"] not in BARE for body in bodies):
            self._process = subprocess.Popen(
                [str(python(CHECKOV)), str(SCAN)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )

    def scan(self, folder: Path) -> None:
        """Have it look at what was laid out in a folder, while other work goes on."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.write(f"{folder / CHECKOV}\n")
                self._process.stdin.flush()

    def scanned(self) -> dict[str, list[Said]]:
        """By digest, what it says about the files that it was given.

        Raises:
            CarbonError: it fell over.
        """
        if self._process is None:
            return {}
        said, _ = self._process.communicate()
        found: dict[str, list[Said]] = {}
        try:
            for name, rule, about in json.loads(said.splitlines()[-1] if said.strip() else "null"):
                found.setdefault(_digest(name), []).append((f"checkov/{rule}", about, f"{about}."))
        except (ValueError, TypeError) as wrong:
            raise CarbonError(f"checkov broke off: {said.strip()[-500:]}") from wrong
        return found


def merged(*several: Mapping[str, list[Said]]) -> dict[str, list[Said]]:
    """What programs say, together, each thing once."""
    found: dict[str, list[Said]] = {}
    for one in several:
        for digest, said in one.items():
            found.setdefault(digest, []).extend(each for each in said if each not in found[digest])
    return found


def _digest(name: str) -> str:
    return Path(name).name.partition(".")[0]
