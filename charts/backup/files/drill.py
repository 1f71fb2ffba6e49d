"""Restore the stores of the newest backup into a separate namespace, and compare their data.

The JSON file named on the command line defines the Restores and the namespace. Velero itself runs
the comparisons in the restored pods (hooks of the Restore), so that no other pod has to connect to
them. The restore drill deletes everything in the namespace before and after, also after an error.
It stores its result in a ConfigMap, as metrics in the format of Prometheus.
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
FINAL_PHASES = {"Completed", "PartiallyFailed", "Failed", "FailedValidation"}
"""Phases of a Restore that has ended. Other phases end in Failed too: FinalizingPartiallyFailed."""
METRICS = {
    "success": "1 if the last restore drill found all data that was backed up, 0 if not.",
    "timestamp_seconds": "Unix time at which the last restore drill ended.",
    "duration_seconds": "Duration of restoring and comparing in the last restore drill.",
    "data_age_seconds": "Age of the data that the last restore drill restored.",
    "success_timestamp_seconds": "Unix time at which the last successful restore drill ended.",
}


class StoppedError(Exception):
    """Kubernetes stops the pod."""


def stop(*_: object) -> None:
    raise StoppedError("Kubernetes stopped the pod")


def parse_time(text: str) -> float:
    """Convert a timestamp of Kubernetes to Unix time in seconds."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def wait(subject: str, deadline: float, check: Callable[[], bool]) -> None:
    """Return when ``check`` returns True. Errors of the API server are retried.

    Raises:
        SystemExit: ``deadline`` (Unix time) has passed.
    """
    printed = ""
    while True:
        try:
            if check():
                return
            problem = "timed out"
        except SystemExit as error:
            problem = str(error)
            if problem != printed:
                print(f"{subject}: {problem}", flush=True)
            printed = problem
        if time.time() > deadline:
            raise SystemExit(f"{subject}: {problem}")
        time.sleep(2)


