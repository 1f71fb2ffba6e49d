"""Check of the commands of kubectl in Markdown against the objects that charts render."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from carbon.check.engine.cases import NAMESPACE
from carbon.check.findings import declare
from carbon.check.texts.code import Code
from carbon.check.texts.objects import kubectl
from carbon.check.texts.objects.kubectl import (
    ALL,
    COMMANDS,
    KINDS,
    Command,
    find_kind,
    list_words,
    read_command,
)
from carbon.check.texts.objects.rendered import Facts, Rendered
from carbon.check.texts.objects.selectors import find_unmatched
from carbon.check.texts.shell import Arguments, Word, find_commands, is_placeholder, read_arguments
from carbon.check.texts.values import helm

RULE = declare(
    "prose/commands",
    "A command of kubectl in Markdown names kinds, objects, containers and labels that exist.",
    "Correct the command, or create the object in another command or YAML block of the page.",
    house=True,
)
OF_VELERO = frozenset({"from-schedule", "include-namespaces", "namespace", "n", "selector", "l"})
"""The options of Velero that name objects."""
OTHER_NAMESPACES = {"default", "velero", "gpu-operator", "monitoring", "istio-system"}
OTHER_NAMESPACES |= {"kube-system", "kube-public", "kuberay-operator", "kueue-system", "argocd"}
"""Namespaces of Kubernetes and of other systems, whose objects no chart of ours renders."""
INJECTED = {"autoscaler", "istio-proxy", "istio-init", "wait-gcs-ready"}
"""Containers that operators add to pods."""
_OF_USERS = {"Secret", "ConfigMap"}
_CREATED = re.compile(
    r"^( *)kind: *(\w+)\s(?:.*\n)*?\1metadata: *\{?\s*name: *[\"']?([\w.-]+)", re.M
)

Problem = tuple[int, str]
"""The position in a page, and what is wrong."""


def read_names(text: str, codes: list[Code], rendered: Rendered) -> "Names":
    """Return the names of objects that charts render, or that the page creates."""
    known = {each.created for each in _read_commands(codes) if each.created}
    return Names(rendered, known | {(kind, name) for _, kind, name in _CREATED.findall(text)})


def find_errors(codes: list[Code], names: "Names") -> Iterator[Problem]:
    """Yield what is wrong with the commands of a page."""
    for command in _read_commands(codes):
        yield from names.check(command)
    for words in _find_calls(codes, "helm"):
        arguments = read_arguments(words, helm.WITH_VALUE)
        for verb in arguments.words[:1]:
            yield from _check_verb("helm", verb, helm.COMMANDS)
        yield from _check_options("helm", arguments, helm.KNOWN_OPTIONS)
        for namespace in arguments.get("n", "namespace"):
            yield from names.check_namespace(namespace)
    for words in _find_calls(codes, "velero"):
        yield from names.check_backup(read_arguments(words, OF_VELERO))


def list_forwarded(codes: list[Code]) -> set[str]:
    """Return the local ports that the commands of a page forward."""
    return {port.text.split(":")[0] for each in _read_commands(codes) for port in each.ports}


def _read_commands(codes: list[Code]) -> Iterator[Command]:
    for words in _find_calls(codes, "kubectl"):
        if command := read_command(words):
            yield command


def _find_calls(codes: list[Code], program: str) -> Iterator[list[Word]]:
    """Yield the words after the name of a program in each command of a page."""
    for code in codes:
        for words in find_commands(code) if program in code.text else ():
            at = next((n for n, word in enumerate(words) if word.text == program), None)
            if at is not None:
                yield words[at + 1 :]


class Names:
    """The names that a page may contain."""

    def __init__(self, rendered: Rendered, created: Iterable[tuple[str, str]]) -> None:
        self._rendered = rendered
        self.created = set(created)
        self._custom = {w: kind for kind in rendered.by_kind for w in list_words(kind)}

    def check(self, command: Command) -> Iterator[Problem]:
        """Yield what is wrong with a command."""
        wrong = list(_check_options("kubectl", command.arguments, kubectl.KNOWN_OPTIONS))
        wrong += _check_verb("kubectl", command.verb, COMMANDS)
        yield from wrong
        if wrong or command.verb.text not in COMMANDS:
            return
        namespace = next(iter(command.namespaces), None)
        if namespace and namespace.text != NAMESPACE:
            yield from self.check_namespace(namespace)
            return
        if command.is_everywhere:
            return
        yield from self._check_kinds(command)
        found, wrong = self._find_targets(command)
        yield from wrong
        if wrong:
            return
        yield from self._check_selectors(command)
        yield from self._check_containers(command, found)
        yield from self._check_ports(command, found)

    def check_backup(self, arguments: Arguments) -> Iterator[Problem]:
        """Yield what is wrong with the options of a command of Velero."""
        for name in arguments.get("from-schedule"):
            yield from self.check_name("Schedule", name)
        for option in arguments.get("include-namespaces", "namespace", "n"):
            for namespace in option.split(","):
                yield from self.check_namespace(namespace)
        for selector in arguments.get("selector", "l"):
            yield from find_unmatched(selector, self._list_labels({"Pod"}))

    def check_namespace(self, word: Word) -> Iterator[Problem]:
        """Yield an error if a namespace is neither the release's nor that of a known system."""
        known = self._rendered.namespaces | OTHER_NAMESPACES | {NAMESPACE}
        known |= {name for kind, name in self.created if kind == "Namespace"}
        if not is_placeholder(word.text) and word.text not in known:
            yield word.at, f"no chart uses the namespace `{word.text}`{suggest(word.text, known)}"

    def _check_kinds(self, command: Command) -> Iterator[Problem]:
        known = {word for words in KINDS.values() for word in words.split()} | self._custom.keys()
        for word in dict.fromkeys([*command.kinds, *(kind for kind, _ in command.objects)]):
            text = word.text
            if not is_placeholder(text) and self._find_kind(word) is None:
                yield word.at, f"kubectl knows no kind `{text}`{suggest(text, known)}"

    def _find_kind(self, word: Word) -> str | None:
        return find_kind(word.text, self._custom) if word.text else "Pod"

    def _find_targets(self, command: Command) -> tuple[list[Facts], list[Problem]]:
        """Return the objects that a command names, and each name that is unknown."""
        found: list[Facts] = []
        wrong: list[Problem] = []
        for word, name in command.objects:
            if (kind := self._find_kind(word)) is not None:
                wrong += self.check_name(kind, name)
                found += self._rendered.find(kind, name.text) or []
        return found, wrong

    def check_name(self, kind: str, name: Word) -> Iterator[Problem]:
        """Yield an error if no chart renders an object, and the page does not create the object."""
        if is_placeholder(name.text) or (kind, name.text) in self.created:
            return
        is_known = self._rendered.find(kind, name.text) is not None
        if not is_known and (write := self._correct(kind, name.text)) is not None:
            yield name.at, f"no chart renders {kind}/{name.text}{write}"

    def _correct(self, kind: str, name: str) -> str | None:
        """Return what to write in place of an unknown name; None if the name may exist.

        Other systems have objects of kinds that no chart renders, and users create Secrets.
        """
        known = self._rendered.list_known(kind)
        if not known:
            return None
        if kind in _OF_USERS and not get_close_matches(name, known, n=1, cutoff=0.8):
            return None
        same = self._rendered.list_workloads(name) if kind != "Service" else []
        created = {own for each, own in self.created if each == kind}
        return f"; write {' or '.join(same)}" if same else suggest(name, known | created)

    def _check_selectors(self, command: Command) -> Iterator[Problem]:
        kinds = {self._find_kind(word) for word in command.kinds} or {"Pod"}
        for selector in command.selectors:
            yield from find_unmatched(selector, self._list_labels(kinds))

    def _list_labels(self, kinds: set[str | None]) -> list[Mapping[str, Any]]:
        """Return the labels of each object of some kinds; none if no chart renders a kind."""
        found: list[Mapping[str, Any]] = []
        for kind in kinds:
            objects = [
                o for some in self._rendered.by_kind.get(str(kind), {}).values() for o in some
            ]
            if kind == ALL:
                return []
            if kind in ("Pod", "ReplicaSet"):
                found += [pod["labels"] for pod in self._rendered.list_pods()]
            elif objects:
                found += [each.get("labels", {}) for each in objects]
            else:
                return []
        return found

    def _check_containers(self, command: Command, found: list[Facts]) -> Iterator[Problem]:
        if not command.containers:
            return
        objects = [each for each in found if each.get("pods")]
        names = " or ".join(name.text for _, name in command.objects if objects)
        if not objects:
            objects = [each for each in self._rendered.objects if self._is_selected(each, command)]
        known = self._rendered.list_containers(objects)
        for word in command.containers:
            if known and not is_placeholder(word.text) and word.text not in known | INJECTED:
                of = f"{names} has no container" if names else "no pod has a container"
                write = suggest(word.text, known) or f"; write {' or '.join(sorted(known)[:6])}"
                yield word.at, f"{of} `{word.text}`{write}"

    def _is_selected(self, facts: Facts, command: Command) -> bool:
        """Return whether pods of an object have the labels that a command selects."""
        return any(
            not any(find_unmatched(selector, [pod["labels"]]) for selector in command.selectors)
            for pod in facts.get("pods", ())
        )

    def _check_ports(self, command: Command, found: list[Facts]) -> Iterator[Problem]:
        known = {str(port) for each in found for port in each.get("ports", ())}
        for word in command.ports:
            port = word.text.rpartition(":")[2]
            if known and port not in known and re.fullmatch(r"[a-z0-9-]+", port):
                listed = ", ".join(sorted(p for p in known if p.isdigit()))
                yield word.at, f"the Service has no port {port}; its ports are {listed}"


def _check_verb(program: str, verb: Word, known: Collection[str]) -> Iterator[Problem]:
    if verb.text not in known and not is_placeholder(verb.text):
        yield verb.at, f"{program} has no command `{verb.text}`{suggest(verb.text, known)}"


def _check_options(program: str, given: Arguments, known: Collection[str]) -> Iterator[Problem]:
    """Yield each unknown option that is similar to a known one; not all options are listed."""
    for name in given.names:
        near = get_close_matches(name.text, sorted(known), n=1, cutoff=0.8)
        if len(name.text) > 2 and near and name.text not in known:
            yield name.at, f"{program} has no option --{name.text}; write --{near[0]}"


def suggest(text: str, known: Iterable[str]) -> str:
    """Return what to write in place of a text, if some of the known texts are similar."""
    names = sorted(known)
    near = [name for name in names if text.startswith(f"{name}-") or name.startswith(f"{text}-")]
    near = near or get_close_matches(text, names, n=1, cutoff=0.5)
    return f"; write {' or '.join(near[:4])}" if near else ""
