"""Check of schema descriptions.

Each is understood without the others, and that of a number states the unit or the range.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from carbon.charts.generate.schema import SOURCE
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.errors import CarbonError

ALONE = declare(
    "schema/description-alone",
    "Every description in a schema is understood without the descriptions around it.",
    "Begin with a verb or a noun: `Enables …`, `Number of …`, `Name of the Secret that …`.",
    house=True,
)
UNIT = declare(
    "schema/description-unit",
    "The description of a number, quantity or duration states its unit or its range.",
    "Add the unit (`Seconds …`, `in bytes`) or the range (`at least 1`, `from 0 to 100`).",
    house=True,
)
WORDS = declare(
    "schema/description-words",
    "A description that explains most words of an enum names all of them.",
    "Correct the enum, or explain the word in the description.",
    house=True,
)
_OPENING = re.compile(
    r"(it|its|this|that|these|those|they|them|their|he|she|same|the same|whether|what|which|who|"
    r"whom|whose|how|as above|as below|like|such|also|ditto)\b",
    re.I,
)
_ELSEWHERE = re.compile(r"\b(as|see|like|described) (above|below|there|before)\b", re.I)
_UNITS = re.compile(
    r"\b((milli|micro)?seconds?|minutes?|hours?|days?|weeks?|percent|bytes?|(k|m|g|t)i?b|"
    r"(mebi|gibi|kibi|mega|giga)bytes?|cores?|quantity|quantities|duration|number of|"
    r"user id|group id|port number)\b|%|°",
    re.I,
)
_RANGE = re.compile(
    r"\b(at least|at most|from|between|above|below|more than|less than|up to|minimum|maximum) "
    r"[-+]?\d|\b0 (for|means|disables|keeps|stores|allows|turns)\b|\b\d+ or (more|less)\b",
    re.I,
)
_NAMED = re.compile(
    r"(Seconds|Minutes|Hours|Days|Milliseconds|Bytes|Size|Percent|Ratio|Rate|Interval|Period|"
    r"Timeout|Duration|Limit)$"
)
_QUANTITY = re.compile(r"Ki\|Mi|\[[smhd]{2,}\]|\(?(ms|s)\|(s|m)\|h|h\)\?\(")
"""Parts of the patterns of Kubernetes quantities and of durations."""


@dataclass(frozen=True)
class Description:
    """A description in a values.schema.yaml or a fragment."""

    key: str
    """The key that it describes, with the keys above it."""
    text: str
    line: int
    is_number: bool
    """True if the value is a number, a quantity or a duration."""
    words: tuple[str, ...] = ()
    """The words that the enum of the key accepts."""


def check_descriptions(root: Path) -> Result:
    """Check every description in the written schemas and fragments of a checkout."""
    checkout = Checkout(root)
    found = []
    for path in list_schemas(checkout):
        chart = next((c.name for c in checkout.charts if path.is_relative_to(c.folder)), "")
        for each in read_descriptions(path, root / "schemas"):
            for rule, what in find_errors(each):
                file = checkout.format_path(path)
                found.append(make_finding(rule, what, file, each.line, chart=chart, case="schema"))
    return Result(found)


def list_schemas(checkout: Checkout) -> list[Path]:
    """Return the written schemas of all charts, and the fragments in schemas/."""
    own = [chart.folder / SOURCE for chart in checkout.charts]
    return [path for path in own if path.exists()] + sorted(
        (checkout.root / "schemas").glob("*.yaml")
    )


def find_errors(description: Description) -> Iterator[tuple[str, str]]:
    """Yield each rule that a description violates, and the message."""
    text = " ".join(description.text.split())
    if opening := _OPENING.match(text):
        yield ALONE, f"{description.key}: the description begins with `{opening[0]}`"
    if elsewhere := _ELSEWHERE.search(text):
        yield ALONE, f"{description.key}: the description refers to another: `{elsewhere[0]}`"
    if description.is_number and not (_UNITS.search(text) or _RANGE.search(text)):
        yield UNIT, f"{description.key}: the description states no unit and no range: {text}"
    unnamed = [w for w in description.words if not re.search(rf"\b{re.escape(w)}\b", text, re.I)]
    if 0 < 2 * len(unnamed) < len(description.words):
        what = f"the enum accepts {', '.join(unnamed)}, which the description does not name"
        yield WORDS, f"{description.key}: {what}"


def read_descriptions(path: Path, fragments: Path) -> Iterator[Description]:
    """Yield the descriptions in a written schema; `fragments` is the folder of `$ref`.

    Raises:
        CarbonError: the file is not YAML, or a `$ref` names no schema fragment.
    """
    root = yaml.compose(path.read_text("utf-8"), yaml.CSafeLoader)
    if path.parent != fragments:
        yield from _walk(root, "", path, fragments)
    elif isinstance(root, yaml.MappingNode):
        for name, schema in root.value:
            yield from _walk(schema, name.value, path, fragments)


def _walk(node: Any, key: str, path: Path, fragments: Path) -> Iterator[Description]:
    """Yield the descriptions in the schema of a key and of all keys below it."""
    if not isinstance(node, yaml.MappingNode):
        return
    for keyword, value in ((name.value, value) for name, value in node.value):
        if keyword == "description" and isinstance(value, yaml.ScalarNode):
            number = _is_number(_resolve(node, path, fragments), key)
            line = value.start_mark.line + 1
            yield Description(key or "values", value.value, line, number, _list_words(node))
        elif keyword == "properties" and isinstance(value, yaml.MappingNode):
            for name, child in value.value:
                below = f"{key}.{name.value}" if key else name.value
                yield from _walk(child, below, path, fragments)
        elif keyword in ("oneOf", "anyOf", "allOf") and isinstance(value, yaml.SequenceNode):
            for child in value.value:
                yield from _walk(child, key, path, fragments)
        elif keyword in ("items", "additionalProperties"):
            yield from _walk(value, f"{key}[]", path, fragments)


def _list_words(node: yaml.MappingNode) -> tuple[str, ...]:
    """Return the words of the enum of a schema, without the empty one."""
    enums = [value for name, value in node.value if name.value == "enum"]
    scalars = (each for enum in enums for each in enum.value)
    return tuple(each.value for each in scalars if each.value and each.tag.endswith(":str"))


def _resolve(node: yaml.MappingNode, path: Path, fragments: Path) -> dict[str, Any]:
    """Return the keywords of a schema, with the keywords of the fragment that `$ref` names."""
    own = {name.value: value for name, value in node.value}
    found = {key: value.value for key, value in own.items() if isinstance(value, yaml.ScalarNode)}
    if isinstance(own.get("type"), yaml.SequenceNode):
        found["type"] = " ".join(each.value for each in own["type"].value)
    if "$ref" not in found:
        return found
    name, _, pointer = found["$ref"].partition("#/")
    target = fragments / name if name else path
    below: Any = yaml.compose(target.read_text("utf-8"), yaml.CSafeLoader)
    for step in pointer.split("/"):
        steps = {key.value: value for key, value in getattr(below, "value", ())}
        if step not in steps:
            raise CarbonError(
                f"{path}: $ref: {found['$ref']} names no schema fragment", "Correct the $ref."
            )
        below = steps[step]
    return _resolve(below, target, fragments) | found


def _is_number(schema: dict[str, Any], key: str) -> bool:
    """Return whether a value is a number, a Kubernetes quantity or a duration."""
    kinds = str(schema.get("type", "")).split()
    if not kinds or {"object", "array", "boolean"} & set(kinds):
        return False
    pattern = str(schema.get("pattern", ""))
    named = _NAMED.search(key) is not None
    return bool({"integer", "number"} & set(kinds)) or named or bool(_QUANTITY.search(pattern))
