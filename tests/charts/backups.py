"""A fake API server with a fake Velero, for tests of the restore drill.

The fake reports the end of each Restore twice, as Velero 1.18 sometimes does.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

GOOD = {"phase": "Completed", "hookStatus": {"hooksAttempted": 3, "hooksFailed": 0}}
KINDS = ("statefulsets", "services", "pods", "persistentvolumeclaims")


class FakeCluster:
    """Backups, Restores and the number of restored objects of each kind.

    `fault` is merged into the status of the Restore that compares the stores.
    """

    def __init__(self) -> None:
        self.backups: list[dict[str, Any]] = []
        self.restores: dict[str, dict[str, Any]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.counts = dict.fromkeys(KINDS, 0)
        self.fault: dict[str, Any] = {}
        self.policy: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
        self.undeletable = self.restored = False
        self.configmaps: dict[str, dict[str, Any]] = {}
        self.now = datetime.now(UTC).timestamp()

    def add_backup(
        self,
        name: str,
        started: datetime,
        phase: str = "Completed",
        schedule: str = "data-platform-daily",
    ) -> None:
        """Add a Backup that has ended."""
        status = {"phase": phase, "startTimestamp": f"{started:%Y-%m-%dT%H:%M:%SZ}"}
        labels = {"velero.io/schedule-name": schedule}
        self.backups.append({"metadata": {"name": name, "labels": labels}, "status": status})

    def sleep(self, seconds: float) -> None:
        """Move the clock forward without waiting."""
        self.now += seconds

    def count_objects(self) -> int:
        """Return the number of objects in the restore drill's namespace."""
        return sum(self.counts.values())

    def read_result(self) -> dict[str, str]:
        """Return the data of the ConfigMap with the result of the restore drill."""
        data: dict[str, str] = self.configmaps["backup-drill-result"]["data"]
        return data

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Answer a request, in place of `call` of the restore drill's apiserver.py."""
        url = urlsplit(path)
        segments = url.path.split("/")
        at = segments.index("namespaces") + 1
        namespace, kind, name = segments[at], segments[at + 1], "/".join(segments[at + 2 :])
        handlers = {
            "backups": self._list_backups,
            "restores": self._handle_restore,
            "configmaps": self._handle_configmap,
        }
        if kind in handlers and namespace != "restore-drill":
            return handlers[kind](method, name, parse_qs(url.query), body)
        if kind == "networkpolicies":
            return {"spec": self.policy} if self.policy else None
        if method == "DELETE" and not self.undeletable:
            self.counts[kind] = 0
        return {"items": [{}] * self.counts.get(kind, 0)}

    def watch(self, path: str, version: str) -> list[dict[str, Any]]:
        """Return a Restore's events, in place of `changes` of the restore drill's apiserver.py."""
        [name] = parse_qs(urlsplit(path).query)["fieldSelector"]
        restore = self.restores[name.removeprefix("metadata.name=")]
        events = []
        for number, status in enumerate(self.statuses, 2):
            restore |= {"status": status}
            meta = restore["metadata"] | {"resourceVersion": str(number)}
            events.append({"type": "MODIFIED", "object": restore | {"metadata": meta}})
        self.statuses = self.statuses if len(events) == 1 else []
        return events

    def _list_backups(
        self, method: str, name: str, query: dict[str, list[str]], body: object
    ) -> Any:
        schedule = query["labelSelector"][0].removeprefix("velero.io/schedule-name=")
        label = "velero.io/schedule-name"
        return {"items": [b for b in self.backups if b["metadata"]["labels"][label] == schedule]}

    def _handle_restore(
        self, method: str, name: str, query: dict[str, list[str]], body: dict[str, Any] | None
    ) -> Any:
        if method == "DELETE":
            return self.restores.pop(name)
        if body is not None:
            assert body["spec"]["namespaceMapping"] == {"data-platform": "restore-drill"}
            self.restored = True
            self.counts = dict.fromkeys(KINDS, 3)
            compares = bool(body["spec"].get("hooks"))
            first = GOOD | self.fault if compares else {"phase": "Completed"}
            last = {"phase": "Completed", "hookStatus": {}}
            self.statuses = [first] if first["phase"] == "InProgress" else [first, last]
            body["metadata"]["resourceVersion"] = "1"
            self.restores[body["metadata"]["name"]] = body
            return body
        return self.restores[name] if name else {"items": list(self.restores.values())}

    def _handle_configmap(
        self, method: str, name: str, query: dict[str, list[str]], body: dict[str, Any] | None
    ) -> Any:
        if method == "GET":
            return self.configmaps.get(name)
        assert body is not None
        name = name or body["metadata"]["name"]
        self.configmaps[name] = {"data": body["data"]}
        return body
