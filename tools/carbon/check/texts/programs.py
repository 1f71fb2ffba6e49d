"""Check of Markdown: this project's tools have the commands and options that it names."""

import ast
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_file, hash_tree
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.check.sources.lines import count_line
from carbon.check.texts.code import find_code, list_documents
from carbon.check.texts.shell import Word, find_commands
from carbon.errors import CarbonError
from carbon.files import read_yaml

PROGRAMS = declare(
    "prose/programs",
    "Markdown names commands, options, tiers and add-ons that this project's tools have.",
    "Correct the name; `carbon COMMAND --help` lists the options.",
    house=True,
)
COMMANDS = Path("tools") / "carbon" / "commands"
ADD_ONS = Path("tools") / "addons"
TIERS = Path("tests") / "tiers.yaml"
_PROGRAM = re.compile(r"(?:\.venv/bin/|(?:\./)?tools/|)(carbon|up|down|test)")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_ALWAYS = {"--help"}
_EVERY_TIER = "all"
Options = Mapping[str, frozenset[str]]
"""Command, such as `cluster add` -> its options."""
Problem = tuple[int, str]
"""The position in a page, and what is wrong."""


def hash_programs(root: Path) -> str:
    """Return the hash of the files that state the commands, options, tiers and add-ons."""
    names = sorted(path.name for path in (root / ADD_ONS).glob("*"))
    return combine([hash_tree(root / COMMANDS), hash_file(root / TIERS), *names])


def check_programs(root: Path) -> Result:
    """Check the commands of the tools in every page of a checkout."""
    checkout, found = Checkout(root), []
    options = read_options(root)
    values = {"--tier": _read_tiers(root), "cluster add": _list_add_ons(root)}
    values["cluster remove"] = values["cluster add"]
    values["check"] = {chart.name for chart in checkout.charts}
    for page in list_documents(root) if options else ():
        text = page.read_text("utf-8", errors="replace")
        chart = next((c.name for c in checkout.charts if page.is_relative_to(c.folder)), "")
        for at, what in find_errors(text, options, values):
            line, file = count_line(text, at), checkout.format_path(page)
            found.append(make_finding(PROGRAMS, what, file, line, chart=chart, case="programs"))
    return Result(found)


def find_errors(text: str, options: Options, values: Mapping[str, set[str]]) -> Iterator[Problem]:
    """Yield what is wrong with the commands of the tools in a page.

    `values` maps an option to its accepted values, or a command to its accepted arguments.
    """
    for code in find_code(text):
        for words in find_commands(code):
            match = _PROGRAM.fullmatch(words[0].text) if words else None
            if match and match[1] == "carbon":
                yield from _check(words[1:], options, values)
            elif match and "tools/" in match[0]:
                name = Word(match[1], words[0].at)
                yield from _check([name, *words[1:]], options, values)


def _check(
    words: list[Word], options: Options, values: Mapping[str, set[str]]
) -> Iterator[Problem]:
    """Yield what is wrong with a command, from its name on."""
    if not words or not _NAME.fullmatch(words[0].text):
        return
    command, left = words[0].text, words[1:]
    below = {name.partition(" ")[2] for name in options if name.startswith(f"{command} ")}
    if left and below and _NAME.fullmatch(left[0].text):
        command, left = f"{command} {left[0].text}", left[1:]
    if command not in options:
        last = words[len(command.split()) - 1]
        yield last.at, f"carbon has no command `{command}`{_suggest(command, set(options))}"
        return
    for at, word in enumerate(left):
        option, is_equal, value = word.text.partition("=")
        if option.startswith("--") and option not in options[command] | _ALWAYS:
            known = set(options[command])
            yield word.at, f"`carbon {command}` has no option {option}{_suggest(option, known)}"
        elif option in values:
            given = Word(value, word.at) if is_equal else next(iter(left[at + 1 :]), None)
            yield from _check_value(given, values[option], option)
    if command in values:
        yield from _check_value(next(iter(left), None), values[command], command)


def _check_value(word: Word | None, known: set[str], of: str) -> Iterator[Problem]:
    if word and known and _NAME.fullmatch(word.text) and word.text not in known:
        write = f"; write one of {', '.join(sorted(known))}"
        yield word.at, f"`{of}` does not accept {word.text}{_suggest(word.text, known) or write}"


def read_options(root: Path) -> Options:
    """Return the options of each command of `carbon`; a group counts as a command."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted((root / COMMANDS).glob("*.py")):
        try:
            body = ast.parse(path.read_text("utf-8")).body
        except SyntaxError:
            continue  # Python reports the file
        group = ""
        for node in body:
            if isinstance(node, ast.Assign) and _get_name(node.value) == "add_group":
                group = next(_list_texts(node.value), "")
                found[group] = frozenset()
            elif isinstance(node, ast.FunctionDef):
                for call in node.decorator_list:
                    name = next(_list_texts(call), node.name.replace("_", "-"))
                    own = f"{group} {name}".strip() if _get_name(call) == "command" else group
                    if own:
                        found[own] = frozenset(_list_options(node))
    return found


def _get_name(node: ast.expr) -> str:
    """Return the name of a called function or method; empty for another expression."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _list_texts(node: ast.expr) -> Iterator[str]:
    """Yield the positional texts of a call."""
    for each in node.args if isinstance(node, ast.Call) else ():
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _list_options(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the options that the parameters of a command declare."""
    for parameter in (*function.args.args, *function.args.kwonlyargs):
        yield f"--{parameter.arg.replace('_', '-')}"
        calls = ast.walk(parameter.annotation) if parameter.annotation else ()
        for call in (each for each in calls if isinstance(each, ast.Call)):
            yield from (text for text in _list_texts(call) if text.startswith("-"))


def _read_tiers(root: Path) -> set[str]:
    try:
        return {_EVERY_TIER, *read_yaml(root / TIERS)}
    except CarbonError:  # the file is missing, or a test reports it
        return set()


def _list_add_ons(root: Path) -> set[str]:
    return {path.name for path in (root / ADD_ONS).glob("*") if path.is_dir()}


def _suggest(text: str, known: set[str]) -> str:
    near = get_close_matches(text, sorted(known), n=1)
    return f"; write {near[0]}" if near else ""
