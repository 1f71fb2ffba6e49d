"""Objects that an API server gets as `helm upgrade` of Helm 3 and Helm 4 sends them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Any, cast

import yaml
from tests.live.apiserver import TOKEN, ApiServer

from carbon import externals
from carbon.charts.render import Object

WAYS = {
    "helm3": "3",
    "client-side": "3",
    "revert": "3",
    "convert": "4",
    "helm4": "4",
    "force": "4",
}
"""The ways of upgrading, and the major version of Helm whose verdict counts for each.

`helm3` and `helm4` create and update with one version, and `force` adds --force-conflicts. The
others are Helm 4: `client-side` updates an object of Helm 3, `convert` does so with
--server-side=true and --force-conflicts, and `revert` updates an object of Helm 4 with
--server-side=false.
"""


@dataclass(frozen=True)
class Answer:
    """What the API server answers to the new version of an object."""

    before: Object | None
    after: Object | None
    """The object as the API server would store it; None if it is refused."""
    error: str
    """Helm's message if the object is refused; otherwise empty."""
    status: Mapping[str, Any] | None
    """The Status with which the API server refuses the object."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the API server refuses, such as spec.template."""
        causes = ((self.status or {}).get("details") or {}).get("causes") or []
        return tuple(str(each.get("field", "")) for each in causes)


@dataclass
class Updater:
    """A running helm-update."""

    requests: IO[bytes]
    answers: IO[bytes]
    known: dict[str, dict[str, Answer]] = field(default_factory=dict)
    """The answers so far: many values files render the same objects."""

    def update(
        self, pairs: Iterable[tuple[Object | None, Object | None]]
    ) -> list[dict[str, Answer]]:
        """Return the answers to each pair of objects, by way of upgrading."""
        listed = [json.dumps({"old": old, "new": new}) for old, new in pairs]
        todo = sorted(set(listed) - self.known.keys())
        self.requests.write(f"[{', '.join(todo)}]\n".encode())
        self.requests.flush()
        line = self.answers.readline()
        assert line, "helm-update has ended: its log states why"
        for key, found in zip(todo, json.loads(line), strict=True):
            assert "failed" not in found, f"{found['failed']['error']}: {key}"
            self.known[key] = {way: Answer(**answer) for way, answer in found.items()}
        return [self.known[key] for key in listed]


def write_kubeconfig(api: ApiServer, folder: Path) -> Path:
    """Write a kubeconfig with the context `api` for an API server; return its path."""
    server = {"server": f"https://127.0.0.1:{api.port}", "insecure-skip-tls-verify": True}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "api", "cluster": server}],
        "users": [{"name": "tester", "user": {"token": TOKEN}}],
        "contexts": [{"name": "api", "context": {"cluster": "api", "user": "tester"}}],
        "current-context": "api",
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


@contextmanager
def start_updater(api: ApiServer, folder: Path) -> Iterator[Updater]:
    """Run helm-update until the block ends; its kubeconfig and log are in `folder`."""
    path = write_kubeconfig(api, folder)
    program = externals.ensure_program("helm-update")
    with (
        (folder / "helm-update.log").open("w") as log,
        Popen([program, path], stdin=PIPE, stdout=PIPE, stderr=log) as process,
    ):
        try:
            yield Updater(cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout))
        finally:
            cast(IO[bytes], process.stdin).close()
            process.wait(timeout=60)
