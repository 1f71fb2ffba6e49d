"""Label selectors in commands, compared with the labels that charts render."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from carbon.check.texts.shell import Word

_REQUIREMENT = re.compile(
    r"\s*(?P<key>[^\s=!,()]+)\s*(?:(?P<op>==?|!=|\bnotin\b|\bin\b)\s*"
    r"(?P<value>\([^)]*\)|[^\s,]*))?\s*(?:,|$)"
)
_OF_CONTROLLERS = re.compile(
    r"(batch\.kubernetes\.io/)?(job-name|controller-uid)$|pod-template-hash$|kubernetes\.io/"
    r"|controller-revision-hash$|velero\.io/|ray\.io/|^(.*\.)?k8s\.io/"
)
"""Keys of labels that controllers add to objects."""
_OWN = re.compile(r"app\.kubernetes\.io/|helm\.sh/")
_VALUE = re.compile(r"[a-z0-9]([\w.-]*[a-z0-9])?")


def find_unmatched(selector: Word, labels: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Return the position and the message of each requirement of a selector that no labels meet.

    Placeholders, and labels that controllers add, are not checked.
    """
    wanted = list(_read(selector)) if labels else []
    wrong = []
    for at, key, values in wanted:
        known = {str(each[key]) for each in labels if key in each}
        if not known:
            keys = sorted({key for each in labels for key in each})
            write = _suggest(key, keys)
            wrong.append((at, f"no selected object has a label `{key}`{write}"))
        for value in values:
            if known and value not in known:
                write = _suggest(value, sorted(known))
                wrong.append((at, f"no selected object has the label `{key}={value}`{write}"))
    if wrong or any(all(_has(each, k, v) for _, k, v in wanted) for each in labels) or not wanted:
        return wrong
    return [(selector.at, f"no selected object has all labels of `{selector.text}`")]


def _has(labels: Mapping[str, Any], key: str, values: Sequence[str]) -> bool:
    return key in labels and (not values or str(labels[key]) in values)


def _read(selector: Word) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the position, the key and the values of each requirement that labels must have."""
    for match in _REQUIREMENT.finditer(selector.text):
        key, op = match["key"], match["op"]
        if op in ("!=", "notin") or not _VALUE.fullmatch(key.replace("/", ".")):
            continue
        if _OF_CONTROLLERS.search(key) and not _OWN.match(key):
            continue
        values = [each.strip() for each in (match["value"] or "").strip("()").split(",")]
        if all(_VALUE.fullmatch(value) for value in values):
            yield selector.at + match.start("key"), key, values
        elif not op:
            yield selector.at + match.start("key"), key, []


def _suggest(text: str, known: Sequence[str]) -> str:
    near = get_close_matches(text, known, n=1, cutoff=0.5)
    return f"; write {near[0]}" if near else ""
