"""renovate.json finds every pin of the repository.

Renovate is not installed here. The tests apply its regular expressions and patterns of files to the
files in Git, and compare what they find with the pins that are found otherwise.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from carbon.charts.discovery import find_charts
from carbon.check.texts.words import list_names
from carbon.home import ROOT

CONFIG = json.loads((ROOT / "renovate.json").read_text("utf-8"))
FILES = [name for name in list_names(ROOT) if (ROOT / name).is_file()]
BUILT_IN = {
    "github-actions": r"^\.github/workflows/[^/]+\.ya?ml$",
    "gomod": r"(^|/)go\.mod$",
    "pip_requirements": r"(^|/)[\w-]*requirements([-._]\w+)?\.(txt|pip)$",
}
"""Files that managers of Renovate 44 read by default."""
REFERENCE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+/[a-z0-9./_-]+:(?P<tag>[\w.-]*\d[\w.-]*)")
"""Reference of an image with a version."""
RUN = re.compile(r"^(tools/(?!carbon/check/)|tests/live/)")
"""Files whose images are built, run or tested. Messages of rules only name examples."""

Place = tuple[str, int]
"""Path of a file, and number of the line with a version."""


def compile_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("(?<", "(?P<"))


def read_by(manager: dict[str, Any]) -> list[str]:
    """Return the files that a manager reads. A pattern is a regular expression between slashes."""
    patterns = [compile_pattern(each[1:-1]) for each in manager["managerFilePatterns"]]
    ignored = [re.compile(each.replace("**", ".*")) for each in CONFIG["ignorePaths"]]
    return [
        name
        for name in FILES
        if any(pattern.search(name) for pattern in patterns)
        and not any(each.fullmatch(name) for each in ignored)
    ]


@pytest.fixture(scope="module")
def found() -> set[Place]:
    """The places of the versions that the regular expressions find."""
    places = set()
    for manager in CONFIG["customManagers"]:
        for name in read_by(manager):
            text = (ROOT / name).read_text("utf-8")
            for pattern in map(compile_pattern, manager["matchStrings"]):
                for match in pattern.finditer(text):
                    at = match.start("currentValue")
                    places.add((name, text.count("\n", 0, at) + 1))
    return places


def list_values() -> Iterator[Place]:
    """Yield the images of values: maps with a registry, a repository and a tag."""
    for name in FILES:
        text = (ROOT / name).read_text("utf-8") if name.endswith((".yaml", ".jinja")) else ""
        if name.endswith("/values.yaml.jinja"):  # no YAML: Jinja selects lines
            lines = enumerate(text.splitlines(), 1)
            yield from ((name, n) for n, line in lines if re.match(r"\s+tag: \S", line))
        elif re.search(r"(^|/)values(/[\w-]+)?\.yaml$", name) and "tests" not in name:
            node = yaml.compose(text, yaml.CSafeLoader)
            yield from ((name, line) for line in list_tags(node))


def list_tags(node: yaml.Node | None) -> Iterator[int]:
    if isinstance(node, yaml.MappingNode):
        keys = {key.value: value for key, value in node.value}
        if {"registry", "repository", "tag"} <= set(keys) and keys["repository"].value:
            yield keys["tag"].start_mark.line + 1
    pairs = node.value if isinstance(node, yaml.CollectionNode) else []
    for each in pairs:
        for child in each if isinstance(each, tuple) else (each,):
            yield from list_tags(child)


def list_references() -> Iterator[Place]:
    for name in filter(RUN.match, FILES):
        if not name.endswith((".lock", ".md")):
            lines = (ROOT / name).read_text("utf-8").splitlines()
            yield from ((name, at) for at, line in enumerate(lines, 1) if REFERENCE.search(line))


def list_products() -> Iterator[Place]:
    """Yield the versions of products: an appVersion that is not the project's version."""
    for chart in find_charts(ROOT):
        version = str(chart.meta.get("appVersion", chart.meta["version"]))
        if version != chart.meta["version"]:
            path = chart.folder / "Chart.yaml"
            lines = path.read_text("utf-8").splitlines()
            at = next(n for n, line in enumerate(lines, 1) if line.startswith("appVersion:"))
            yield str(path.relative_to(ROOT)), at


@pytest.mark.parametrize("list_pins", [list_values, list_references, list_products])
def test_the_regular_expressions_find_every_pin(list_pins: Any, found: set[Place]) -> None:
    pins = set(list_pins())
    assert pins
    assert pins - found == set()


def test_each_regular_expression_finds_pins() -> None:
    for manager in CONFIG["customManagers"]:
        text = "\n".join((ROOT / name).read_text("utf-8") for name in read_by(manager))
        assert all(compile_pattern(each).search(text) for each in manager["matchStrings"]), manager


def test_a_manager_reads_each_file_with_pins_of_packages_programs_and_actions() -> None:
    read = {name for name in FILES for each in BUILT_IN.values() if re.search(each, name)}
    for manager in ("pip-compile", "pip_requirements"):
        read |= set(read_by(CONFIG[manager]))
    assert set(BUILT_IN) | {"pip-compile", "custom.regex"} <= set(CONFIG["enabledManagers"])
    pinned = re.compile(
        r"(^|/)go\.mod$|requirements[^/]*\.(in|txt)$|base\.in$|^\.github/workflows/"
    )
    files = {name for name in FILES if pinned.search(name)} | {"requirements.lock"}
    assert files - read == set()


def test_renovate_can_compile_the_locked_packages_again() -> None:
    [_, command, *_] = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    assert command.startswith("#    uv pip compile pyproject.toml --extra=dev --generate-hashes ")
    options = [word for word in command.split() if word.startswith("-")]
    assert "--output-file=requirements.lock" in options
    assert not {"--no-header", "--no-annotate", "--extra", "--python-version"} & set(options)
