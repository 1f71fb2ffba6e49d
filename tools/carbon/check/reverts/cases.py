"""Finds which change of the checkout since its merge base with main causes a finding."""

from collections.abc import Callable, Sequence
from typing import Any

from carbon.check.causes import fields
from carbon.check.causes.copies import Copies
from carbon.check.causes.locate import Report, strip_hash
from carbon.check.findings import RULES, Finding
from carbon.check.render.objects import RenderedObject
from carbon.check.reverts.changes import Change, revert

Objects = dict[str, RenderedObject]
ACCEPTED = "render/accepted"


def find_change(changes: Sequence[Change], ends: Callable[[list[Change]], bool]) -> Change | None:
    """Return the change without which a finding ends, or None if no single change suffices.

    `ends` returns whether the finding ends without some changes. It is called about twice for each
    halving of the changes.
    """
    if not changes or not ends(list(changes)):
        return None
    while len(changes) > 1:
        half = len(changes) // 2
        halves = changes[:half], changes[half:]
        found = next((some for some in halves if ends(list(some))), None)
        if found is None:
            return None
        changes = found
    return changes[0]


class Reverts:
    """Renders one case of a chart without some of the changes of the checkout."""

    def __init__(self, copies: Copies, changes: Sequence[Change], report: Report) -> None:
        self._copies = copies
        self._changes = changes
        self._report = report
        self._rendered: dict[frozenset[Change], Objects | None] = {}
        self._values: dict[frozenset[Change], dict[str, Any]] = {}
        self._accepted: dict[frozenset[Change], bool] = {}

    def find(self, finding: Finding) -> Change | None:
        """Return the change that causes a finding; None if no single change does."""
        is_refusal = finding.rule == ACCEPTED
        return find_change(
            self._changes,
            self._accepts if is_refusal else lambda some: self._ends(finding, some),
        )

    def _accepts(self, changes: list[Change]) -> bool:
        key = frozenset(changes)
        if key not in self._accepted:
            self._accepted[key] = self._copies.is_accepted(revert(changes))
        return self._accepted[key]

    def _ends(self, finding: Finding, changes: list[Change]) -> bool:
        key, texts = frozenset(changes), revert(changes)
        if key not in self._rendered:
            self._rendered[key] = self._copies.render(texts)
        objects = self._rendered[key]
        if objects is None:
            return False
        subject = strip_hash(finding.subject)
        if finding.rule in RULES and RULES[finding.rule].examine is not None:
            before = self._report(finding.rule, self._copies.base)
            if key not in self._values:
                self._values[key] = self._copies.compute_values(texts)
            after = self._report(finding.rule, objects, self._values[key])
            if subject in before:
                return subject not in after and len(after) < len(before)
        old, new = self._copies.base.get(subject), objects.get(subject)
        if old is None or new is None:
            return old is not new
        path, _ = fields.resolve(old.body, finding.path)
        return bool(fields.read(old.body, path) != fields.read(new.body, path))
