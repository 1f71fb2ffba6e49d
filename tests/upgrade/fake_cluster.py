"""A cluster with one release, of which Helm and the API server are replaced."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from lightkube.resources.core_v1 import Secret
from pyhelm3 import Command, errors
from tests.upgrade.installed import encode

from carbon.files import read_yaml
from carbon.platform.target import Target

NAME = "data-services"
OBJECT = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "store", "labels": {"helm.sh/chart": f"{NAME}-1.0.0"}},
    "data": {"a": "1"},
}


def write_chart(folder: Path, text: str = "1", data: str = "", version: str = "1.0.0") -> Path:
    """Write a chart with one ConfigMap; `data` are the revisions of its data."""
    (folder / "templates").mkdir(parents=True)
    meta: dict[str, Any] = {"apiVersion": "v2", "name": NAME, "version": version}
    meta |= {"annotations": {"254carbon.com/schemaRevision": data}} if data else {}
    (folder / "Chart.yaml").write_text(yaml.safe_dump(meta))
    body = OBJECT | {"data": {"a": text}}
    (folder / "templates" / "all.yaml").write_text(yaml.safe_dump(body))
    return folder


@dataclass
class State:
    """The revisions of the release, and what Helm did."""

    revisions: list[dict[str, Any]] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    """Verb of Helm -> the message with which it fails."""
    refused: bool = False
    """Whether Helm fails before it stores a revision."""

    def add(self, chart: Path, status: str, method: str, age: timedelta = timedelta()) -> None:
        """Store a revision."""
        meta = read_yaml(chart / "Chart.yaml")
        manifest = (chart / "templates" / "all.yaml").read_text()
        number = len(self.revisions) + 1
        updated = (datetime.now(UTC) - age).isoformat()
        if status == "deployed":
            for each in self.revisions:
                each["status"] = each["status"].replace("deployed", "superseded")
        self.revisions.append(
            {
                "revision": number,
                "status": status,
                "updated": updated,
                "method": method,
                "meta": meta,
                "manifest": manifest,
                "chart": chart,
            }
        )

    @property
    def verbs(self) -> list[str]:
        """The changing commands of Helm, in order."""
        return [words[0] for words in self.commands if words[0] not in ("history", "get")]

    def find(self, verb: str) -> list[str]:
        """Return the words of the only command with a verb."""
        [found] = [words for words in self.commands if words[0] == verb]
        return found


class Helm(Command):  # type: ignore[misc] # pyhelm3 has no types
    """Helm, which changes the state only."""

    def __init__(self, state: State, wait: str) -> None:
        super().__init__(default_timeout="10m")
        self.state, self.wait = state, wait

    async def run(self, command: list[Any], input: bytes | None = None) -> bytes:  # noqa: A002
        """Run a command of Helm on the state."""
        words = [self.wait if word == "--wait" else str(word) for word in command]
        state, newest = self.state, self.state.revisions[-1] if self.state.revisions else {}
        state.commands.append(words)
        failed = state.failures.get(words[0])
        if words[0] == "history":
            keys = ("revision", "status", "updated")
            return json.dumps([{k: each[k] for k in keys} for each in state.revisions]).encode()
        if words[:2] == ["get", "manifest"]:
            number = int(words[words.index("--revision") + 1])
            return str(state.revisions[number - 1]["manifest"]).encode()
        status = "failed" if failed else "deployed"
        if words[0] == "upgrade" and not state.refused:
            state.add(Path(words[2]), status, newest.get("method", "ssa"))
        if words[0] == "rollback":
            newest["status"] = newest["status"].replace("pending-upgrade", "superseded")
            wanted = state.revisions[int(words[2]) - 1]
            state.add(wanted["chart"], status, wanted["method"])
        if failed:
            raise errors.Error(1, b"", failed.encode())
        return b"{}"


@dataclass(frozen=True)
class FakeTarget(Target):
    """A target whose Helm and API server are replaced."""

    state: State = field(default_factory=State)

    @property
    def client(self) -> Any:
        """A client that lists the Secrets of Helm; there are no other objects."""
        return SimpleNamespace(list=self._list)

    def make_helm(self, program: str = "helm", wait: str = "--wait") -> Helm:
        """Return the replaced Helm."""
        return Helm(self.state, wait)

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        """Return the version of the API server."""
        return json.dumps({"serverVersion": {"major": "1", "minor": "37+"}})

    def _list(self, kind: type, labels: Any = None, **_: Any) -> Sequence[Any]:
        if kind is not Secret or not labels:
            return []
        return [self._store(each) for each in self.state.revisions]

    def _store(self, each: dict[str, Any]) -> Any:
        number, status = each["revision"], each["status"]
        labels = {"name": self.release, "version": str(number), "status": status}
        text = encode(
            name=self.release,
            version=number,
            info={"status": status},
            chart={"metadata": each["meta"]},
            config={},
            manifest=each["manifest"],
            apply_method=each["method"],
        )
        return SimpleNamespace(metadata=SimpleNamespace(labels=labels), data={"release": text})


def make_cluster(*revisions: tuple[Path, str, str]) -> FakeTarget:
    """Return a shared cluster with a release of some revisions: chart, status and apply method."""
    target = FakeTarget(None, "shared", "apps", "store")
    for chart, status, method in revisions:
        target.state.add(chart, status, method, timedelta(hours=1))
    return target
