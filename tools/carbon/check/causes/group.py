"""One finding for one cause: findings of a rule at the same line become one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from carbon.check.causes.locate import Cause, strip_hash
from carbon.check.findings import Finding
from carbon.check.render.shapes import SHAPELESS

SHOWN = 5
"""Maximum number of messages that one finding shows."""
LISTED = 12
"""Maximum number of objects that one finding shows; JSON lists all."""
MANY = 4
"""Findings with the same message at this many lines, or more, become one finding."""
Key = tuple[str, str, int, str]
SAME = {
    "pods/limits": "CKV_K8S_1[0123] container-resources container-cpu container-memory",
    "pods/probes": "CKV_K8S_[89] pod-probes",
    "pods/image": "CKV_K8S_14 CKV_K8S_15 container-image-tag",
    "security/non-root": "CKV_K8S_23 CKV_K8S_40 container-security-context-user-group-id",
    "security/seccomp": "CKV_K8S_31 container-seccomp-profile",
    "security/escalation": "CKV_K8S_20 container-security-context-privileged",
    "security/read-only": "CKV_K8S_22 container-security-context-readonlyrootfilesystem",
    "security/capabilities": "CKV_K8S_(25|28|37)",
    "security/privileged": "CKV_K8S_16 container-security-context-privileged",
    "security/host": "CKV_K8S_1[789]",
    "security/host-port": "CKV_K8S_26",
    "secrets/environment": "environment-variable-key-duplication",
    "tokens": "CKV_K8S_38",
    "rbac": "CKV_K8S_49 CKV_K8S_15[5-8]",
    "labels/namespace": "CKV_K8S_21",
    "jobs/restarts": "cronjob-restartpolicy",
    "jobs/late": "cronjob-has-deadline",
    "references/configmap": "kube-score/readable",
}
"""Rules of this check -> patterns of the published rules for the same mistake."""
VALID = "kubernetes/valid"
REFUSED = "kubernetes/accepted"
"""The rule about refusals of the API server, which often refuses what another rule reports."""
BROKEN = {"render/accepted", "chart/readable", "values/valid", "check/complete"}
"""Rules that report a chart that does not render with some values, or a step without a result."""
_FOLLOWING = ("suites/", "check/complete")
"""Rules that report such a chart only as a consequence."""
_PUBLISHED = re.compile(r"^(checkov|kube-score)/")
OF_KEYS = {"values/covered", "render/identical"}
"""Rules about keys and names, whose messages differ only in these."""
_KEYS = re.compile(r"[\w-]+(\.[\w-]+)+|\"[^\"]*\"")
_NUMBERS = re.compile(r"\d+")


def place_findings(
    findings: Sequence[Finding], causes: Mapping[Key, Cause], shown: Mapping[Cause, str]
) -> dict[Finding, Finding]:
    """Return each finding at the line of its cause.

    A cause with `shared` counts only if findings of one rule about several objects have it.
    """
    users: dict[tuple[str, Cause], set[str]] = {}
    for each in findings:
        if each.key in causes:
            users.setdefault((each.rule, causes[each.key]), set()).add(each.subject)
    placed = {}
    for each in findings:
        cause = causes.get(each.key)
        if cause is not None and (not cause.shared or len(users[each.rule, cause]) > 1):
            placed[each] = replace(each, file=shown[cause], line=cause.line)
        else:
            placed[each] = each
    return placed


def drop_refused(placed: Mapping[Finding, Finding]) -> dict[Finding, Finding]:
    """Return placed findings without refusals of the API server that another finding explains.

    The other finding has the same line. A finding about a quantity may be up to two lines away.
    """
    near: set[tuple[str, int]] = set()
    for each in placed.values():
        if each.rule != REFUSED:
            reach = 2 if each.rule.startswith("quantities/") else 0
            near |= {(each.file, each.line + away) for away in range(-reach, reach + 1)}
    return {
        old: new
        for old, new in placed.items()
        if new.rule != REFUSED or (new.file, new.line) not in near
    }


def drop_following(
    findings: Iterable[Finding], cases: Mapping[Key, Sequence[str]]
) -> list[Finding]:
    """Return the findings without those that follow from a chart that does not render.

    The suites of such a chart fail, too.
    """
    every = list(findings)
    broken = {
        label.partition(": ")[0]
        for each in every
        if each.rule in BROKEN - {"check/complete"}
        for label in cases.get(each.key, [f"{each.chart}: "])
    }
    return [
        each
        for each in every
        if not (each.chart in broken and each.rule.startswith(_FOLLOWING)) or not each.chart
    ]


def drop_repeated(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings without those that repeat another finding about the same object.

    A rule of `carbon check` reports the same mistake as the finding of kube-score or checkov, or
    kubeconform names the wrong field, and the finding reports only that the object has one.
    """
    every = list(findings)
    named = {each.subject for each in every if each.rule == VALID and SHAPELESS not in each.what}
    every = [each for each in every if SHAPELESS not in each.what or each.subject not in named]
    own: dict[str, set[str]] = {}
    for each in every:
        if not _PUBLISHED.match(each.rule):
            own.setdefault(each.subject, set()).add(each.rule)
    return [each for each in every if not _is_repeated(each, own.get(each.subject, set()))]


