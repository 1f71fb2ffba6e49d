"""What the upgrade check states about a release, beside what an API server does with the upgrade.

The API server has no controllers: a changed pod template stands for a restart, since it is what
makes the controllers replace pods. What becomes of data, tests/live/upgrade sees on a node.
"""

from collections.abc import Iterator, Mapping

import pytest
from tests.live.verdicts.comparison import list_sent, strip
from tests.live.verdicts.helm_update import Answer, Updater

from carbon.charts.render import Object, identity
from carbon.release.index import read_index
from carbon.upgrade.cases import list_cases
from carbon.upgrade.findings import Severity
from carbon.upgrade.objects.changes import get_path, list_changes
from carbon.upgrade.objects.comparison import RUNNING, Comparison, get_template_path
from carbon.upgrade.rules import run_rules
from carbon.upgrade.run import render_case
from carbon.upgrade.sides import find_new, find_side

VERSIONS = [release.version for release in read_index()]
STORING = ("StatefulSet", "PersistentVolumeClaim")
KEEP = ("metadata", "annotations", "helm.sh/resource-policy")
Table = Mapping[str, set[str]]
"""Topic -> the objects that it concerns, as Kind/name."""


def list_stated(comparison: Comparison) -> Table:
    """Return the objects about which the check reports something."""
    findings = list(run_rules(comparison))
    return {
        "restarts": {each.subject for each in findings if each.rule == "restart/template"},
        "storage refused": {
            each.subject
            for each in findings
            if each.rule.startswith("immutable/") and each.subject.startswith(STORING)
        },
        "storage lost": {
            each.subject
            for each in findings
            if each.rule.startswith("storage/") and each.severity == Severity.BREAKING
        },
        "Secrets lost": {
            each.subject
            for each in findings
            if each.rule.startswith("secrets/") and each.severity == Severity.BREAKING
        },
        "other objects refused": {
            each.subject
            for each in findings
            if each.rule.startswith("immutable/") and not each.subject.startswith(STORING)
        },
    }


def list_seen(comparison: Comparison, updater: Updater) -> Table:
    """Return the objects that the API server refuses, changes or no longer has."""
    sent = list_sent(comparison)
    answers = updater.update((pair.before, pair.after) for pair in sent)
    helm4 = [(pair.new, answer["helm4"]) for pair, answer in zip(sent, answers, strict=True)]
    refused = {identity(body) for body, answer in helm4 if answer.error}
    storing = {name for name in refused if name.startswith(STORING)}
    gone = {identity(body): body for body in _list_deleted(comparison)}
    return {
        "restarts": {identity(body) for body, answer in helm4 if _has_new_template(body, answer)},
        "storage refused": storing,
        "storage lost": {name for name in gone if name.startswith(STORING)},
        "Secrets lost": {name for name in gone if name.startswith("Secret")},
        "other objects refused": refused - storing,
    }


def _has_new_template(body: Object, answer: Answer) -> bool:
    """Return whether the API server stores another pod template for pods that run without end."""
    path = get_template_path(body["kind"]) if body["kind"] in RUNNING else None
    if not path or not answer.before or not answer.after:
        return False
    before, after = strip(dict(answer.before)), strip(dict(answer.after))
    return any(each.path[: len(path)] == path for each in list_changes(before, after))


def _list_deleted(comparison: Comparison) -> Iterator[Object]:
    """Yield the objects that Helm deletes."""
    for pair in comparison.pairs:
        if pair.before and not pair.after and get_path(pair.before, KEEP) != "keep":
            yield pair.before


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_check_states_is_what_the_api_server_does(version: str, updater: Updater) -> None:
    different, counts = [], dict.fromkeys(list_stated(Comparison("", (), ())), (0, 0))
    cases = list_cases(find_side(version), find_new())
    for case in cases:
        found = render_case(case)
        if isinstance(found, list):
            continue
        stated, seen = list_stated(found), list_seen(found, updater)
        for topic, (one, other) in counts.items():
            counts[topic] = one + len(stated[topic]), other + len(seen[topic])
            if stated[topic] != seen[topic]:
                different.append(f"{case}: {topic}: {stated[topic]} stated, {seen[topic]} seen")
    print(f"from {version}, {len(cases)} values files, objects stated and seen: {counts}")
    assert not different, "\n".join(different)
