"""Renders charts offline, as `helm template` does."""

import json
import logging
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Any, cast

from carbon import externals
from carbon.charts import kuberay
from carbon.errors import CarbonError
from carbon.files import format_path

Object = dict[str, Any]
COLLECTION = {"GOGC": "off", "GOMEMLIMIT": "160MiB"}
"""Settings of Go for short-lived programs: garbage is collected only when memory nears 160 MiB.

helm-many renders in four fifths of the time with these settings.
"""
RENDERS = 500
"""Number of renders after which helm-many restarts: each leaks up to half a megabyte."""


@dataclass(frozen=True)
class Render:
    """The arguments of one render."""

    chart: Path
    values: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    """Values as `key=value`, in the form of the option --set-json."""
    release: str = "254carbon"
    namespace: str = "data-platform"
    helm: str = "helm"
    """The version of Helm: `helm` (4) or `helm3`."""
    kubernetes: str = "1.37.0"
    apis: tuple[str, ...] = ()
    """API versions that the cluster serves beside those of Kubernetes itself."""
    upgrade: bool = False
    """True for `helm upgrade`: Helm sets .Release.IsUpgrade."""
    known_good: bool = False
    """True if these values passed the schema before; Helm then skips its check."""

    def __str__(self) -> str:
        """Return the chart and its values, as messages name them."""
        return " ".join([format_path(self.chart), *map(format_path, self.values), *self.sets])


@dataclass(frozen=True)
class Document:
    """One YAML document of a render."""

    source: str
    """The template as Helm names it, such as `254carbon/charts/mlflow/templates/…`."""
    text: str
    """The YAML that Helm printed, without the comment that names the template."""
    body: Any
    """The document as the Kubernetes API reads it; None if it is not YAML."""
    problem: str
    """Why the text is not YAML; empty if it is."""


@dataclass(frozen=True)
class Output:
    """What `helm template` prints."""

    text: str
    documents: tuple[Document, ...]
    """The documents with content, in order."""
    notes: str = ""
    """What NOTES.txt renders; always empty with Helm 4."""


def run_template(render: Render) -> Output:
    """Render a chart with Helm's own code, without starting a program.

    Raises:
        CarbonError: Helm or the chart refuses the values; the message is Helm's.
    """
    arguments = [render.helm, *map(str, _list_arguments(render))]
    answer = _get_helm(os.getpid()).ask(arguments)
    if answer["error"]:
        raise CarbonError(f"{render}: {answer['error']}")
    documents = tuple(Document(**each) for each in answer["documents"])
    return Output(answer["out"], documents, answer["notes"])


class _Helm:
    """A running helm-many, which renders without starting Helm (tools/externals/helm-many)."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        program = externals.ensure_program("helm-many")
        self._program = Popen([program], stdin=PIPE, stdout=PIPE, env={**os.environ, **COLLECTION})
        self._requests = cast(IO[bytes], self._program.stdin)
        self._answers = cast(IO[bytes], self._program.stdout)
        self._left = RENDERS

    def _restart(self) -> None:
        self._requests.close()
        self._program.wait()
        self._answers.close()
        self._start()

    def ask(self, arguments: list[str]) -> dict[str, Any]:
        """Run Helm with arguments; return `out`, `documents` and `error` (empty on success)."""
        if self._left == 0:
            self._restart()
        self._left -= 1
        try:
            self._requests.write(json.dumps(arguments).encode() + b"\n")
            self._requests.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            status = self._program.wait()
            raise CarbonError(
                f"helm-many exited with status {status} while it rendered {arguments[3]}",
                "Run the same command again; status -9 usually means too little memory.",
            )
        answer: dict[str, Any] = json.loads(line)
        return answer


@cache
def _get_helm(_process: int) -> _Helm:
    """Return the helm-many of this process; a forked process starts one of its own."""
    return _Helm()


def run_helm_program(render: Render) -> str:
    """Render a chart with the program helm or helm3; return what it prints.

    Raises:
        CarbonError: Helm or the chart refuses the values; the message is Helm's.
    """
    # These Python libraries load slowly, and `run_template` does not need them.
    import asyncio

    from pyhelm3 import Command
    from pyhelm3 import errors as helm

    logging.getLogger("pyhelm3").setLevel(logging.ERROR)  # the error holds the whole message
    command = Command(executable=str(externals.ensure_program(render.helm)))
    try:
        return str(asyncio.run(command.run(_list_arguments(render))), "utf-8")
    except helm.Error as refused:
        message = bytes(refused.stderr).decode()
        raise CarbonError(f"{render}: {message.strip()}") from refused


def _list_arguments(render: Render) -> list[Any]:
    args: list[Any] = ["template", render.release, render.chart, "--namespace", render.namespace]
    args += ["--kube-version", render.kubernetes]
    args += ["--is-upgrade"] if render.upgrade else []
    args += ["--skip-schema-validation"] if render.known_good else []
    for option, given in (
        ("--values", render.values),
        ("--set-json", render.sets),
        ("--api-versions", render.apis),
    ):
        args += [part for each in given for part in (option, each)]
    return args


def render_objects(render: Render) -> list[Object]:
    """Return the objects of a render; each caller gets a copy of its own."""
    objects: list[Object] = pickle.loads(_pickle_objects(render))  # noqa: S301 (our own bytes)
    return objects


@cache
def _pickle_objects(render: Render) -> bytes:
    """Return the objects of a render, pickled: unpickling makes a copy faster than a render."""
    documents = run_template(render).documents
    for each in documents:
        if each.problem:
            raise CarbonError(f"{render}: {each.source} renders invalid YAML: {each.problem}")
    return pickle.dumps([each.body for each in documents])


def identity(obj: Object) -> str:
    """Return an object as messages name it, such as `Deployment/mlflow`."""
    return f"{obj.get('kind')}/{obj.get('metadata', {}).get('name')}"


def pod_templates(obj: Object) -> Iterator[Object]:
    """Yield the pod templates of an object, each with metadata and spec; a Pod yields itself."""
    spec = obj.get("spec") or {}
    match obj.get("kind"):
        case "Pod":
            yield {"metadata": obj["metadata"], "spec": spec}
        case "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicaSet":
            yield spec["template"]
        case "CronJob":
            yield spec["jobTemplate"]["spec"]["template"]
        case "RayCluster":
            yield from kuberay.build_pods(spec)
        case "RayService":
            yield from kuberay.build_pods(spec["rayClusterConfig"], serving=True)


def containers(pod: Object) -> list[Object]:
    """Return all containers of a pod, its init containers first."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
