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

WAYS = {"helm3": "3", "client-side": "3", "convert": "4", "helm4": "4", "force": "4"}
"""The ways of upgrading, and the major version of Helm whose verdict counts for each.

`helm3` and `helm4` create and update with one version; `force` is `helm4` with --force-conflicts.
`client-side` is Helm 4 with an object of Helm 3, and `convert` the same with --server-side=true and
--force-conflicts.
"""
RELEASE_NAMESPACE = "data-platform"


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

    api: ApiServer
    requests: IO[bytes]
    answers: IO[bytes]
    known: set[str] = field(default_factory=lambda: {"default"})

    def update(
        self, pairs: Iterable[tuple[Object | None, Object | None]]
    ) -> list[dict[str, Answer]]:
        """Return the answers to each pair of objects, by way of upgrading."""
        listed = [{"old": old, "new": new} for old, new in pairs]
        self._create_namespaces(each for pair in listed for each in pair.values() if each)
        self.requests.write(json.dumps(listed).encode() + b"\n")
        self.requests.flush()
        line = self.answers.readline()
        assert line, "helm-update has ended: its log says why"
        return [
            {way: Answer(**answer) for way, answer in each.items()} for each in json.loads(line)
        ]

    def _create_namespaces(self, objects: Iterable[Object]) -> None:
        names = {str(o["metadata"].get("namespace", RELEASE_NAMESPACE)) for o in objects}
        wanted = [
            each for name in sorted(names - self.known) for each in _list_namespace_objects(name)
        ]
        if wanted:
            self.api.kubectl("create", "-f", "-", stdin=yaml.safe_dump_all(wanted))
        self.known |= names


def _list_namespace_objects(name: str) -> Iterator[Object]:
    """Yield a namespace and the account that a controller would create in it."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    account = {"name": "default", "namespace": name}
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}


@contextmanager
def start_updater(api: ApiServer, folder: Path) -> Iterator[Updater]:
    """Run helm-update until the block ends; its kubeconfig and log are in `folder`."""
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
    program = externals.ensure_program("helm-update")
    with (
        (folder / "helm-update.log").open("w") as log,
        Popen([program, path], stdin=PIPE, stdout=PIPE, stderr=log) as process,
    ):
        try:
            yield Updater(api, cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout))
        finally:
            cast(IO[bytes], process.stdin).close()
            process.wait(timeout=60)
