"""Templates against values: each value that is read is declared, each that is declared is read."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.check.digests import OF_TESTS, combined, of_tree
from carbon.check.findings import RULES, Finding, declare
from carbon.check.locate import in_values
from carbon.check.result import Result
from carbon.check.site import Site, schema_of
from carbon.check.sources import (
    HANDED,
    STATE,
    Action,
    actions,
    forbidden,
    plain,
    reads,
    templates,
    texts,
)

PURE = declare(
    "templates/pure",
    "No template asks the cluster, the clock or chance.",
    "Let values decide; take secrets from Secrets that exist.",
    house=True,
)
STATELESS = declare(
    "templates/stateless",
    "No template asks whether this is an install or an upgrade: Argo CD does not know.",
    "Draw the same for both.",
    house=True,
)
DECLARED = declare(
    "values/declared",
    "Every value that a template reads is in values.yaml or in the schema.",
    "Declare it in values.yaml and values.schema.yaml, or correct its name.",
    house=True,
)
UNREAD = declare(
    "values/read",
    "Every value in values.yaml is read by a template.",
    "Remove it, or let a template read it.",
    house=True,
)
GUARDED = re.compile(r"^(with|if|else if)\b|\b(default|dig|get|hasKey)\b")
"""How a library reads what only some of the charts that use it have."""
_GIVEN = {"enabled", "global"}
"""Keys that the umbrella sets in a chart."""


def digest(chart: Chart) -> str:
    """The hash of what templates are examined with: the chart and its libraries, no part of it."""
    own = of_tree(chart.folder.resolve(), OF_TESTS | {"charts"})
    return combined([own, *(of_tree(each.folder.resolve()) for each in _libraries(chart))])


def examined(root: Path, folder: Path) -> Result:
    """Examine the templates of a chart and of the libraries it uses."""
    chart, site = Chart(folder, read_yaml(folder / "Chart.yaml")), Site(root)
    found: list[Finding] = []
    own = list(_actions([chart]))
    for action in own:
        wrong = [(PURE, name) for name in forbidden("{{" + action.text + "}}")]
        wrong += [(STATELESS, f".Release.{name}") for name in STATE.findall(plain(action.text))]
        for rule, name in wrong:
            found.append(_finding(rule, site, chart, action.path, action.line, f"{name} is called"))
    if not chart.is_library and not chart.is_umbrella:
        found += _crossed(site, chart, own)
    ours = site.is_ours(chart)
    kept = [finding for finding in found if ours or not RULES[finding.rule].house]
    return Result(kept, counts={"templates": len(templates(chart))})


def _crossed(site: Site, chart: Chart, own: list[Action]) -> Iterator[Finding]:
    used = list(reachable(own, list(_actions(_libraries(chart)))))
    values, schema = chart.values(), schema_of(chart.folder / "values.schema.json")
    reading = [(path, action) for action in used for path in reads(action.text)]
    for path, action in reading:
        lent = not action.path.is_relative_to(chart.folder / "templates")
        optional = lent and len(path) == 1 and GUARDED.search(action.text)
        if not declared(path, values, schema) and not optional:
            what = f"{'.'.join(path)} is read, and declared nowhere"
            yield _finding(DECLARED, site, chart, action.path, action.line, what)
    named = {text for action in used for text in texts(action.text)}
    words = {word for text in named for word in text.split(".")} | handed(used)
    for path in unread(values, {path for path, _ in reading}, words):
        line = in_values(chart.folder / "values.yaml", path)
        what = f"{'.'.join(path)} is read by no template"
        yield _finding(UNREAD, site, chart, chart.folder / "values.yaml", line, what)


def handed(used: Iterable[Action]) -> set[str]:
    """Keys that helpers read from values they are handed: `.values.nodeSelector`."""
    paths = (path for action in used for path in HANDED.findall(plain(action.text)))
    return {key for path in paths for key in path.split(".") if key}


def reachable(own: Iterable[Action], lent: Iterable[Action]) -> Iterator[Action]:
    """A chart's own actions and those of the named templates that they use, directly or not."""
    by_name: dict[str, list[Action]] = {}
    for action in lent:
        by_name.setdefault(action.define, []).append(action)
    ahead, seen = list(own), {""}
    while ahead:
        action = ahead.pop()
        yield action
        for name in set(texts(action.text)) & set(by_name) - seen:
            seen.add(name)
            ahead += by_name[name]


def declared(path: tuple[str, ...], values: Any, schema: Any) -> bool:
    """Whether a path is in values or in their schema, or below something left open."""
    if len(path) > 1 and path[0] == "global":  # open to other charts' keys, so that says nothing
        shared = (schema.get("properties") or {}).get("global") or {}
        if path[1] not in (shared.get("properties") or {}):
            return _in_values(path, values)
    return _in_values(path, values) or _in_schema(path, schema)


def _in_values(path: tuple[str, ...], values: Any) -> bool:
    if not path:
        return True
    if not isinstance(values, dict):
        return False
    return path[0] in values and _in_values(path[1:], values[path[0]])


def _in_schema(path: tuple[str, ...], schema: Any) -> bool:
    if not path or not isinstance(schema, dict):
        return not path
    known = schema.get("properties") or {}
    if path[0] in known:
        return _in_schema(path[1:], known[path[0]])
    more = schema.get("additionalProperties", "properties" not in schema)
    return _in_schema(path[1:], more) if isinstance(more, dict) else bool(more) and bool(schema)


def unread(values: Any, read: set[tuple[str, ...]], words: set[str]) -> list[tuple[str, ...]]:
    """Paths of values that nothing reads: neither they, nor something above or below them.

    A key whose name is a quoted text somewhere counts as read: helpers look such keys up.
    """
    found: list[tuple[str, ...]] = []

    def walk(node: Any, path: tuple[str, ...]) -> None:
        if any(path[: len(one)] == one for one in read):
            return
        if path and path[-1] in words | _GIVEN and len(path) > 1:
            return
        below = any(one[: len(path)] == path for one in read)
        if isinstance(node, dict) and node and (below or not path):
            for key, child in node.items():
                walk(child, (*path, str(key)))
        elif path and path[-1] not in words | _GIVEN:
            found.append(path)

    walk(values, ())
    return found


def _libraries(chart: Chart) -> list[Chart]:
    folders = [chart.folder / "charts" / name for name in chart.dependencies.values()]
    there = [f for f in folders if (f / "Chart.yaml").exists()]
    found = [Chart(f, read_yaml(f / "Chart.yaml")) for f in there]
    return [each for each in found if each.is_library]


def _actions(charts: Iterable[Chart]) -> Iterator[Action]:
    for chart in charts:
        for path in templates(chart):
            yield from actions(path)


def _finding(rule: str, site: Site, chart: Chart, path: Path, line: int, what: str) -> Finding:
    remedy = RULES[rule].remedy
    return Finding(rule, chart.name, "templates", site.shown(path.resolve()), line, what, remedy)
