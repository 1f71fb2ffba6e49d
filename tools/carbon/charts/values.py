"""Validates values files against the schema of the umbrella before Helm reads them."""

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.home import ROOT

if TYPE_CHECKING:
    from jsonschema import ValidationError

EDITOR_SCHEMA = Path("schemas") / "254carbon.schema.json"
"""The schema of a whole values file of the umbrella, below the root of a checkout.

Editors use it too. The umbrella's own values.schema.json does not describe the subcharts' keys.
"""


def read_valid_values(file: Path) -> dict[str, Any]:
    """Return the values in a file for the umbrella.

    Raises:
        CarbonError: the file is missing, is not YAML or violates the schema; the message names
            every violation with its path and a remedy.
    """
    values = read_yaml(file)
    problems = find_problems(values, json.loads((ROOT / EDITOR_SCHEMA).read_text("utf-8")))
    if problems:
        lines = "\n".join(f"    {line}" for line in problems)
        raise CarbonError(
            f"{file} violates the schema of the values:\n{lines}",
            "Correct the file; umbrella/README.md lists all keys. The release was not changed.",
        )
    return values


def find_problems(values: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return the violations of a schema, each as a line: path, what is wrong, what to write.

    A missing key is no violation, since defaults are merged in later.
    """
    return [line for _, line in locate_problems(values, schema)]


def locate_problems(
    values: Mapping[str, Any], schema: Mapping[str, Any], whole: bool = False
) -> list[tuple[list[str], str]]:
    """Return the keys that lead to each violation of a schema, and the line of `find_problems`.

    `whole` values have no defaults below: a missing key is a violation.
    """
    # This Python library loads slowly, and modules that import only EDITOR_SCHEMA do not use it.
    from jsonschema import Draft7Validator

    errors = Draft7Validator(schema).iter_errors(values)
    given = [error for error in errors if whole or error.validator != "required"]
    return [found for error in sorted(given, key=_get_path) for found in _describe(error)]


def _get_path(error: "ValidationError") -> list[str]:
    return [str(key) for key in error.absolute_path]


def _describe(error: "ValidationError") -> Iterator[tuple[list[str], str]]:
    keys = _get_path(error)
    path = ".".join(keys)
    if error.validator == "additionalProperties" and isinstance(error.schema, Mapping):
        known = error.schema.get("properties", {})
        given: Mapping[str, Any] = error.instance  # type: ignore[assignment]
        patterns = error.schema.get("patternProperties", {})
        for key in (str(k) for k in given if k not in known):  # YAML reads `1: a` as a number
            if any(re.search(pattern, key) for pattern in patterns):
                continue
            near = get_close_matches(key, known, n=1) or get_close_matches(key.lower(), known, n=1)
            others = [*sorted(known), *(f"a name that matches {p}" for p in patterns)]
            write = f"write {near[0]}" if near else f"write one of {', '.join(others)}"
            yield [*keys, key], f"{f'{path}.' if path else ''}{key}: no such key; {write}"
    else:
        about = error.schema.get("description", "") if isinstance(error.schema, Mapping) else ""
        yield keys, f"{path or 'values'}: {error.message}" + (f"; {about}" if about else "")
