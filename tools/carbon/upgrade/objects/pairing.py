"""Pairs the objects of two renders by identity, and recognizes objects that were renamed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from carbon.charts.render import Object, identity
from carbon.check.render.apis import get_group
from carbon.upgrade.objects.changes import Change, get_path, iterate_leaves, list_changes
from carbon.upgrade.objects.normalize import normalize

SIMILAR = 0.7
"""Least share of equal fields at which an object with another name counts as renamed."""
_HASH = re.compile(r"-[0-9a-f]{8}$")
_ROLES = ("app.kubernetes.io/component", "app.kubernetes.io/name", "app")


@dataclass(frozen=True)
class Pair:
    """An object in the old and in the new version; None if a version lacks the object."""

    before: Object | None
    """The object as the old version renders it."""
    after: Object | None
    """The object as the new version renders it."""

    @cached_property
    def old(self) -> Object:
        """The normalized old object; empty if there is none."""
        return normalize(self.before) if self.before else {}

    @cached_property
    def new(self) -> Object:
        """The normalized new object; empty if there is none."""
        return normalize(self.after) if self.after else {}

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The fields that differ; empty if a version lacks the object."""
        both = self.before and self.after
        return tuple(list_changes(self.old, self.new)) if both else ()

    @property
    def body(self) -> Object:
        """The new object, or the old object if the new version lacks it."""
        return self.new or self.old

    @property
    def kind(self) -> str:
        """The kind."""
        return str(self.body.get("kind"))

    @property
    def name(self) -> str:
        """Kind/name, of the old object if there is one: the upgrade changes this object."""
        return identity(self.old or self.new)

    @property
    def names(self) -> tuple[Any, Any]:
        """The names in the old and in the new version; None if a version lacks the object."""
        return get_path(self.old, ("metadata", "name")), get_path(self.new, ("metadata", "name"))

    @property
    def is_kept(self) -> bool:
        """True if both versions have the object with the same identity."""
        return bool(self.old and self.new) and not self.is_renamed

    @property
    def is_renamed(self) -> bool:
        """True if the new version has the object under another name or in another namespace."""
        return bool(self.old and self.new) and get_identity(self.old) != get_identity(self.new)


def get_identity(body: Object) -> tuple[str, str, str, str]:
    """Return group, kind, namespace and name of an object; the version does not count."""
    meta = body.get("metadata") or {}
    group = get_group(str(body.get("apiVersion")))
    return group, str(body.get("kind")), str(meta.get("namespace", "")), str(meta.get("name"))


def remove_hash(name: str) -> str:
    """Return the name of a Job without the hash of its pod template."""
    return _HASH.sub("", name)


def pair_objects(old: Iterable[Object], new: Iterable[Object]) -> tuple[Pair, ...]:
    """Pair the objects of two renders: by identity, then renamed objects by their content."""
    before = {get_identity(body): body for body in old}
    after = {get_identity(body): body for body in new}
    pairs = [Pair(before[key], after[key]) for key in before if key in after]
    gone = [body for key, body in before.items() if key not in after]
    added = [body for key, body in after.items() if key not in before]
    for one, two in list(_pair_renamed(gone, added)):
        pairs.append(Pair(one, two))
        gone.remove(one)
        added.remove(two)
    return (*pairs, *(Pair(one, None) for one in gone), *(Pair(None, two) for two in added))


def _pair_renamed(gone: list[Object], added: list[Object]) -> Iterator[tuple[Object, Object]]:
    """Yield pairs of objects of the same kind, the most similar first."""
    scored = [
        (score, i, j)
        for i, one in enumerate(gone)
        for j, two in enumerate(added)
        if get_identity(one)[:2] == get_identity(two)[:2]
        and (score := measure_similarity(one, two)) >= SIMILAR
    ]
    used: set[tuple[str, int]] = set()
    for _, i, j in sorted(scored, key=lambda each: (-each[0], each[1], each[2])):
        if not used & {("old", i), ("new", j)}:
            used |= {("old", i), ("new", j)}
            yield gone[i], added[j]


def measure_similarity(one: Object, two: Object) -> float:
    """Return how probably two objects of a kind are one object that was renamed, from 0 to 1.

    Objects with the same name in two namespaces, and Jobs whose names differ in their hash only,
    are the same. For others the share of equal fields counts, and the labels of their role.
    """
    names = [str((body.get("metadata") or {}).get("name")) for body in (one, two)]
    if names[0] == names[1]:
        return 1.0
    if one.get("kind") == "Job" and remove_hash(names[0]) == remove_hash(names[1]):
        return 1.0
    first, second = (_list_content(body) for body in (one, two))
    share = len(first & second) / max(len(first | second), 1)
    if _get_role(one) and _get_role(one) == _get_role(two):
        share = (share + 1) / 2 if share > 0 else share
    return share


def _list_content(body: Object) -> set[tuple[tuple[str, ...], str]]:
    """Return the fields of an object apart from its metadata."""
    own: dict[str, Any] = {key: child for key, child in body.items() if key != "metadata"}
    return {(path, str(value)) for path, value in iterate_leaves(own)}


def _get_role(body: Object) -> tuple[str, ...]:
    labels = (body.get("metadata") or {}).get("labels") or {}
    return tuple(str(labels.get(key, "")) for key in _ROLES) if labels else ()
