"""Compares the verdicts of the upgrade check with the answers of an API server."""

from base64 import b64encode
from collections.abc import Iterator
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
from carbon.upgrade.rules.immutable import HOOK

EXEMPTIONS = Path(__file__).parent / "exemptions.yaml"
_SERVER = {"managedFields", "generation", "resourceVersion", "creationTimestamp", "uid"}
"""The fields of metadata that the API server sets."""


@dataclass(frozen=True)
class Exemption:
    """A verdict of the check that the API server need not share."""

    fields: str
    """The path of the fields."""
    ways: tuple[str, ...]
    """The ways of upgrading in which the API server answers otherwise."""
    rule: str
    """A rule that reports the object; empty for every object of `kind`."""
    kind: str
    accepts: bool
    """True if the API server accepts what the check refuses."""


@cache
def read_exemptions() -> tuple[Exemption, ...]:
    """Return the rows of exemptions.yaml."""
    return tuple(
        Exemption(
            row["fields"],
            tuple(row.get("ways", WAYS)),
            row.get("rule", ""),
            row.get("kind", ""),
            bool(row.get("accepts")),
        )
        for row in read_yaml(EXEMPTIONS).values()
    )


def _list_exemptions(pair: Pair, way: str, findings: list[Finding]) -> list[Exemption]:
    rules = {each.rule for each in findings if each.subject == identity(pair.new)}
    return [
        each
        for each in read_exemptions()
        if way in each.ways and (each.rule in rules or each.kind == pair.kind)
    ]


def list_sent(comparison: Comparison) -> list[Pair]:
    """Return what Helm sends: the objects that both versions have and differ, and new objects.

    Helm deletes the object of a hook before it creates the next one.
    """
    sent = []
    for pair in comparison.pairs:
        if pair.after is None or get_path(pair.after, HOOK):
            continue
        known = pair.is_kept and not get_path(pair.before, HOOK)
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


def _compare(pair: Pair, way: str, answer: Answer, findings: list[Finding]) -> Iterator[str]:
    name = identity(pair.new)
    refused = [f for f in findings if f.subject == name and WAYS[way] in f.helm]
    exempt = _list_exemptions(pair, way, findings)
    if not answer.error:
        accepted = {each.rule for each in exempt if each.accepts}
        refused = [each for each in refused if each.rule not in accepted]
    if answer.error and not refused:
        yield f"only the API server refuses {', '.join(answer.fields)}: {answer.error}"
    elif refused and not answer.error:
        yield f"only the check refuses {', '.join(f.field for f in refused)}"
    elif answer.error:
        yield from _compare_fields(answer, refused)
    elif pair.before:
        yield from _compare_changes(pair, answer, exempt)


def _compare_fields(answer: Answer, refused: list[Finding]) -> Iterator[str]:
    """Yield each field that one side alone refuses: one path must begin with the other."""
    named = {field: list(_split(field)) for field in answer.fields}
    paths = {finding.field: _join_data(finding.path) for finding in refused}
    for field, meant in named.items():
        if not any(_agree(one, path) for one in meant for path in paths.values()):
            yield f"only the API server refuses {field}: {answer.error}"
    for field, path in paths.items():
        if not any(_agree(one, path) for meant in named.values() for one in meant):
            yield f"only the check refuses {field}: {answer.error}"


_MEANT = {
    "spec.clusterIPs": ("spec.clusterIP", "spec.ipFamilies"),
    "volumeMode": ("spec.volumeMode",),
}
"""The fields that the API server means by another name."""


def _split(field: str) -> Iterator[KeyPath]:
    """Yield the paths of a field that the API server names, such as spec.ports[0].name."""
    head, bracket, rest = field.partition("[")
    for name in _MEANT.get(head, (head,)):
        yield tuple(f"{name}{bracket}{rest}".replace("[", ".").replace("]", "").split("."))


def _join_data(path: KeyPath) -> KeyPath:
    """Return the path of a field as the API server stores it: stringData becomes data."""
    return ("data", *path[1:]) if path[0] == "stringData" else path


def _agree(one: KeyPath, other: KeyPath) -> bool:
    """Return whether one path begins with the other; a list's entry counts as any entry."""
    return all(
        a == b or (a.isdecimal() and (b.isdecimal() or "=" in b))
        for a, b in zip(one, other, strict=False)
    )


def _compare_changes(pair: Pair, answer: Answer, exempt: list[Exemption]) -> Iterator[str]:
    """Yield each field that changes on one side alone, defaults and units apart."""
    before, after = (strip(each or {}) for each in (answer.before, answer.after))
    real = {".".join(change.path) for change in list_changes(before, after)}
    expected = {".".join(change.path) for change in _list_expected(pair)}
    for field in sorted(real ^ expected):
        if not any(f"{field}.".startswith(f"{each.fields}.") for each in exempt):
            yield f"{field} changes only {'on the API server' if field in real else 'offline'}"


def _list_expected(pair: Pair) -> Iterator[Change]:
    """Yield the changes of an object, those of stringData as the API server stores them."""
    return list_changes(encode(pair.old), encode(pair.new))


def encode(body: Object) -> Object:
    """Return an object with its stringData in data, as the API server stores it."""
    given = body.get("stringData") or {}
    if not given:
        return body
    data = {key: b64encode(value.encode()).decode() for key, value in given.items()}
    rest = {key: value for key, value in body.items() if key != "stringData"}
    return rest | {"data": (body.get("data") or {}) | data}


def strip(stored: Object) -> Object:
    """Return a stored object, normalized, without the fields that the API server manages."""
    meta = {k: v for k, v in stored.get("metadata", {}).items() if k not in _SERVER}
    body: dict[str, Any] = {k: v for k, v in stored.items() if k != "status"}
    return normalize(body | {"metadata": meta})
