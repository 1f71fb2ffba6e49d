"""Credentials: a user name and a password come from different keys of a Secret."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.rules.references import find_maps
from carbon.check.trees import iterate_maps

USER, PASSWORD = "user name", "password"
_WORD = re.compile(
    r"(?P<user>USER|LOGIN|CLIENT[_-]?ID|(?<!SECRET)(?<!SECRET[_-])ACCESS[_-]?KEY)"
    r"|PASS|PWD|TOKEN|SECRET(?![_-](?!ACCESS|KEY))",
    re.I,
)
Key = tuple[str, str]
"""Name and key of a Secret."""


@dataclass(frozen=True)
class Use:
    """A variable, file or field that has the value of a key of a Secret."""

    name: str
    key: Key
    path: KeyPath

    @property
    def role(self) -> str:
        """USER or PASSWORD, as the name suggests; empty if the name suggests neither."""
        return find_role(self.name)


def find_role(name: str) -> str:
    """Return USER for a name such as PGUSER, PASSWORD for secretKey, an empty string for PGHOST."""
    *_, last = [None, *_WORD.finditer(name)]
    return "" if last is None else USER if last["user"] else PASSWORD


@rule("secrets/keys", "Read user name and password from their own keys of the Secret.")
def check_keys(chart: RenderedChart) -> Iterator[Violation]:
    """No password is read from the key of a user name, nor a user name from that of a password."""
    purposes = _read_purposes(chart.values)
    for obj, where, uses in _list_uses(chart):
        for use in uses:
            secret, key = use.key
            stated = purposes[use.key] - {""} or {_read_key(key)}
            shared = [each.name for each in uses if each.key == use.key and each.role == USER]
            reason = ""
            if use.role and stated in ({USER}, {PASSWORD}) and use.role not in stated:
                reason = f", which is the {min(stated)}"
            elif use.role == PASSWORD and stated != {PASSWORD} and shared:
                reason = f", as {shared[0]} does"
            if reason:
                wrong = f"{where}: {use.name} reads the key {key} of Secret/{secret}{reason}"
                yield Violation(obj, use.path, wrong)


def _read_key(key: str) -> str:
    """Return USER or PASSWORD for a key that no values name; empty for a key like password-user."""
    roles = {USER if word["user"] else PASSWORD for word in _WORD.finditer(key)}
    return roles.pop() if len(roles) == 1 else ""


def _read_purposes(values: Any) -> dict[Key, set[str]]:
    """Return the roles of each Secret and key in `{name, keys: {purpose: key}}` of values."""
    found = defaultdict(set)
    for each in iterate_maps(values):
        for purpose, key in each["keys"].items() if isinstance(each.get("keys"), dict) else ():
            found[str(each.get("name")), str(key)].add(find_role(str(purpose)))
    return found


def _list_uses(chart: RenderedChart) -> Iterator[tuple[RenderedObject, str, list[Use]]]:
    """Yield object, name and Secret keys read, for each container, volume and basicAuth."""
    for container in chart.containers():
        uses = []
        for entry in container.body.get("env") or []:
            reference = (entry.get("valueFrom") or {}).get("secretKeyRef")
            path = (*container.path, f"name={entry.get('name')}", "secretKeyRef", "key")
            uses += [_make_use(entry.get("name"), reference, path)] if reference else []
        yield container.object, container.name, uses
    for obj, pod in chart.pods():
        for volume in pod["spec"].get("volumes") or []:
            source, name = volume.get("secret") or {}, volume.get("name")
            uses = [
                _make_use(file, {"name": source.get("secretName"), **item}, path)
                for item in source.get("items") or []
                for file in [item.get("path")]
                for path in [("volumes", f"name={name}", "items", f"path={file}", "key")]
            ]
            yield obj, f"{obj.identity}: the volume {name}", uses
    for obj, uses in list_basic_auth(chart):
        yield obj, f"{obj.identity}: basicAuth", uses


def list_basic_auth(chart: RenderedChart) -> Iterator[tuple[RenderedObject, list[Use]]]:
    """Yield object and Secret keys read, for each basicAuth of a monitor."""
    for obj in chart.objects:
        for each in find_maps(obj.spec, "basicAuth"):
            yield (
                obj,
                [
                    _make_use(field, reference, ("basicAuth", str(field), "key"))
                    for field, reference in each.items()
                    if isinstance(reference, dict)
                ],
            )


def _make_use(name: Any, reference: dict[str, Any], path: KeyPath) -> Use:
    return Use(str(name), (str(reference.get("name")), str(reference.get("key"))), path)
