"""Modules, packages and templates stay small enough to read at once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from carbon.check.texts.words import list_names
from carbon.home import ROOT

MODULE_LINES, TEMPLATE_LINES, TEMPLATE_COLUMNS, PACKAGE_MODULES = 250, 120, 120, 14
PACKAGES = Path("tools/carbon")
COMMANDS = PACKAGES / "commands"
"""The package with one module for each command, which has no limit."""
FILES = [Path(name) for name in list_names(ROOT) if (ROOT / name).is_file()]
MODULES = [path for path in FILES if path.suffix == ".py"]


def list_templates() -> Iterator[Path]:
    return (path for path in FILES if "templates" in path.parts and path.parts[0] != "tests")


def read_lines(path: Path) -> list[str]:
    return (ROOT / path).read_text("utf-8").splitlines()


def test_no_module_is_longer_than_the_limit() -> None:
    assert MODULES
    assert {str(path) for path in MODULES if len(read_lines(path)) > MODULE_LINES} == set()


def test_no_package_has_more_modules_than_the_limit() -> None:
    modules = Counter(path.parent for path in MODULES if path.is_relative_to(PACKAGES))
    assert modules[COMMANDS]
    del modules[COMMANDS]
    assert {str(path): n for path, n in modules.items() if n > PACKAGE_MODULES} == {}


def test_no_template_is_longer_than_the_limit() -> None:
    templates = list(list_templates())
    assert templates
    assert {str(path) for path in templates if len(read_lines(path)) > TEMPLATE_LINES} == set()


def test_no_line_of_a_template_is_longer_than_the_limit() -> None:
    lines = ((path, line) for path in list_templates() for line in read_lines(path))
    assert {str(path) for path, line in lines if len(line) > TEMPLATE_COLUMNS} == set()
