"""The documentation: the index lists every page, and commands exist.

`carbon check` checks the links.
"""

import importlib
import pkgutil
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from carbon import commands
from carbon.app import app
from carbon.check.texts.links import find_links
from carbon.home import ROOT

DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
READERS = ("Data scientists", "Platform engineers", "Contributors")
NAMES = ("up", "down", "test", "new-chart")
LAUNCHERS = {f"tools/{name}": [name] for name in NAMES}
CODE = re.compile(r"^ {4,}(.+)$|`([^`\n]+)`", re.M)


def calls(text: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of `carbon` and of the launchers in a page's code."""
    for code in ("".join(found) for found in CODE.findall(re.sub(r"\\\n +", "", text))):
        words = (
            shlex.split(code, comments=True)
            if re.match(r"(\.venv/bin/)?carbon |tools/", code)
            else []
        )
        if words and words[0] in LAUNCHERS:
            yield LAUNCHERS[words[0]] + words[1:]
        elif words and not words[0].startswith("tools/"):
            yield words[1:]


def unknown(arguments: list[str]) -> Iterator[str]:
    """Yield the commands and options among the arguments of `carbon` that do not exist."""
    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"carbon.commands.{module.name}")
    command = typer.main.get_command(app)
    for word in arguments:
        if isinstance(command, TyperGroup):
            if word not in command.commands:
                yield word
                return
            command = command.commands[word]
        elif word.startswith("-") and not any(word in each.opts for each in command.params):
            yield word


def sections() -> dict[str, set[Path]]:
    """Return the pages that the index links, by the heading above the link."""
    _, *parts = re.split(r"^## (.+)$", INDEX.read_text("utf-8"), flags=re.M)
    return {
        reader: {(DOCS / target.partition("#")[0]).resolve() for _, target in find_links(text)}
        for reader, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_the_index_sorts_pages_by_their_readers() -> None:
    assert tuple(sections()) == READERS


def test_the_index_links_every_page() -> None:
    linked = set().union(*sections().values())
    missing = [page for page in PAGES if page.parent != ROOT and page not in {*linked, INDEX}]
    assert [str(page.relative_to(DOCS)) for page in missing] == []


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_first_sentence_of_a_page_names_its_readers(page: Path) -> None:
    lines = [line for line in page.read_text("utf-8").splitlines() if line]
    text = " ".join(line for line in lines if not line.startswith(("#", "<!--")))
    first = re.split(r"(?<=\w)\. ", text)[0].lower()
    assert page == INDEX or any(reader.lower() in first for reader in READERS), first


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_of_carbon_exists(page: Path) -> None:
    found = [(call, list(unknown(call))) for call in calls(page.read_text("utf-8"))]
    assert [call for call, wrong in found if wrong] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_keeps_the_defaults_of_an_old_version(page: Path) -> None:
    assert "--reuse-values" not in page.read_text("utf-8"), "write --reset-then-reuse-values"


@pytest.mark.parametrize("call", ["carbon no-such-command", "tools/up --no-such-option"])
def test_a_command_or_option_that_does_not_exist_is_reported(call: str) -> None:
    [arguments] = calls(f"Run `{call}`.")
    assert list(unknown(arguments)) == [call.split()[1]]
