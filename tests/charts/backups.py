"""An API server with Velero behind it, as far as the restore drill talks to it.

It finishes every Restore twice, as Velero 1.18 does now and then.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

GOOD = {"phase": "Completed", "hookStatus": {"hooksAttempted": 3, "hooksFailed": 0}}
KINDS = ("statefulsets", "services", "pods", "persistentvolumeclaims")


class Cluster:
    """Backups, Restores and what they make; ``fault`` is what the last part's Restore ends with."""

    def __init__(self) -> None:
        self.backups: list[dict[str, Any]] = []
        self.restores: dict[str, dict[str, Any]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.things = dict.fromkeys(KINDS, 0)
        self.fault: dict[str, Any] = {}
        self.policy: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
        self.sticky = self.restored = False
        self.maps: dict[str, dict[str, Any]] = {}
        self.now = datetime.now(UTC).timestamp()

    def backup(
        self,
        name: str,
        began: datetime,
        phase: str = "Completed",
        schedule: str = "data-platform-daily",
    ) -> None:
        """A backup that there is."""
        status = {"phase": phase, "startTimestamp": f"{began:%Y-%m-%dT%H:%M:%SZ}"}
        labels = {"velero.io/schedule-name": schedule}
        self.backups.append({"metadata": {"name": name, "labels": labels}, "status": status})

    def passes(self, seconds: float) -> None:
        """Time passes, and nobody waits for it."""
        self.now += seconds

    def left(self) -> int:
        """How many things are in the drill's namespace."""
        return sum(self.things.values())

    def result(self) -> dict[str, str]:
        """What the drill wrote down."""
        data: dict[str, str] = self.maps["backup-drill-result"]["data"]
        return data

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A request to the API server, as the module of that name sends it."""
        url = urlsplit(path)
        parts = url.path.split("/")
        at = parts.index("namespaces") + 1
        place, kind, name = parts[at], parts[at + 1], "/".join(parts[at + 2 :])
        answer = getattr(self, f"_{kind}", None) if place != "restore-drill" else None
        if answer is not None:
            return answer(method, name, parse_qs(url.query), body)
        if kind == "networkpolicies":
            return {"spec": self.policy} if self.policy else None
        if method == "DELETE" and not self.sticky:
            self.things[kind] = 0
        return {"items": [{}] * self.things.get(kind, 0)}

    def changes(self, path: str, version: str) -> list[dict[str, Any]]:
        """What becomes of the newest Restore, as the module of that name tells it."""
        [name] = parse_qs(urlsplit(path).query)["fieldSelector"]
        restore = self.restores[name.removeprefix("metadata.name=")]
        found = []
        for number, status in enumerate(self.statuses, 2):
            restore |= {"status": status}
            meta = restore["metadata"] | {"resourceVersion": str(number)}
            found.append({"type": "MODIFIED", "object": restore | {"metadata": meta}})
        self.statuses = self.statuses if len(found) == 1 else []
        return found

    def _backups(self, method: str, name: str, query: dict[str, list[str]], body: object) -> Any:
        schedule = query["labelSelector"][0].removeprefix("velero.io/schedule-name=")
        label = "velero.io/schedule-name"
        return {"items": [b for b in self.backups if b["metadata"]["labels"][label] == schedule]}

    def _restores(
        self, method: str, name: str, query: dict[str, list[str]], body: dict[str, Any] | None
    ) -> Any:
        if method == "DELETE":
            return self.restores.pop(name)
        if body is not None:
            assert body["spec"]["namespaceMapping"] == {"data-platform": "restore-drill"}
            self.restored = True
            self.things = dict.fromkeys(KINDS, 3)
            compares = bool(body["spec"].get("hooks"))
            first = GOOD | self.fault if compares else {"phase": "Completed"}
            last = {"phase": "Completed", "hookStatus": {}}
            self.statuses = [first] if first["phase"] == "InProgress" else [first, last]
            body["metadata"]["resourceVersion"] = "1"
            self.restores[body["metadata"]["name"]] = body
            return body
        return self.restores[name] if name else {"items": list(self.restores.values())}

    def _configmaps(
        self, method: str, name: str, query: dict[str, list[str]], body: dict[str, Any] | None
    ) -> Any:
        if method == "GET":
            return self.maps.get(name)
        assert body is not None
        name = name or body["metadata"]["name"]
        self.maps[name] = {"data": body["data"]}
        return body
