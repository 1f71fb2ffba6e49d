"""Values files against the schema of the whole umbrella, before Helm sees them."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from carbon.errors import CarbonError
from carbon.home import ROOT

if TYPE_CHECKING:
    from jsonschema import ValidationError

WHOLE = ROOT / "schemas" / "254carbon.schema.json"


def read(file: Path) -> dict[str, Any]:
    """Read a values file.

    Raises:
        CarbonError: it is not there, or is no YAML map.
    """
    try:
        values = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError as missing:
        raise CarbonError(f"{file}: there is no such file", "Name a values file.") from missing
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        raise CarbonError(f"{file} is not YAML: {wrong}", "Mend it there.") from wrong
    if not isinstance(values or {}, dict):
        raise CarbonError(f"{file} holds no map of values", "Write lines like key: value.")
    return values or {}


def validated(file: Path) -> dict[str, Any]:
    """Read a values file of the umbrella and hold it against the schema.

    Raises:
        CarbonError: it breaks the schema; every problem is named with its path and a remedy.
    """
    values = read(file)
    found = problems(values, json.loads(WHOLE.read_text(encoding="utf-8")))
    if found:
        lines = "\n".join(f"    {line}" for line in found)
        raise CarbonError(
            f"{file} can't be used:\n{lines}",
            "Nothing was changed; umbrella/README.md has all keys.",
        )
    return values


def problems(values: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with values, a line each: path, what is wrong, what to write.

    Values are laid over defaults, so what they leave out is no problem.
    """
    # A large library, which those who only read values need not wait for.
    from jsonschema import Draft7Validator

    errors = Draft7Validator(schema).iter_errors(values)
    given = [error for error in errors if error.validator != "required"]
    return [line for error in sorted(given, key=_place) for line in _lines(error)]


def _place(error: "ValidationError") -> list[str]:
    return [str(part) for part in error.absolute_path]


def _lines(error: "ValidationError") -> Iterator[str]:
    path = ".".join(_place(error))
    if error.validator == "additionalProperties" and isinstance(error.schema, Mapping):
        known = error.schema.get("properties", {})
        given: Mapping[str, Any] = error.instance  # type: ignore[assignment]
        for key in (k for k in given if k not in known):
            near = get_close_matches(key, known, n=1) or get_close_matches(key.lower(), known, n=1)
            write = f"write {near[0]}" if near else f"write one of {', '.join(sorted(known))}"
            yield f"{f'{path}.' if path else ''}{key}: no such key; {write}"
    else:
        about = error.schema.get("description", "") if isinstance(error.schema, Mapping) else ""
        yield f"{path or 'values'}: {error.message}" + (f"; {about}" if about else "")
