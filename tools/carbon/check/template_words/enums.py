"""The words that a schema accepts: by the path of a value, and by the name of its key."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from carbon.charts.generate.names import get_entry_schema
from carbon.check.sources.schema_tree import KeyPath, Schema
from carbon.check.template_words.comparisons import Comparison

Words = frozenset[str]
COMMON = {"key", "kind", "name", "type"}
"""Keys that objects and arguments of named templates have, too."""


class Enums:
    """The words that a chart's schema accepts."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        by_key: dict[str, list[Words | None]] = defaultdict(list)
        for key, node in _iterate_keys(schema):
            by_key[key].append(_read_words(node))
        self._by_key = {
            key: frozenset().union(*(each for each in some if each is not None))
            for key, some in by_key.items()
            if None not in some
        }
        """The words of each key that has an enum wherever the schema lists the key."""
        self._all = frozenset().union(*(w for some in by_key.values() for w in some if w))

    def find_accepted(self, compared: Comparison, guess: bool) -> Words:
        """Return the words that the compared value accepts; none if the word is one of them.

        With `guess`, a value whose path is not known accepts the words of all keys with its name.
        Of a value without a name, or with a name of COMMON, only words are returned that differ
        from the compared word in letter case alone.
        """
        if not compared.word:
            return frozenset()
        node = _find(self._schema, compared.path) if compared.is_whole else None
        if node is not None:
            known = _read_words(node)
        elif not guess:
            known = None
        elif compared.path and compared.path[-1] not in COMMON:
            known = self._by_key.get(compared.path[-1])
        else:
            there = self._by_key.get(compared.path[-1], Words()) if compared.path else self._all
            alike = {each for each in there if each.lower() == compared.word.lower()}
            known = frozenset(alike) if len(compared.word) > 3 else None
        return known if known and compared.word not in known else frozenset()


def _read_words(node: Schema) -> Words | None:
    """Return the words that a schema accepts; None if it accepts other words, too."""
    for key in ("anyOf", "oneOf"):
        if key in node:
            parts = [_read_words(each) for each in node[key] if isinstance(each, dict)]
            known = [each for each in parts if each is not None]
            return frozenset().union(*known) if parts and len(known) == len(parts) else None
    if "const" in node:
        return _select_texts([node["const"]])
    return _select_texts(node["enum"]) if "enum" in node else None


def _select_texts(values: Iterable[Any]) -> Words:
    return frozenset(each for each in values if isinstance(each, str))


def _iterate_keys(node: Any) -> Iterator[tuple[str, Schema]]:
    """Yield the name and the schema of each key in a schema, at any depth."""
    if isinstance(node, list):
        for each in node:
            yield from _iterate_keys(each)
    if not isinstance(node, dict):
        return
    for key, child in (node.get("properties") or {}).items():
        if isinstance(child, dict):
            yield key, child
    for child in node.values():
        yield from _iterate_keys(child)


def _find(schema: Schema, path: KeyPath) -> Schema | None:
    """Return the schema of a key; keys of a map that is open share one schema."""
    node = schema
    for key in path:
        known = node.get("properties") or {}
        child = known.get(key, get_entry_schema(node) or node.get("items"))
        if not isinstance(child, dict):
            return None
        node = child
    return node
