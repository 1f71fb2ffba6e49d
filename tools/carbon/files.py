"""Reads YAML; errors name the file and the line."""

from pathlib import Path
from typing import Any

import yaml

from carbon.errors import CarbonError
from carbon.home import ROOT


class _Loader(yaml.CSafeLoader):
    """Reads an unquoted `=` as text, such as in an enum of a CRD. YAML 1.1 has a tag for `=`."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: str(node.value))


def parse_documents(text: str) -> list[Any]:
    """Return the documents of a YAML text.

    Raises:
        yaml.YAMLError: the text is not YAML.
    """
    return list(yaml.load_all(text, _Loader))


def format_path(path: Path) -> str:
    """Return a path as messages show it: relative to the checkout if it is inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the map in a YAML file; an empty file is an empty map.

    Raises:
        CarbonError: the file is missing, is not YAML, or holds something other than a map.
    """
    if path.exists() and not path.is_file():
        raise CarbonError(
            f"{format_path(path)} is not a regular file",
            "Replace it by a YAML file, or correct the path.",
        )
    try:
        content = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
    except FileNotFoundError as missing:
        raise CarbonError(
            f"{format_path(path)} is missing", "Write the file, or correct its path."
        ) from missing
    except OSError as wrong:
        raise CarbonError(
            f"can't read {format_path(path)}: {wrong.strerror}",
            "Make the file readable for this user.",
        ) from wrong
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        if "while parsing a flow" in (getattr(wrong, "context", None) or ""):
            mark = getattr(wrong, "context_mark", mark)  # the bracket without an end
        line = f":{mark.line + 1}" if mark else ""
        what = getattr(wrong, "problem", None) or wrong
        where = f"{format_path(path)}{line}"
        remedy = "Correct the YAML in this line." if mark else "Save the file as YAML in UTF-8."
        raise CarbonError(f"{where}: {what}", remedy) from wrong
    if content is not None and not isinstance(content, dict):
        kind = type(content).__name__
        raise CarbonError(
            f"{format_path(path)}: a map is expected, not a {kind}", "Write lines like key: value."
        )
    return content or {}
