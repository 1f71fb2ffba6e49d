"""Checks the use of values: templates read declared values only, and read every declared value."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.generate.names import get_entry_schema
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import OF_TESTS, combine, hash_tree
from carbon.check.engine.result import Result
from carbon.check.findings import RULES, Finding, declare, make_finding
from carbon.check.sources.lines import find_in_yaml
from carbon.check.sources.schema_tree import KeyPath, read_schema
from carbon.check.sources.templates import (
    PASSED,
    STATE,
    Action,
    find_forbidden,
    find_quoted,
    find_reads,
    list_templates,
    read_actions,
    strip_quotes,
)
from carbon.check.template_words.comparisons import Scopes
from carbon.check.template_words.enums import Enums

PURE = declare(
    "templates/pure",
    "No template reads the cluster, the clock or a random number.",
    "Read a value instead; take passwords from existing Secrets.",
    house=True,
)
STATELESS = declare(
    "templates/stateless",
    "No template reads .Release.IsInstall, .Release.IsUpgrade or .Release.Revision, which never "
    "change under Argo CD.",
    "Render the same objects for an installation and for each upgrade.",
    house=True,
)
DECLARED = declare(
    "values/declared",
    "Every value that a template reads is in values.yaml or in the schema.",
    "Declare the key in values.yaml and values.schema.yaml, or correct its name.",
    house=True,
)
UNREAD = declare(
    "values/read",
    "A template reads every value in values.yaml.",
    "Remove the key, or read it in a template.",
    house=True,
)
ENUM = declare(
    "templates/enum",
    "A template compares a value only with words that the schema of the value accepts.",
    "Write one of the words, or add the word to the enum in the schema.",
)
DOMAIN = declare(
    "templates/domain",
    "No template contains the default domain of clusters, cluster.local.",
    "Use global.clusterDomain, or a name that ends with .svc.",
    house=True,
)
GUARDED = re.compile(r"^(with|if|else if)\b|\b(default|dig|get|hasKey)\b")
"""Actions in which a library chart reads a key that only some of its parents have."""
_SET_BY_UMBRELLA = {"enabled", "global"}


def hash_inputs(chart: Chart) -> str:
    """Return the hash of what `check_usage` reads: the chart and its libraries, no subchart."""
    own = hash_tree(chart.folder.resolve(), OF_TESTS | {"charts"})
    return combine([own, *(hash_tree(each.folder.resolve()) for each in _list_libraries(chart))])


def check_usage(root: Path, folder: Path) -> Result:
    """Check the templates of the chart in a folder, and the values that they read."""
    chart, checkout = read_chart(folder), Checkout(root)
    found: list[Finding] = []
    own = list(_read_all_actions([chart]))
    for action in own:
        wrong = [(PURE, name) for name in find_forbidden("{{" + action.text + "}}")]
        names = STATE.findall(strip_quotes(action.text))
        wrong += [(STATELESS, f".Release.{name}") for name in names]
        for rule, name in wrong:
            what = f"the template reads {name}"
            found.append(_make_finding(rule, checkout, chart, action.path, action.line, what))
    for path in list_templates(chart):
        for line, text in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if ".cluster.local" in text:
                what = "the template contains cluster.local"
                found.append(_make_finding(DOMAIN, checkout, chart, path, line, what))
    if not chart.is_library and not chart.is_umbrella:
        found += _compare(checkout, chart, own)
    found += _find_wrong_words(checkout, chart, own)
    ours = checkout.is_ours(chart)
    left = [finding for finding in found if ours or not RULES[finding.rule].house]
    return Result(left, counts={"templates": len(list_templates(chart))})


def _compare(checkout: Checkout, chart: Chart, own: list[Action]) -> Iterator[Finding]:
    """Compare the values that templates read with the values that the chart declares."""
    used = list(find_reachable(own, list(_read_all_actions(_list_libraries(chart)))))
    values, schema = chart.read_values(), read_schema(chart.folder / "values.schema.json")
    reading = [(path, action) for action in used for path in find_reads(action.text)]
    for path, action in reading:
        lent = not action.path.is_relative_to(chart.folder / "templates")
        optional = lent and len(path) == 1 and GUARDED.search(action.text)
        if not is_declared(path, values, schema) and not optional:
            what = f"a template reads {'.'.join(path)}, which is declared nowhere"
            yield _make_finding(DECLARED, checkout, chart, action.path, action.line, what)
    quoted = {text for action in used for text in find_quoted(action.text)}
    words = {word for text in quoted for word in text.split(".")} | find_passed_keys(used)
    for path in find_unread(values, {path for path, _ in reading}, words):
        line = find_in_yaml(chart.folder / "values.yaml", path)
        what = f"no template reads {'.'.join(path)}"
        yield _make_finding(UNREAD, checkout, chart, chart.folder / "values.yaml", line, what)


def _find_wrong_words(checkout: Checkout, chart: Chart, own: list[Action]) -> Iterator[Finding]:
    """Yield a finding for each word in a comparison that the schema of the value refuses."""
    enums = Enums(read_schema(chart.folder / "values.schema.json"))
    # The umbrella's schema does not list the keys of its subcharts.
    guess = checkout.is_ours(chart) and not chart.is_umbrella
    used = set(find_reachable(own, list(_read_all_actions(_list_libraries(chart)))))
    for path in sorted({action.path for action in used}):
        scopes = Scopes()
        for action in read_actions(path):
            for each in scopes.find_comparisons(action.text):
                words = enums.find_accepted(each, guess)
                if words and action in used:
                    name = ".".join(each.path) or "a value"
                    alike = {word for word in words if word.lower() == each.word.lower()}
                    near = sorted(alike) or get_close_matches(each.word, words, 1) or sorted(words)
                    what = f'the template compares {name} with "{each.word}", not with'
                    what = f"{what} {', '.join(near)}"
                    yield _make_finding(ENUM, checkout, chart, path, action.line, what)


def find_passed_keys(actions: Iterable[Action]) -> set[str]:
    """Return the keys that helpers read from values passed to them: `.values.nodeSelector`."""
    paths = (path for action in actions for path in PASSED.findall(strip_quotes(action.text)))
    return {key for path in paths for key in path.split(".") if key}


def find_reachable(own: Iterable[Action], lent: Iterable[Action]) -> Iterator[Action]:
    """Yield a chart's actions, and the actions of every named template that these include."""
    by_name: dict[str, list[Action]] = {}
    for action in lent:
        by_name.setdefault(action.define, []).append(action)
    ahead, seen = list(own), {""}
    while ahead:
        action = ahead.pop()
        yield action
        for name in set(find_quoted(action.text)) & set(by_name) - seen:
            seen.add(name)
            ahead += by_name[name]