class Drill:
    """One restore drill with the given settings."""

    def __init__(self, settings: dict) -> None:
        self.settings = settings
        self.deadline = time.time() + settings["timeoutSeconds"]
        target = settings["namespace"]
        self.velero = f"/apis/velero.io/v1/namespaces/{settings['veleroNamespace']}"
        self.core, self.apps = f"/api/v1/namespaces/{target}", f"/apis/apps/v1/namespaces/{target}"
        self.policies = f"/apis/networking.k8s.io/v1/namespaces/{target}/networkpolicies"

    def delete_restored(self, deadline: float) -> None:
        """Delete all restored objects, and wait until they no longer exist."""
        kinds = ("services", "pods", "persistentvolumeclaims")
        watched = [f"{self.apps}/statefulsets", *(f"{self.core}/{kind}" for kind in kinds)]
        rest = [f"{self.core}/{k}{RESTORED}" for k in ("secrets", "configmaps", "serviceaccounts")]

        def delete() -> bool:
            for path in watched + rest:
                call("DELETE", path)
            return not any(call("GET", path)["items"] for path in watched)

        wait(f"emptying the namespace {self.settings['namespace']}", deadline, delete)

    def delete_restores(self) -> None:
        """Delete the Restores of earlier drills. A Restore that hangs would block all others."""
        path, query = f"{self.velero}/restores", urlencode({"labelSelector": f"{MARK}={NAMESPACE}"})
        for restore in call("GET", f"{path}?{query}")["items"]:
            call("DELETE", f"{path}/{restore['metadata']['name']}")

    def find_backup(self) -> dict:
        """Return the newest completed backup of the Schedule.

        Raises:
            SystemExit: no backup of the Schedule has completed.
        """
        schedule = self.settings["schedule"]
        label = urlencode({"labelSelector": f"velero.io/schedule-name={schedule}"})
        backups = call("GET", f"{self.velero}/backups?{label}")["items"]
        completed = [b for b in backups if b.get("status", {}).get("phase") == "Completed"]
        if not completed:
            others = f"({len(backups)} in other phases)"
            raise SystemExit(f"the Schedule {schedule} has no completed backup {others}")
        return max(completed, key=lambda backup: parse_time(backup["status"]["startTimestamp"]))

    def check_isolation(self) -> None:
        """Check that the NetworkPolicy of the namespace denies all traffic.

        Raises:
            SystemExit: the NetworkPolicy is missing or allows traffic.
        """
        policy = call("GET", f"{self.policies}/{self.settings['policy']}") or {"spec": {}}
        spec = policy["spec"]
        closed = not (spec.get("podSelector") or spec.get("ingress") or spec.get("egress"))
        if not closed or sorted(spec.get("policyTypes", [])) != ["Egress", "Ingress"]:
            raise SystemExit(f"NetworkPolicy {self.settings['policy']} does not deny all traffic")

    def restore(self, name: str, spec: dict) -> dict:
        """Create a Restore and wait for its end; return its first status in a final phase.

        The drill watches every change of the Restore, because Velero may finish a Restore twice.
        The second status is Completed and lists no hooks (Velero 1.18 reads it from a cache).

        Raises:
            SystemExit: the Restore did not complete.
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

        def read_status() -> bool:
            nonlocal version
            for change in changes(f"{path}?fieldSelector=metadata.name%3D{name}", version):
                restore = change["object"]
                if change["type"] == "ERROR":  # the resourceVersion is too old to watch from
                    restore = call("GET", f"{path}/{name}")
                    if restore is None:
                        raise SystemExit("the Restore was deleted")
                version = restore["metadata"]["resourceVersion"]
                if status.get("phase") not in FINAL_PHASES:
                    status.update(restore.get("status", {}))
            return status.get("phase") in FINAL_PHASES

        wait(f"Restore {name}", self.deadline, read_status)
        if status["phase"] != "Completed":
            cause = ", ".join(status.get("validationErrors", [])) or status.get("failureReason", "")
            result = f"{status['phase']} with {status.get('errors', 0)} errors {cause}"
            raise SystemExit(
                f"Restore {name} ended as {result}; see: velero restore describe {name} --details"
            )
        print(f"Restore {name}: {status['phase']}", flush=True)
        return status

    def run(self, backup: dict) -> None:
        """Create all Restores one after the other; hooks of the last one compare the data.

        Raises:
            SystemExit: a Restore failed, or restored data differs from the data backed up.
        """
        name = f"{NAMESPACE}-drill-{datetime.now(timezone.utc):%Y%m%d%H%M%S}"
        status: dict = {}
        for number, spec in enumerate(self.settings["restores"], 1):
            whole = {**spec, "backupName": backup["metadata"]["name"]}
            status = self.restore(f"{name}-{number}", whole)
        hooks = status.get("hookStatus") or {}
        equal = hooks.get("hooksAttempted", 0) - hooks.get("hooksFailed", 0)
        if equal != self.settings["checks"]:
            raise SystemExit(f"{equal} of {self.settings['checks']} stores were compared and equal")

    def record(self, values: dict[str, float]) -> None:
        """Store the result, with the time of the last successful restore drill."""
        path, name = f"/api/v1/namespaces/{NAMESPACE}/configmaps", self.settings["result"]
        existing = call("GET", f"{path}/{name}")
        previous = json.loads((existing or {}).get("data", {}).get("result.json", "{}"))
        result = {**{k: v for k, v in previous.items() if k.startswith("success_")}, **values}
        lines = [
            f"# HELP carbon_restore_drill_{key} {METRICS[key]}\n"
            f"# TYPE carbon_restore_drill_{key} gauge\n"
            f"carbon_restore_drill_{key} {value:.0f}\n"
            for key, value in result.items()
        ]
        data = {"result.json": json.dumps(result), "metrics": "".join(lines)}
        if existing is None:
            call("POST", path, {"metadata": {"name": name}, "data": data})
        else:
            call("PATCH", f"{path}/{name}", {"data": data})


def main(file: str) -> None:
    signal.signal(signal.SIGTERM, stop)
    drill = Drill(json.loads(Path(file).read_text()))
    result: dict[str, float] = {"success": 0}
    problem = ""
    try:
        drill.delete_restores()
        drill.delete_restored(drill.deadline)
        drill.check_isolation()
        backup = drill.find_backup()
        start = time.time()
        result["data_age_seconds"] = start - parse_time(backup["status"]["startTimestamp"])
        drill.run(backup)
        result |= {"success": 1, "duration_seconds": time.time() - start}
    except (SystemExit, StoppedError) as error:
        problem = f"the restore drill failed: {error}"
    try:
        drill.delete_restored(time.time() + 600)
    except (SystemExit, StoppedError) as error:
        result["success"], problem = 0, f"{problem}\nrestored objects remain: {error}".strip()
    result["timestamp_seconds"] = time.time()
    if result["success"]:
        result["success_timestamp_seconds"] = result["timestamp_seconds"]
        rounded = {key: round(value) for key, value in result.items()}
        done = f"{backup['metadata']['name']} was restored and compared"
        duration, age = rounded["duration_seconds"], rounded["data_age_seconds"]
        print(f"{done} in {duration} s; its data is {age} s old", flush=True)
    drill.record(result)
    sys.exit(problem or 0)


if __name__ == "__main__":
    main(sys.argv[1])
