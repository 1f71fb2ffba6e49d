"""The keys of the values schemas, with which Markdown is compared."""

import re
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from carbon.charts.generate.names import get_entry_schema
from carbon.charts.values import EDITOR_SCHEMA
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_file
from carbon.check.sources.schema_tree import Schema, read_schema

_STEP = re.compile(r"((?:[^.\\\[\]]|\\.)+)|\[(\d*)\]")
_PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_]*|<.*>|\*|…|\{.*\}|\$.*")
_SIMILAR = 0.75


class SchemaKeys:
    """The schemas of a checkout: of the whole values of the umbrella, and of each chart."""

    def __init__(self, root: Path) -> None:
        self.checkout = Checkout(root)
        self.umbrella = read_schema(root / EDITOR_SCHEMA)
        """The schema of the umbrella's values; empty without an umbrella."""
        self.charts = {
            chart.name: read_schema(chart.folder / "values.schema.json")
            for chart in self.checkout.charts
            if not chart.is_umbrella and not chart.is_library
        }
        self.subcharts = {name for name in self.charts if name in _list_keys(self.umbrella)}

    @cached_property
    def first(self) -> set[str]:
        """The first keys of all schemas."""
        return {key for each in self._roots for key in _list_keys(each)}

    @property
    def _roots(self) -> list[Schema]:
        return [self.umbrella, *self.charts.values()]

    @cached_property
    def _nodes(self) -> dict[str, list[Schema]]:
        """The schemas of all keys with a name, at any depth."""
        found: dict[str, list[Schema]] = {}
        left = list(self._roots)
        for node in left:  # the loop also visits the schemas that it adds
            for key, child in (node.get("properties") or {}).items():
                found.setdefault(key, []).append(child)
                left.append(child)
            inner = (get_entry_schema(node), node.get("items"))
            left += [each for each in inner if isinstance(each, dict)]
        return found

    def find_error(self, steps: list[str], schema: Schema | None = None) -> str | None:
        """Return what is wrong with a path of keys; None if some values have it.

        `schema` is that of the values. Without it, a path that begins with a subchart or `global`
        is one of the umbrella. Another path is checked only if it begins with a top-level key of
        some schema, or with a misspelt one.
        """
        first = steps[0]
        if schema is None and first in self.subcharts | {"global"}:
            schema = self.umbrella
        if schema is not None:
            return _find_error(schema, steps)
        if first not in self._nodes:
            return self._find_first(steps)
        errors = []
        for node in self._nodes[first] if first in self.first else ():
            if (error := _find_error(node, steps[1:], first)) is None:
                return None
            errors.append(error)
        known = [each for each in errors if "; write" in each]
        return next(iter(known or errors), None)

    def _find_first(self, steps: list[str]) -> str | None:
        """Return an error if a similar first key makes a path one of a schema."""
        for near in get_close_matches(steps[0], sorted(self.first), n=3, cutoff=_SIMILAR):
            if len(steps) > 1 and self.find_error([near, *steps[1:]]) is None:
                return f"there is no key `{steps[0]}`; write {near}"
        return None


def hash_schemas(root: Path) -> str:
    """Return the hash of all compiled schemas of a checkout."""
    own = [chart.folder / "values.schema.json" for chart in Checkout(root).charts]
    return combine([str(root), *map(hash_file, (root / EDITOR_SCHEMA, *own))])


def split_path(path: str) -> list[str]:
    r"""Return the keys and indexes of a path such as `a.b\.c[0]`; none if it is no path.

    An index is `[]`.
    """
    steps, end = [], 0
    for match in _STEP.finditer(path):
        between = path[end : match.start()]
        if between not in ("", ".") or (between == "" and end and match[1]):
            return []
        steps.append(re.sub(r"\\(.)", r"\1", match[1]) if match[1] else "[]")
        end = match.end()
    return steps if end == len(path) else []


def is_any_key(step: str) -> bool:
    """Return whether a key stands for any key: NAME, <name>, *, …"""
    return _PLACEHOLDER.fullmatch(step) is not None


def _find_error(schema: Schema, steps: list[str], above: str = "") -> str | None:
    """Return an error about the first key that a schema does not have, with the nearest key.

    A name in an open map may contain dots, so that more steps can follow.
    """
    node, is_named = schema, False
    for step in steps:
        if is_named and not (_is_open(node) or "array" in str(node.get("type"))):
            return None
        entry = get_entry_schema(node)
        if is_any_key(step) and not isinstance(entry, dict):
            return None
        child = entry if is_any_key(step) else _find_child(node, step)
        if child is None:
            known = _list_keys(node)
            near = get_close_matches(step, known, n=1, cutoff=0.6)
            write = f"; write {near[0]}" if near else _list(known)
            where = f"`{above}` has no key" if above else "there is no key"
            return f"{where} `{step}`{write}"
        is_named = step != "[]" and step not in (node.get("properties") or {})
        node, above = child, f"{above}.{step}" if above else step
    return None


def _list(known: list[str]) -> str:
    return f", only {', '.join(sorted(known))}" if 0 < len(known) < 12 else ""


def _find_child(node: Schema, step: str) -> Schema | None:
    """Return the schema below a key or an index; None if there is no such key."""
    if step == "[]":
        items = node.get("items")
        return items if isinstance(items, dict) else ({} if _is_open(node) else None)
    child = (node.get("properties") or {}).get(step)
    if isinstance(child, dict):
        return child
    for pattern, inner in (node.get("patternProperties") or {}).items():
        if re.search(pattern, step):
            return inner if isinstance(inner, dict) else {}
    more = node.get("additionalProperties")
    if isinstance(more, dict):
        return more
    return {} if more is not False and _is_open(node) else None


def _is_open(node: Schema) -> bool:
    """Return whether a schema allows maps with any keys."""
    kinds = node.get("type", "object")
    return "object" in ([kinds] if isinstance(kinds, str) else kinds)


def _list_keys(node: Schema) -> list[str]:
    return list(node.get("properties") or {})
