"""Restore the stores of the newest backup into a namespace of their own, and have them compared.

The JSON file named on the command line says what is restored and where. Velero itself runs the
comparisons in the restored pods (hooks of its Restore), so nobody needs a way to them. Everything
in the namespace is removed before and after, whatever happens. How it went is kept in a ConfigMap,
as metrics in Prometheus's format.
"""

import json
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlencode

from apiserver import ACCOUNT, call, changes

NAMESPACE = (ACCOUNT / "namespace").read_text()
MARK = "254carbon/restore-drill"
RESTORED = "?labelSelector=velero.io/restore-name"
ENDED = {"Completed", "PartiallyFailed", "Failed", "FailedValidation"}
"""Phases of a Restore that is over; those in between end with Failed too, as ...PartiallyFailed."""
METRICS = {
    "success": "Whether the last restore drill found everything that was backed up.",
    "timestamp_seconds": "When the last restore drill ended.",
    "duration_seconds": "How long restoring and comparing took in the last restore drill.",
    "data_age_seconds": "How old the data was that the last restore drill restored.",
    "success_timestamp_seconds": "When the last restore drill ended that was good.",
}


class StoppedError(Exception):
    """Kubernetes ends the pod."""


def stop(*_: object) -> None:
    raise StoppedError("it was told to stop")


