"""Objects and ports that the text of a chart's notes names, in URLs and in kubectl commands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

KINDS = {
    "service": "Service", "services": "Service", "svc": "Service",
    "deployment": "Deployment", "deployments": "Deployment", "deploy": "Deployment",
    "statefulset": "StatefulSet", "statefulsets": "StatefulSet", "sts": "StatefulSet",
    "daemonset": "DaemonSet", "daemonsets": "DaemonSet", "ds": "DaemonSet",
    "job": "Job", "jobs": "Job", "cronjob": "CronJob", "cronjobs": "CronJob", "cj": "CronJob",
    "configmap": "ConfigMap", "configmaps": "ConfigMap", "cm": "ConfigMap",
    "secret": "Secret", "secrets": "Secret",
    "ingress": "Ingress", "ingresses": "Ingress", "ing": "Ingress",
    "persistentvolumeclaim": "PersistentVolumeClaim", "pvc": "PersistentVolumeClaim",
    "raycluster": "RayCluster", "rayservice": "RayService",
    "pod": "Pod", "pods": "Pod", "po": "Pod",
}  # fmt: skip
"""The names of kinds in a command of kubectl."""
WITH_VALUE = {
    "-n": "namespace", "--namespace": "namespace", "-c": "container", "--container": "container",
    "-l": "selector", "--selector": "selector", "-o": "", "--output": "", "--context": "",
    "--timeout": "", "--for": "", "--template": "", "-p": "", "--patch": "", "--address": "",
    "--replicas": "", "--type": "", "-f": "", "--filename": "", "--sort-by": "", "--tail": "",
    "--from": "source", "--since": "",
}  # fmt: skip
"""Options of kubectl that take a value, and the field of Reference that the value sets."""
SWITCHES = {"-f", "-p"}
"""Options that take no value in `kubectl logs`."""
OF_PODS = ("exec", "attach", "logs", "port-forward")
"""Commands whose first word is the name of a pod, or KIND/NAME."""
MAKING = ("create", "run")
"""Commands whose object does not exist yet."""
_COMMAND = re.compile(r"\bkubectl\s+(.*?)(?=\||;|&&|\s--\s|\)|`|$)")
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s\"']+(?:\"[^\"]*\"|'[^']*')?")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_HOST = re.compile(
    r"(?<![\w.-])([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?(?::(\d+))?(?![\w-])"
)
_URL = re.compile(r"[a-z]+://([a-z0-9-]+|127\.0\.0\.1):(\d+)(?![\w-])")


CONTINUED = "\v"
"""A space in a command that continues on the next line."""
LOCAL = ("localhost", "127.0.0.1")
"""Hosts that are the user's machine."""


@dataclass(frozen=True)
class Reference:
    """An object that a line of text names."""

    line: str
    """The line; for a command on several lines, all of them, joined by CONTINUED."""
    kind: str
    """A kind of Kubernetes; Host for the host of a URL, Local for the user's machine, Forward for
    a port that `kubectl port-forward` opens on the user's machine."""
    name: str
    """Empty for a command with a selector, which concerns pods."""
    port: str = ""
    container: str = ""
    namespace: str = ""
    """Empty for the namespace of the release."""
    selector: str = ""


def find_references(text: str) -> Iterator[Reference]:
    """Yield the objects that a text names."""
    for line in text.replace("\\\n", CONTINUED).split("\n"):
        for name, namespace, port in _HOST.findall(line):
            yield Reference(line, "Service", name, port, namespace=namespace)
        for name, port in _URL.findall(line):
            yield Reference(line, "Local" if name in LOCAL else "Host", name, port)
        for command in _COMMAND.findall(line):
            yield from _read_command(line, command)


def _read_command(line: str, command: str) -> Iterator[Reference]:
    words = [word.strip("\"'") for word in _WORD.findall(command)]
    plain: list[str] = []
    options: dict[str, str] = {}
    while words:
        word = words.pop(0)
        option, has_value, value = word.partition("=")
        if option in WITH_VALUE and not (option in SWITCHES and plain[:1] == ["logs"]):
            value = value if has_value else (words.pop(0) if words else "")
            if WITH_VALUE[option]:
                options[WITH_VALUE[option]] = value
        elif not word.startswith("-"):
            plain.append(word)
    verb, *rest = plain or [""]
    rest = [] if verb in MAKING else rest
    rest += [options.pop("source")] if "source" in options else []
    if verb in OF_PODS and rest and _NAME.fullmatch(rest[0]):
        rest[0] = f"pod/{rest[0]}"
    for kind, name in _list_objects(rest):
        ports = rest[1:] if verb == "port-forward" else []
        for port in ports or [""]:
            yield Reference(line, kind, name, port.rpartition(":")[2], **options)
    if verb == "port-forward":
        for port in rest[1:]:
            yield Reference(line, "Forward", "", port.partition(":")[0], **options)
    if "selector" in options and (verb == "logs" or (rest and KINDS.get(rest[0]) == "Pod")):
        yield Reference(line, "Pod", "", **options)


def _list_objects(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and name of each object: `service/web`, or `service web other`."""
    for word in words:
        short, slash, name = word.partition("/")
        if slash and short in KINDS and _NAME.fullmatch(name):
            yield KINDS[short], name
    if words and words[0] in KINDS:
        yield from ((KINDS[words[0]], name) for name in words[1:] if _NAME.fullmatch(name))
