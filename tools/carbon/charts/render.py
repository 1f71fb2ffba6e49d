"""Rendering charts offline, as `helm template` does, each distinct render once a process."""

import json
import logging
import os
import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Any, cast

import yaml

from carbon import externals
from carbon.charts import kuberay
from carbon.charts.files import shown
from carbon.errors import CarbonError

Object = dict[str, Any]

_SOURCE = re.compile(r"^# Source: (\S+)", re.M)


@dataclass(frozen=True)
class Render:
    """What a render depends on."""

    chart: Path
    values: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    """`key=value` as for --set-json."""
    release: str = "254carbon"
    namespace: str = "data-platform"
    helm: str = "helm"
    """The program: helm or helm3."""
    kubernetes: str = "1.37.0"
    apis: tuple[str, ...] = ()
    """API versions that the cluster has beside Kubernetes's own."""
    upgrade: bool = False
    """Whether a release is there already."""
    known_good: bool = False
    """Whether the schema has allowed these values before, which need not be asked again."""

    def __str__(self) -> str:
        """As a message names it: the chart and its values."""
        return " ".join([shown(self.chart), *map(shown, self.values), *self.sets])


def text(render: Render) -> str:
    """What Helm prints, rendered anew.

    Raises:
        CarbonError: the chart refuses these values; holds what Helm said.
    """
    arguments = [render.helm, *map(str, _arguments(render))]
    answer = _running(os.getpid()).ask(arguments)
    if answer["error"]:
        raise CarbonError(f"{render}: {answer['error']}")
    return answer["out"]


class _Helm:
    """Helm's own code, kept running: a render need not start it (tools/externals/helm-many)."""

    def __init__(self) -> None:
        self._program = Popen([externals.ensure_program("helm-many")], stdin=PIPE, stdout=PIPE)
        self._asked = cast(IO[bytes], self._program.stdin)
        self._said = cast(IO[bytes], self._program.stdout)

    def ask(self, arguments: list[str]) -> dict[str, str]:
        """Run a program of Helm's with arguments: `out`, what it prints, and `error` or nothing."""
        try:
            self._asked.write(json.dumps(arguments).encode() + b"\n")
            self._asked.flush()
            line = self._said.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            status = self._program.wait()
            raise CarbonError(f"helm-many ended with {status} while it rendered {arguments[3]}")
        answer: dict[str, str] = json.loads(line)
        return answer


@cache
def _running(_process: int) -> _Helm:
    """The one of this process; one that was forked off has its own."""
    return _Helm()


def by_program(render: Render) -> str:
    """What Helm's program prints, started for it.

    Raises:
        CarbonError: as of `text`.
    """
    # Large libraries, which those who only look at objects need not wait for.
    import asyncio

    from pyhelm3 import Command
    from pyhelm3 import errors as helm

    logging.getLogger("pyhelm3").setLevel(logging.ERROR)  # the error says it all
    command = Command(executable=str(externals.ensure_program(render.helm)))
    try:
        return str(asyncio.run(command.run(_arguments(render))), "utf-8")
    except helm.Error as refused:
        said = bytes(refused.stderr).decode()
        raise CarbonError(f"{render}: {said.strip()}") from refused


def _arguments(render: Render) -> list[Any]:
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


@cache
def rendered(render: Render) -> str:
    """What Helm prints, rendered once a process."""
    return text(render)


def objects(render: Render) -> list[Object]:
    """The objects of a render; each caller has its own copy."""
    drawn: list[Object] = pickle.loads(_parsed(render))  # noqa: S301 (our own bytes)
    return drawn


@cache
def _parsed(render: Render) -> bytes:
    """The objects of a render, pickled: a copy from that costs a tenth of parsing them again."""
    return pickle.dumps([o for o in yaml.load_all(rendered(render), yaml.CSafeLoader) if o])


def sources(render: Render) -> list[str]:
    """The templates that drew something, in order: `254carbon/charts/mlflow/templates/…`."""
    return _SOURCE.findall(rendered(render))


def identity(thing: Object) -> str:
    """An object as messages name it: Deployment/mlflow."""
    return f"{thing.get('kind')}/{thing.get('metadata', {}).get('name')}"


def pod_templates(thing: Object) -> Iterator[Object]:
    """The pods that an object makes, as metadata and spec; its own if it is a pod."""
    spec = thing.get("spec") or {}
    match thing.get("kind"):
        case "Pod":
            yield {"metadata": thing["metadata"], "spec": spec}
        case "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicaSet":
            yield spec["template"]
        case "CronJob":
            yield spec["jobTemplate"]["spec"]["template"]
        case "RayCluster":
            yield from kuberay.pods(spec)
        case "RayService":
            yield from kuberay.pods(spec["rayClusterConfig"])


def containers(pod: Object) -> list[Object]:
    """All containers of a pod, those that only start it included."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