def is_declared(path: KeyPath, values: Any, schema: Any) -> bool:
    """Return whether a key is in values or in their schema, or below an open map.

    A key of `global` must have a default in values: README.md lists these keys, and the schema of
    `global` is that of all charts.
    """
    if len(path) > 1 and path[0] == "global":
        return _is_in_values(path, values)
    return _is_in_values(path, values) or _is_in_schema(path, schema)


def _is_in_values(path: KeyPath, values: Any) -> bool:
    if not path:
        return True
    if not isinstance(values, dict):
        return False
    return path[0] in values and _is_in_values(path[1:], values[path[0]])


def _is_in_schema(path: KeyPath, schema: Any) -> bool:
    if not path or not isinstance(schema, dict):
        return not path
    known = schema.get("properties") or {}
    if path[0] in known:
        return _is_in_schema(path[1:], known[path[0]])
    more = get_entry_schema(schema)
    more = "properties" not in schema if more is None else more
    return _is_in_schema(path[1:], more) if isinstance(more, dict) else bool(more) and bool(schema)


def find_unread(values: Any, read: set[KeyPath], words: set[str]) -> list[KeyPath]:
    """Return the keys of values that no template reads, nor a key above or below them.

    A key counts as read if its name is a quoted text in a template: helpers look such keys up.
    """
    found: list[KeyPath] = []

    def walk(node: Any, path: KeyPath) -> None:
        if any(path[: len(one)] == one for one in read):
            return
        if path and path[-1] in words | _SET_BY_UMBRELLA and len(path) > 1:
            return
        below = any(one[: len(path)] == path for one in read)
        if isinstance(node, dict) and node and (below or not path):
            for key, child in node.items():
                walk(child, (*path, str(key)))
        elif path and path[-1] not in words | _SET_BY_UMBRELLA:
            found.append(path)

    walk(values, ())
    return found


def _list_libraries(chart: Chart) -> list[Chart]:
    folders = [chart.folder / "charts" / name for name in chart.dependencies.values()]
    found = [read_chart(folder) for folder in folders if (folder / "Chart.yaml").exists()]
    return [each for each in found if each.is_library]


def _read_all_actions(charts: Iterable[Chart]) -> Iterator[Action]:
    for chart in charts:
        for path in list_templates(chart):
            yield from read_actions(path)


def _make_finding(
    rule: str, checkout: Checkout, chart: Chart, path: Path, line: int, what: str
) -> Finding:
    file = checkout.format_path(path.resolve())
    return make_finding(rule, what, file, line, chart=chart.name, case="templates")
