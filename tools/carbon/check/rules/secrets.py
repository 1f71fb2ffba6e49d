"""No render contains a password: not in a Secret, a variable, an argument or a URI."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, to_json
from carbon.check.rules.access.credentials import list_basic_auth
from carbon.check.trees import iterate_maps

SENSITIVE = re.compile(r"PASSW|SECRET|TOKEN|ACCESS_KEY|CREDENTIAL|PRIVATE", re.I)
PATH = re.compile(r"/[\w/.-]+|")
"""A path where a Secret is mounted, which is not secret itself."""
URI = re.compile(r"\w+://[^\s/@\"'{}$:\\]*:[^\s/@\"'{}$\\]+@")
ARGUMENT = re.compile(
    r"^--?([\w-]+-)?(password|passwd|secret|token|api-?key|access-?key|secret-?key)=[^$/]+$", re.I
)
VARIABLE = re.compile(r"(?<!\$)\$\((\w+)\)")
"""A variable that Kubernetes expands in a command or an argument."""


@rule("secrets/object", "Read an existing Secret: existingSecret.", house=True)
def check_objects(chart: RenderedChart) -> Iterator[Violation]:
    """A chart renders no Secret: Helm would store it in the release."""
    for obj in chart.of_kind("Secret"):
        yield Violation(obj, ("kind",), f"the chart renders {obj.identity}")


@rule("secrets/environment", "Read the variable from a Secret: common.secretEnv.")
def check_environment(chart: RenderedChart) -> Iterator[Violation]:
    """Sensitive environment variables come from a Secret."""
    for obj, _, each, path in chart.containers():
        for entry in each.get("env") or []:
            name = str(entry.get("name"))
            clear = "value" in entry and not PATH.fullmatch(str(entry["value"] or ""))
            if clear and SENSITIVE.search(name):
                wrong = f"{obj.identity}: {each.get('name')}: {name} is in plain text"
                yield Violation(obj, (*path, f"name={name}"), wrong)


@rule("secrets/argument", "Pass the secret as an environment variable from a Secret, or as a file.")
def check_argument(chart: RenderedChart) -> Iterator[Violation]:
    """No argument contains a secret, which `ps` would show."""
    for obj, _, each, path in chart.containers():
        given = [*(each.get("command") or []), *(each.get("args") or [])]
        secret = {
            str(variable.get("name"))
            for variable in each.get("env") or []
            if (variable.get("valueFrom") or {}).get("secretKeyRef")
            and SENSITIVE.search(str(variable.get("name")))
        }
        for word in given:
            expanded = secret & set(VARIABLE.findall(str(word)))
            if ARGUMENT.search(str(word)) or expanded:
                name = f", the variable {min(expanded)}" if expanded else ""
                wrong = f"{obj.identity}: {each.get('name')}: an argument contains a secret{name}"
                yield Violation(obj, (*path, "command"), wrong)


@rule("secrets/uri", "Pass user and password as environment variables from a Secret.")
def check_uris(chart: RenderedChart) -> Iterator[Violation]:
    """No URI contains a password."""
    for obj in chart.objects:
        if URI.search(to_json(obj.body)):
            yield Violation(obj, (), f"{obj.identity} contains a URI with a password")


@rule("secrets/contract", "Set the Secret in values as existingSecret: {name, keys}.", house=True)
def check_contract(chart: RenderedChart) -> Iterator[Violation]:
    """The values name every Secret and key that a pod or a monitor reads, as `existingSecret`."""
    named = {*_find_named(chart.values), *find_secret_keys(chart.values)}
    for obj, pod in chart.pods():
        for secret, key in find_secret_keys(pod):
            known = {k for name, k in named if name == secret}
            if secret and not (key in known or (known and key.startswith("generation-"))):
                wrong = f"{obj.identity}: no values name Secret/{secret} with the key {key}"
                yield Violation(obj, ("secretKeyRef",), wrong)
    names = {name for name, _ in named}
    for obj, use in ((obj, use) for obj, uses in list_basic_auth(chart) for use in uses):
        secret, key = use.key
        if secret in names and use.key not in named:
            wrong = f"{obj.identity}: no values name Secret/{secret} with the key {key}"
            yield Violation(obj, use.path, wrong)


def find_secret_keys(node: Any) -> Iterator[tuple[str, str]]:
    """Yield every Secret and key that a pod needs, in variables and volumes."""
    for each in iterate_maps(node):
        reference, volume = each.get("secretKeyRef"), each.get("secret")
        if isinstance(reference, dict) and not reference.get("optional"):
            yield str(reference.get("name")), str(reference.get("key"))
        if isinstance(volume, dict) and not volume.get("optional"):
            name = volume.get("secretName") or volume.get("name")
            for item in volume.get("items") or []:
                yield str(name), str(item.get("key"))


def _find_named(node: Any) -> Iterator[tuple[str, str]]:
    """Yield every Secret and key that values name: {name, keys: {x: key}}, or {name, key}."""
    for each in iterate_maps(node):
        keys = each.get("keys")
        named = [*keys.values()] if isinstance(keys, dict) else []
        for key in [*named, each["key"]] if "key" in each else named:
            yield str(each.get("name")), str(key)