def moment(text: str) -> float:
    """A time of Kubernetes in seconds since 1970."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def until(subject: str, deadline: float, check: Callable[[], bool]) -> None:
    """Return once ``check`` holds; an API server that is away for a moment is asked again."""
    said = ""
    while True:
        try:
            if check():
                return
            problem = "it takes too long"
        except SystemExit as error:
            problem = str(error)
            if problem != said:
                print(f"{subject}: {problem}", flush=True)
            said = problem
        if time.time() > deadline:
            raise SystemExit(f"{subject}: {problem}")
        time.sleep(2)


class Drill:
    """One drill, by its settings."""

    def __init__(self, settings: dict) -> None:
        self.settings = settings
        self.deadline = time.time() + settings["timeoutSeconds"]
        place = settings["namespace"]
        self.velero = f"/apis/velero.io/v1/namespaces/{settings['veleroNamespace']}"
        self.core, self.apps = f"/api/v1/namespaces/{place}", f"/apis/apps/v1/namespaces/{place}"
        self.policies = f"/apis/networking.k8s.io/v1/namespaces/{place}/networkpolicies"

    def remove(self, deadline: float) -> None:
        """Remove what was restored, and wait until it is gone."""
        kinds = ("services", "pods", "persistentvolumeclaims")
        watched = [f"{self.apps}/statefulsets", *(f"{self.core}/{kind}" for kind in kinds)]
        rest = [f"{self.core}/{k}{RESTORED}" for k in ("secrets", "configmaps", "serviceaccounts")]

        def gone() -> bool:
            for path in watched + rest:
                call("DELETE", path)
            return not any(call("GET", path)["items"] for path in watched)

        until(f"emptying the namespace {self.settings['namespace']}", deadline, gone)

    def forget(self) -> None:
        """Delete the Restores of earlier drills; one that hangs would hold up all others."""
        path, query = f"{self.velero}/restores", urlencode({"labelSelector": f"{MARK}={NAMESPACE}"})
        for restore in call("GET", f"{path}?{query}")["items"]:
            call("DELETE", f"{path}/{restore['metadata']['name']}")

    def newest(self) -> dict:
        """The newest backup of the schedule that is complete."""
        schedule = self.settings["schedule"]
        label = urlencode({"labelSelector": f"velero.io/schedule-name={schedule}"})
        there = call("GET", f"{self.velero}/backups?{label}")["items"]
        complete = [b for b in there if b.get("status", {}).get("phase") == "Completed"]
        if not complete:
            others = f"({len(there)} others)"
            raise SystemExit(f"the Schedule {schedule} has no completed backup {others}")
        return max(complete, key=lambda backup: moment(backup["status"]["startTimestamp"]))

    def isolated(self) -> None:
        """Refuse to go on unless nobody there can reach anybody."""
        found = call("GET", f"{self.policies}/{self.settings['policy']}") or {"spec": {}}
        spec = found["spec"]
        closed = not (spec.get("podSelector") or spec.get("ingress") or spec.get("egress"))
        if not closed or sorted(spec.get("policyTypes", [])) != ["Egress", "Ingress"]:
            raise SystemExit(f"NetworkPolicy {self.settings['policy']} does not deny everything")

    def restore(self, name: str, spec: dict) -> dict:
        """Restore one part and wait for its end; returns the status with which it ended.

        Every change of it is looked at, since Velero may finish a Restore twice, and the second
        time writes that it is complete and had no hooks (1.18: its finalizer reads a cache).
        """
        path = f"{self.velero}/restores"
        body = {
            "apiVersion": "velero.io/v1",
            "kind": "Restore",
            "metadata": {"name": name, "labels": {MARK: NAMESPACE}},
            "spec": spec,
        }
        version = call("POST", path, body)["metadata"]["resourceVersion"]
        status: dict = {}

        def over() -> bool:
            nonlocal version
            for change in changes(f"{path}?fieldSelector=metadata.name%3D{name}", version):
                restore = change["object"]
                if change["type"] == "ERROR":  # that version is too old to go on from
                    restore = call("GET", f"{path}/{name}")
                    if restore is None:
                        raise SystemExit("somebody deleted it")
                version = restore["metadata"]["resourceVersion"]
                if status.get("phase") not in ENDED:
                    status.update(restore.get("status", {}))
            return status.get("phase") in ENDED

        until(f"Restore {name}", self.deadline, over)
        if status["phase"] != "Completed":
            about = ", ".join(status.get("validationErrors", [])) or status.get("failureReason", "")
            wrong = f"{status['phase']} with {status.get('errors', 0)} errors {about}"
            raise SystemExit(
                f"Restore {name} ended as {wrong}; see: velero restore describe {name} --details"
            )
        print(f"Restore {name}: {status['phase']}", flush=True)
        return status

    def run(self, backup: dict) -> None:
        """Restore all parts; the last one's hooks compare.

        Raises:
            SystemExit: what was restored is not what was backed up.
        """
        name = f"{NAMESPACE}-drill-{datetime.now(timezone.utc):%Y%m%d%H%M%S}"
        status: dict = {}
        for number, spec in enumerate(self.settings["restores"], 1):
            whole = {**spec, "backupName": backup["metadata"]["name"]}
            status = self.restore(f"{name}-{number}", whole)
        hooks = status.get("hookStatus") or {}
        good = hooks.get("hooksAttempted", 0) - hooks.get("hooksFailed", 0)
        if good != self.settings["checks"]:
            raise SystemExit(f"{good} of {self.settings['checks']} stores were compared and right")

    def record(self, values: dict[str, float]) -> None:
        """Keep the result, and the time of the last good one."""
        path, name = f"/api/v1/namespaces/{NAMESPACE}/configmaps", self.settings["result"]
        found = call("GET", f"{path}/{name}")
        before = json.loads((found or {}).get("data", {}).get("result.json", "{}"))
        result = {**{k: v for k, v in before.items() if k.startswith("success_")}, **values}
        lines = [
            f"# HELP carbon_restore_drill_{key} {METRICS[key]}\n"
            f"# TYPE carbon_restore_drill_{key} gauge\n"
            f"carbon_restore_drill_{key} {value:.0f}\n"
            for key, value in result.items()
        ]
        data = {"result.json": json.dumps(result), "metrics": "".join(lines)}
        if found is None:
            call("POST", path, {"metadata": {"name": name}, "data": data})
        else:
            call("PATCH", f"{path}/{name}", {"data": data})


def main(file: str) -> None:
    signal.signal(signal.SIGTERM, stop)
    drill = Drill(json.loads(Path(file).read_text()))
    result: dict[str, float] = {"success": 0}
    wrong = ""
    try:
        drill.forget()
        drill.remove(drill.deadline)
        drill.isolated()
        backup = drill.newest()
        began = time.time()
        result["data_age_seconds"] = began - moment(backup["status"]["startTimestamp"])
        drill.run(backup)
        result |= {"success": 1, "duration_seconds": time.time() - began}
    except (SystemExit, StoppedError) as error:
        wrong = f"the drill failed: {error}"
    try:
        drill.remove(time.time() + 600)
    except (SystemExit, StoppedError) as error:
        result["success"], wrong = 0, f"{wrong}\nleft behind: {error}".strip()
    result["timestamp_seconds"] = time.time()
    if result["success"]:
        result["success_timestamp_seconds"] = result["timestamp_seconds"]
        told = {key: round(value) for key, value in result.items()}
        done = f"{backup['metadata']['name']} was restored and compared"
        took, age = told["duration_seconds"], told["data_age_seconds"]
        print(f"{done} in {took} s; its data is {age} s old", flush=True)
    drill.record(result)
    sys.exit(wrong or 0)


if __name__ == "__main__":
    main(sys.argv[1])