def _is_repeated(finding: Finding, own: set[str]) -> bool:
    if not (finding.subject and _PUBLISHED.match(finding.rule)):
        return False
    name = finding.rule.partition("/")[2]
    patterns = (
        pattern.removeprefix("kube-score/")
        for rule, listed in SAME.items()
        if any(each == rule or each.startswith(f"{rule}/") for each in own)
        for pattern in listed.split()
    )
    return any(re.match(pattern, name) for pattern in patterns)


def group_findings(findings: Iterable[Finding]) -> list[tuple[Finding, list[Finding]]]:
    """Return one finding for each cause, with the findings that it stands for."""
    by_line: dict[tuple[object, ...], list[Finding]] = {}
    for each in findings:
        place = (each.rule, each.file, each.line)
        one = each.subject or each.rule == "render/accepted"
        by_line.setdefault(place if one else (*place, each.what), []).append(each)
    groups: dict[tuple[object, ...], list[list[Finding]]] = {}
    for some in by_line.values():
        groups.setdefault((some[0].rule, some[0].chart, _shorten(some[0])), []).append(some)
    found = []
    for alike in groups.values():
        is_one = all(some[0].subject or some[0].rule in OF_KEYS for some in alike)
        if len(alike) >= MANY and is_one:
            alike = [[each for some in alike for each in some]]
        found += [(_merge(some), some) for some in alike]
    return found


def _shorten(finding: Finding) -> str:
    """Return the message with … in place of numbers, and of names of the object and containers."""
    names = [finding.subject, finding.subject.partition("/")[2]]
    names += [key.partition("=")[2] for key in finding.path if "=" in key]
    text = finding.what
    for name in filter(None, names):
        text = text.replace(name, "…")
    return _NUMBERS.sub("…", _KEYS.sub("…", text) if finding.rule in OF_KEYS else text)


def _merge(findings: list[Finding]) -> Finding:
    first = findings[0]
    objects = tuple(dict.fromkeys(strip_hash(each.subject) for each in findings if each.subject))
    if len(findings) == 1 or not (objects or first.rule in OF_KEYS):
        return replace(first, objects=objects)
    is_shown = first.rule in OF_KEYS
    messages = {each.what if is_shown else _shorten(each): each.what for each in reversed(findings)}
    others = [what for what in reversed(messages.values()) if what != first.what]
    lines = [first.what, *others[: SHOWN - 1]]
    if len(others) >= SHOWN:
        lines.append(f"… and {len(others) - SHOWN + 1} more messages")
    if len(objects) > 1:
        more = f" and {len(objects) - LISTED} more" if len(objects) > LISTED else ""
        lines.append(f"{len(objects)} objects: {', '.join(objects[:LISTED])}{more}")
    places = dict.fromkeys(f"{each.file}:{each.line}" for each in findings)
    if len(places) > 1:
        lines.append(f"at {', '.join(places)}")
    return replace(first, what="\n".join(lines), objects=objects)
