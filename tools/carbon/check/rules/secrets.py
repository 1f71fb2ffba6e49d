"""No secret value is drawn: not as an object, in the environment, an argument or a URI."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, to_json

SENSITIVE = re.compile(r"PASSW|SECRET|TOKEN|ACCESS_KEY|CREDENTIAL|PRIVATE", re.I)
PATH = re.compile(r"/[\w/.-]+|")
"""Where a Secret is mounted; that is no secret."""
URI = re.compile(r"\w+://[^\s/@\"'{}$:\\]*:[^\s/@\"'{}$\\]+@")
ARGUMENT = re.compile(
    r"^--?([\w-]+-)?(password|passwd|secret|token|api-?key|access-?key|secret-?key)=[^$/]+$", re.I
)


@rule("secrets/object", "Take it from a Secret that exists: existingSecret.", house=True)
def check_objects(chart: RenderedChart) -> Iterator[Violation]:
    """No Secret is drawn: the stored release would hold it."""
    for obj in chart.of_kind("Secret"):
        yield Violation(obj, ("kind",), f"{obj.identity} is drawn")


@rule("secrets/environment", "Take it from a Secret: common.secretEnv.")
def check_environment(chart: RenderedChart) -> Iterator[Violation]:
    """What is sensitive in the environment comes from a Secret."""
    for obj, _, each, path in chart.containers():
        for entry in each.get("env") or []:
            name = str(entry.get("name"))
            clear = "value" in entry and not PATH.fullmatch(str(entry["value"] or ""))
            if clear and SENSITIVE.search(name):
                wrong = f"{obj.identity}: {each.get('name')}: {name} stands in clear"
                yield Violation(obj, (*path, f"name={name}"), wrong)


@rule("secrets/argument", "Pass it as environment from a Secret, or as a file.")
def check_argument(chart: RenderedChart) -> Iterator[Violation]:
    """No argument holds a secret, which `ps` would show."""
    for obj, _, each, path in chart.containers():
        given = [*(each.get("command") or []), *(each.get("args") or [])]
        for word in given:
            if ARGUMENT.search(str(word)):
                wrong = f"{obj.identity}: {each.get('name')}: an argument holds a secret"
                yield Violation(obj, (*path, "command"), wrong)


@rule("secrets/uri", "Pass user and password beside the URI, as environment from a Secret.")
def check_uris(chart: RenderedChart) -> Iterator[Violation]:
    """No URI holds a password."""
    for obj in chart.objects:
        if URI.search(to_json(obj.body)):
            yield Violation(obj, (), f"{obj.identity} holds a URI with a password")


@rule("secrets/contract", "Name it in values as existingSecret: {name, keys}.", house=True)
def check_contract(chart: RenderedChart) -> Iterator[Violation]:
    """Every Secret and key that a pod refers to is named in the values, by the one contract."""
    named = set(_named(chart.values))
    for obj, pod in chart.pods():
        for secret, key in referred(pod):
            known = {k for name, k in named if name == secret}
            if secret and not (key in known or (known and key.startswith("generation-"))):
                wrong = f"{obj.identity}: Secret {secret}, key {key} is in no values"
                yield Violation(obj, ("secretKeyRef",), wrong)


def referred(node: Any) -> Iterator[tuple[str, str]]:
    """Every Secret and key that a pod needs, in environment and volumes."""
    if isinstance(node, list):
        for each in node:
            yield from referred(each)
    if not isinstance(node, dict):
        return
    if isinstance(reference := node.get("secretKeyRef"), dict) and not reference.get("optional"):
        yield str(reference.get("name")), str(reference.get("key"))
    volume = node.get("secret")
    if isinstance(volume, dict) and not volume.get("optional"):
        name = volume.get("secretName") or volume.get("name")
        for item in volume.get("items") or []:
            yield str(name), str(item.get("key"))
    for child in node.values():
        yield from referred(child)


def _named(node: Any) -> Iterator[tuple[str, str]]:
    """Every Secret and key that values name: {name, keys: {what: key}}, or {name, key}."""
    if isinstance(node, list):
        for each in node:
            yield from _named(each)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("keys"), dict):
        for key in node["keys"].values():
            yield str(node.get("name")), str(key)
    if "key" in node:
        yield str(node.get("name")), str(node["key"])
    yield from ((name, key) for name, key in referred(node))
    for child in node.values():
        yield from _named(child)
