"""Compares the verdicts of the upgrade check with the answers of an API server."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.live.verdicts.helm_update import WAYS, Answer, Updater

from carbon.charts.render import Object, identity
from carbon.check.findings import KeyPath
from carbon.files import read_yaml
from carbon.upgrade.findings import Finding
from carbon.upgrade.objects.changes import Change, get_path, list_changes
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.objects.normalize import normalize
from carbon.upgrade.objects.pairing import Pair
from carbon.upgrade.rules import run_rules

EXCEPTIONS = Path(__file__).parent / "exceptions.yaml"
_HOOK: KeyPath = ("metadata", "annotations", "helm.sh/hook")
_SERVER = {"managedFields", "generation", "resourceVersion", "creationTimestamp", "uid"}
"""The fields of metadata that the API server sets."""


@dataclass(frozen=True)
class Kept:
    """Fields that the API server stores otherwise than rendered, as a rule of the check reports."""

    rule: str
    fields: str
    """The path of the fields."""
    ways: tuple[str, ...]
    """The ways of upgrading in which the API server does so."""


@cache
def read_exceptions() -> tuple[Kept, ...]:
    """Return the rows of exceptions.yaml."""
    return tuple(
        Kept(rule, row["fields"], tuple(row.get("ways", WAYS)))
        for rule, row in read_yaml(EXCEPTIONS).items()
    )


def list_sent(comparison: Comparison) -> list[Pair]:
    """Return what Helm sends: the objects that both versions have and differ, and new objects.

    Helm deletes the object of a hook before it creates the next one.
    """
    sent = []
    for pair in comparison.pairs:
        if pair.after is None or get_path(pair.after, _HOOK):
            continue
        known = pair.is_kept and not get_path(pair.before, _HOOK)
        if not known or pair.before != pair.after:
            sent.append(Pair(pair.before if known else None, pair.after))
    return sent


def find_differences(comparison: Comparison, updater: Updater) -> list[str]:
    """Return each verdict of the upgrade check that the API server does not share."""
    sent = list_sent(comparison)
    answers = updater.update((pair.before, pair.after) for pair in sent)
    findings = run_rules(comparison)
    return [
        f"{way}: {name}: {difference}"
        for pair, each in zip(sent, answers, strict=True)
        for way, answer in each.items()
        for name in [identity(pair.new)]
        for difference in _compare(pair, way, answer, findings)
    ]


def _compare(pair: Pair, way: str, answer: Answer, findings: Iterable[Finding]) -> Iterator[str]:
    name = identity(pair.new)
    refused = [f for f in findings if f.subject == name and WAYS[way] in f.helm]
    if answer.error and not refused:
        yield f"only the API server refuses {', '.join(answer.fields)}: {answer.error}"
    elif refused and not answer.error:
        yield f"only the check refuses {', '.join(f.field for f in refused)}"
    elif answer.error:
        yield from _compare_fields(answer, refused)
    elif pair.before:
        yield from _compare_changes(pair, way, answer, findings)


def _compare_fields(answer: Answer, refused: list[Finding]) -> Iterator[str]:
    """Yield each field that one side alone refuses: one path must begin with the other."""
    fields = {field: _split(field) for field in answer.fields}
    for field, path in fields.items():
        if not any(_agree(path, finding.path) for finding in refused):
            yield f"only the API server refuses {field}: {answer.error}"
    for finding in refused:
        if not any(_agree(path, finding.path) for path in fields.values()):
            yield f"only the check refuses {finding.field}: {answer.error}"


def _split(field: str) -> KeyPath:
    """Return the path of a field that the API server names, such as spec.ports[0].name.

    The API server judges clusterIP by its copy in the list clusterIPs.
    """
    field = field.replace("spec.clusterIPs", "spec.clusterIP")
    return tuple(field.replace("[", ".").replace("]", "").split("."))


def _agree(one: KeyPath, other: KeyPath) -> bool:
    """Return whether one path begins with the other; a list's entry counts as any entry."""
    return all(
        a == b or (a.isdecimal() and (b.isdecimal() or "=" in b))
        for a, b in zip(one, other, strict=False)
    )


def _compare_changes(
    pair: Pair, way: str, answer: Answer, findings: Iterable[Finding]
) -> Iterator[str]:
    """Yield each field that changes on one side alone, defaults and units apart."""
    stored = [_strip(each) for each in (answer.before, answer.after) if each]
    real = {".".join(change.path) for change in list_changes(*stored)}
    expected = {".".join(change.path) for change in _list_expected(pair)}
    rules = {each.rule for each in findings if each.subject == identity(pair.new)}
    excepted = [e for e in read_exceptions() if e.rule in rules and way in e.ways]
    for field in sorted(real ^ expected):
        if not any(f"{field}.".startswith(f"{each.fields}.") for each in excepted):
            yield f"{field} changes only {'on the API server' if field in real else 'offline'}"


def _list_expected(pair: Pair) -> Iterator[Change]:
    """Yield the changes of an object, those of stringData as the API server stores them."""
    return list_changes(*(_encode(body) for body in (pair.old, pair.new)))


def _encode(body: Object) -> Object:
    given = body.get("stringData") or {}
    if not given:
        return body
    data = {key: b64encode(value.encode()).decode() for key, value in given.items()}
    rest = {key: value for key, value in body.items() if key != "stringData"}
    return rest | {"data": (body.get("data") or {}) | data}


def _strip(stored: Object) -> Object:
    meta = {k: v for k, v in stored["metadata"].items() if k not in _SERVER}
    body: dict[str, Any] = {k: v for k, v in stored.items() if k != "status"}
    return normalize(body | {"metadata": meta})
