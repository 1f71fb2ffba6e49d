"""A generator of random values that a schema accepts: edge cases first, then any value.

hypothesis-jsonschema needs most of a minute to read one of these schemas, and does not work with
current releases of hypothesis. The schemas here use few keywords.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, TypeVar

from carbon.charts.generate.names import EXAMPLES, is_refused
from carbon.check.sources.schema_tree import Schema

T = TypeVar("T")
TEXTS = ("", "a", "true", "null", "007", "1e3", "a: b", "{{ .x }}", "é ✓", '"', "'", "#", "x" * 80)
"""Texts that YAML, templates or shells may not read as text."""
WORDS = "abcdefghijklmnopqrstuvwxyz0123456789"
EXTRA = 3
"""Maximum number of entries of a random list or map beyond the required entries."""


def is_passed_through(schema: Schema) -> bool:
    """Return whether a chart passes the value to Kubernetes unchanged, which then validates it."""
    inner = schema.get("items", schema)
    return bool(inner.get("additionalProperties") is True and not inner.get("properties"))


class ValueGenerator:
    """Generates random values, the same values for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - no secrets

    def sample(self, population: Sequence[T], most: int) -> list[T]:
        """Return between 1 and `most` random elements, each at most once."""
        return self._random.sample(population, min(len(population), self._random.randint(1, most)))

    def generate(self, schema: Any) -> Any:
        """Return a value that a schema should accept; some keywords are not combined."""
        if not isinstance(schema, dict):
            return self._random.choice(TEXTS)
        if is_passed_through(schema):
            return [] if schema.get("type") == "array" else {}
        for key in ("oneOf", "anyOf"):
            if schema.get(key):
                rest = {k: v for k, v in schema.items() if k != key}
                return self.generate(rest | self._random.choice(schema[key]))
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._random.choice(schema["enum"])
        if schema.get("examples"):  # the schema also accepts values that Kubernetes refuses
            return self._random.choice(schema["examples"])
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = self._random.choice(kind)
        generators: dict[str, Callable[[Schema], Any]] = {
            "object": self._generate_map,
            "array": self._generate_list,
            "string": self._generate_text,
            "integer": self._generate_integer,
            "number": self._generate_integer,
            "boolean": lambda _: self._random.random() < 0.5,
        }
        return generators[kind](schema) if kind in generators else None

    def _generate_integer(self, schema: Schema) -> int:
        least = int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
        most = int(schema.get("maximum", schema.get("exclusiveMaximum", least + 1001) - 1))
        step = int(schema.get("multipleOf", 1))
        number = self._random.choice((least, most, self._random.randint(least, most)))
        return max(least, number // step * step)

    def _generate_text(self, schema: Schema) -> str:
        least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 200))
        if "pattern" in schema:
            fitting = [text for text in TEXTS if re.search(schema["pattern"], text)]
            fitting = [text for text in fitting if least <= len(text) <= most]
            if fitting and self._random.random() < 0.3:
                return self._random.choice(fitting)
            return "".join(self._match(parser.parse(schema["pattern"])))
        text = self._random.choice(TEXTS)
        return (text + "x" * max(0, least - len(text)))[:most]

    def _generate_list(self, schema: Schema) -> list[Any]:
        least = schema.get("minItems", 0)
        many = self._random.randint(
            least, min(schema.get("maxItems", least + EXTRA), least + EXTRA)
        )
        made = [self.generate(schema.get("items", {})) for _ in range(many)]
        return [e for i, e in enumerate(made) if e not in made[:i]] if least < many else made

    def _generate_map(self, schema: Schema) -> dict[str, Any]:
        known = schema.get("properties") or {}
        wanted = [
            k for k in known if k in schema.get("required", ()) or self._random.random() < 0.5
        ]
        made = {key: self.generate(known[key]) for key in wanted}
        must = {"type": "string", "pattern": "^[a-z]{1,8}$"}
        made |= {k: self._generate_text(must) for k in schema.get("required", ()) if k not in known}
        more = schema.get("additionalProperties", not known)
        if known and more is True:
            more = False  # the schema lists some fields of an object that Kubernetes validates
        patterns = schema.get("patternProperties") or {}
        refused = [pattern for pattern, inner in patterns.items() if is_refused(inner)]
        entries = [each for each in patterns.items() if not is_refused(each[1])]
        entries += [("^[a-z][a-z0-9]{0,8}$", more)] if more else []
        for _ in range(self._random.randint(0, EXTRA) if entries else 0):
            names = {"type": "string", "pattern": self._random.choice(entries)[0]}
            name = self.generate(names | {"examples": schema.get(EXAMPLES)})
            inner = next(inner for pattern, inner in entries if re.search(pattern, name))
            if not any(re.search(pattern, name) for pattern in refused):
                made[name] = self.generate(inner if isinstance(inner, dict) else {"type": "string"})
        return made

    def _match(self, pattern: Any) -> Iterator[str]:
        """Yield pieces of a text that matches a parsed pattern."""
        for code, argument in pattern:
            if code is codes.LITERAL:
                yield chr(argument)
            elif code is codes.ANY or code is codes.NOT_LITERAL:
                yield self._random.choice(WORDS)
            elif code is codes.IN:
                yield self._choose_character(argument)
            elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
                least, most, inner = argument
                for _ in range(self._random.randint(least, min(int(most), least + 4))):
                    yield from self._match(inner)
            elif code is codes.SUBPATTERN:
                yield from self._match(argument[3])
            elif code is codes.BRANCH:
                yield from self._match(self._random.choice(argument[1]))

    def _choose_character(self, members: Any) -> str:
        if members[0][0] is codes.NEGATE or members[0][0] is codes.CATEGORY:
            return self._random.choice(WORDS)
        kind, argument = self._random.choice(members)
        if kind is codes.RANGE:
            return chr(self._random.randint(*argument))
        return chr(argument) if kind is codes.LITERAL else self._random.choice(WORDS)
