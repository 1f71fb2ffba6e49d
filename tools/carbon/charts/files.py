"""YAML files of the charts, read with messages that name the file and the line."""

from pathlib import Path
from typing import Any

import yaml

from carbon.errors import CarbonError
from carbon.home import ROOT


class _Loader(yaml.CSafeLoader):
    """Reads a plain `=`, which CRDs have as an enum's value, as the text it is."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: str(node.value))


def documents(text: str) -> list[Any]:
    """The documents of a YAML text.

    Raises:
        yaml.YAMLError: it is none.
    """
    return list(yaml.load_all(text, _Loader))


def shown(path: Path) -> str:
    """A path as messages show it: relative to the checkout where it lies inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one map; an empty file is an empty map.

    Raises:
        CarbonError: it is not there, no YAML, or something else than a map.
    """
    try:
        content = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    except FileNotFoundError as missing:
        raise CarbonError(f"{shown(path)} is missing") from missing
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        what = getattr(wrong, "problem", None) or wrong
        raise CarbonError(f"{shown(path)}{line}: {what}", "Correct the YAML there.") from wrong
    if content is not None and not isinstance(content, dict):
        raise CarbonError(f"{shown(path)}: a map is expected, not a {type(content).__name__}")
    return content or {}
