"""kube-score: a published rule set over single objects."""

import json
import subprocess
from pathlib import Path
from typing import Any

from carbon import externals
from carbon.check.programs.remarks import Remark, merge, read_digest

ACROSS = (
    "pod-networkpolicy", "networkpolicy-targets-pod", "service-targets-pod",
    "ingress-targets-service", "horizontalpodautoscaler-has-target",
    "deployment-has-poddisruptionbudget", "statefulset-has-poddisruptionbudget",
    "statefulset-has-servicename", "deployment-strategy", "deployment-replicas",
    "deployment-targeted-by-hpa-does-not-have-replicas-configured", "pod-probes",
    "pod-probes-identical",
)  # fmt: skip
"""Checks over several objects, switched off: kube-score reads single objects here, and
`carbon.check.rules` covers these checks as far as they apply."""
_CRITICAL = 5
"""The highest grade of kube-score that counts as an error."""


def score(folder: Path, minor: str) -> dict[str, list[Remark]]:
    """Return kube-score's remarks on the objects in a folder, by digest."""
    return _score_files(sorted(map(str, folder.rglob("*.json"))), minor)


def _score_files(paths: list[str], minor: str) -> dict[str, list[Remark]]:
    if not paths:
        return {}
    command = [str(externals.ensure_program("kube-score")), "score", "--output-format", "json"]
    command += ["--kubernetes-version", f"v{minor}"]
    command += [part for name in ACROSS for part in ("--ignore-test", name)]
    done = subprocess.run([*command, *paths], capture_output=True, text=True, check=False)
    try:
        return _read_scores(json.loads(done.stdout) or [])
    except ValueError:
        if len(paths) > 1:  # kube-score gives up at the first file that it can't read
            half = len(paths) // 2
            return merge(_score_files(paths[:half], minor), _score_files(paths[half:], minor))
    wrong = (done.stderr or done.stdout).strip().rpartition("err=")[2][:500]
    remark = (
        "kube-score/readable",
        wrong,
        "Write each field with the type that the kind of the object allows.",
    )
    return {read_digest(paths[0]): [remark]}


def _read_scores(objects: list[dict[str, Any]]) -> dict[str, list[Remark]]:
    found: dict[str, list[Remark]] = {}
    for scored in objects:
        remarks = found.setdefault(read_digest(scored["file_name"]), [])
        for check in scored["checks"]:
            if check["skipped"] or check["grade"] > _CRITICAL:
                continue
            rule, about = f"kube-score/{check['check']['id']}", check["check"]["comment"]
            for comment in check["comments"] or [{}]:
                place = f"{comment.get('path')}: " if comment.get("path") else ""
                what = f"{place}{comment.get('summary') or about}"
                remarks.append((rule, what, comment.get("description") or about))
    return found
