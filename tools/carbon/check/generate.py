"""Values that a schema allows, made by chance from a seed: edges first, then anything.

hypothesis-jsonschema takes most of a minute to read one of these schemas, and does not work with
current releases of hypothesis; what the schemas here use is little.
"""

from collections.abc import Callable, Iterator
from random import Random
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

TEXTS = ("", "a", "true", "null", "007", "1e3", "a: b", "{{ .x }}", "é ✓", '"', "'", "#", "x" * 80)
"""What YAML, templates and shells take for something else."""
WORDS = "abcdefghijklmnopqrstuvwxyz0123456789"
MOST = 3
"""Entries that a list or a map gets beyond those it must have."""

Schema = dict[str, Any]
Path = tuple[str, ...]


def leaves(node: Schema, at: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """The parts of a schema that hold a value, each with its path."""
    for key, child in (node.get("properties") or {}).items():
        if isinstance(child, dict) and child.get("properties"):
            yield from leaves(child, (*at, key))
        elif isinstance(child, dict):
            yield (*at, key), child


def passed_through(schema: Schema) -> bool:
    """Whether a value goes to Kubernetes as it is, which then says what is wrong with it."""
    inner = schema.get("items", schema)
    return bool(inner.get("additionalProperties") is True and not inner.get("properties"))


class Maker:
    """Makes values by chance, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311 - nothing secret is made

    def value(self, schema: Any) -> Any:
        """A value that a schema should allow; some combinations of keywords are not looked at."""
        if not isinstance(schema, dict):
            return self.chance.choice(TEXTS)
        if passed_through(schema):
            return [] if schema.get("type") == "array" else {}
        for key in ("oneOf", "anyOf"):
            if schema.get(key):
                rest = {k: v for k, v in schema.items() if k != key}
                return self.value(rest | self.chance.choice(schema[key]))
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self.chance.choice(schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = self.chance.choice(kind)
        made: dict[str, Callable[[Schema], Any]] = {
            "object": self._map,
            "array": self._list,
            "string": self._text,
            "integer": self._integer,
            "number": self._integer,
            "boolean": lambda _: self.chance.random() < 0.5,
        }
        return made[kind](schema) if kind in made else None

    def _integer(self, schema: Schema) -> int:
        least = int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
        most = int(schema.get("maximum", schema.get("exclusiveMaximum", least + 1001) - 1))
        step = int(schema.get("multipleOf", 1))
        number = self.chance.choice((least, most, self.chance.randint(least, most)))
        return max(least, number // step * step)

    def _text(self, schema: Schema) -> str:
        if "pattern" in schema:
            parsed = parser.parse(schema["pattern"])
            return "".join(self._matching(parsed))
        least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 200))
        text = self.chance.choice(TEXTS)
        return (text + "x" * max(0, least - len(text)))[:most]

    def _list(self, schema: Schema) -> list[Any]:
        least = schema.get("minItems", 0)
        many = self.chance.randint(least, min(schema.get("maxItems", least + MOST), least + MOST))
        made = [self.value(schema.get("items", {})) for _ in range(many)]
        return [e for i, e in enumerate(made) if e not in made[:i]] if least < many else made

    def _map(self, schema: Schema) -> dict[str, Any]:
        known = schema.get("properties") or {}
        wanted = [k for k in known if k in schema.get("required", ()) or self.chance.random() < 0.5]
        made = {key: self.value(known[key]) for key in wanted}
        must = {"type": "string", "pattern": "^[a-z]{1,8}$"}
        made |= {k: self._text(must) for k in schema.get("required", ()) if k not in known}
        more = schema.get("additionalProperties", not known)
        for _ in range(self.chance.randint(0, MOST) if more else 0):
            names = {"type": "string", "pattern": "^[a-z][a-z0-9]{0,8}$"}
            name = self._text(names | (schema.get("propertyNames") or {}))
            made[name] = self.value(more if isinstance(more, dict) else {"type": "string"})
        return made

    def _matching(self, pattern: Any) -> Iterator[str]:
        """Pieces of a text that a parsed pattern matches."""
        for code, argument in pattern:
            if code is codes.LITERAL:
                yield chr(argument)
            elif code is codes.ANY or code is codes.NOT_LITERAL:
                yield self.chance.choice(WORDS)
            elif code is codes.IN:
                yield self._one_of(argument)
            elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
                least, most, inner = argument
                for _ in range(self.chance.randint(least, min(int(most), least + 4))):
                    yield from self._matching(inner)
            elif code is codes.SUBPATTERN:
                yield from self._matching(argument[3])
            elif code is codes.BRANCH:
                yield from self._matching(self.chance.choice(argument[1]))

    def _one_of(self, members: Any) -> str:
        if members[0][0] is codes.NEGATE or members[0][0] is codes.CATEGORY:
            return self.chance.choice(WORDS)
        kind, argument = self.chance.choice(members)
        if kind is codes.RANGE:
            return chr(self.chance.randint(*argument))
        return chr(argument) if kind is codes.LITERAL else self.chance.choice(WORDS)
