"""`--deep`: values by chance, thousands a chart; and whether every key of a schema matters."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.charts.kubernetes import MINORS
from carbon.charts.render import Render, text
from carbon.check import documents
from carbon.check.cases import NAMESPACE, RELEASE
from carbon.check.drawn import Drawn, parsed
from carbon.check.findings import RULES, Finding, declare
from carbon.check.generate import Maker, Schema, leaves, passed_through
from carbon.check.generate import Path as Keys
from carbon.check.locate import in_values
from carbon.check.result import Document, Result
from carbon.check.rules import names
from carbon.check.site import Site, apis, schema_of
from carbon.errors import CarbonError

HOLDS = declare(
    "deep/holds",
    "Whatever values a schema allows, valid objects are drawn, or a message of ours refuses them.",
    "Refuse the values in the schema or with common.problem, or draw them right; keep them in ci/.",
)
MATTERS = declare(
    "deep/matters",
    "Every key of a schema changes what is drawn with some of the CI values.",
    "Draw by it, remove it, or turn on in ci/ what it belongs to.",
    house=True,
)
OURS = ("can't work", "don't meet the specifications of the schema")
"""What our own refusals say."""
AT_ONCE = 50
"""Sets of values that one task tries."""
TRIES = 4
"""Other values of a key, and CI values files, that are tried before it counts as without effect."""


def tried(root: Path, folder: Path, seed: int) -> Result:
    """Render a chart with some sets of values, each a few keys away from its defaults."""
    chart, site = Chart(folder, read_yaml(folder / "Chart.yaml")), Site(root)
    maker = Maker(seed)
    known = [each for each in leaves(schema_of(site.schema(chart))) if not passed_through(each[1])]
    bad: list[tuple[dict[Keys, Any], str]] = []
    drawn: dict[str, Document] = {}
    by_digest: dict[str, dict[Keys, Any]] = {}
    sets = [_chosen(maker, known) for _ in range(AT_ONCE if known else 0)]
    for chosen, (wrong, things) in zip(sets, _rendered(folder, sets), strict=True):
        if wrong:
            bad.append((_smaller(folder, chosen), wrong))
        for each in things:
            drawn[each.digest] = each
            by_digest.setdefault(each.digest, chosen)
    if drawn:
        with documents.laid_out(drawn.values()) as place:
            said = documents.validated(place, MINORS[-1])
        for digest, messages in said.items():
            body = drawn[digest].body
            bad += [
                (by_digest[digest], f"{body.get('kind')}: {documents.brief(message)}")
                for message in messages
            ]
    found = [_finding(HOLDS, site, chart, (), f"{what}\n{_shown(keys)}") for keys, what in bad]
    return Result(found, counts={"sets": AT_ONCE})


def _chosen(maker: Maker, known: list[tuple[Keys, Schema]]) -> dict[Keys, Any]:
    from jsonschema import Draft7Validator

    chosen: dict[Keys, Any] = {}
    for path, schema in maker.chance.sample(known, min(len(known), maker.chance.randint(1, 12))):
        value = maker.value(schema)
        if Draft7Validator(schema).is_valid(value):
            chosen[path] = value
    return chosen


def nested(chosen: dict[Keys, Any]) -> dict[str, Any]:
    """Values by path, as a values file has them."""
    whole: dict[str, Any] = {}
    for path, value in chosen.items():
        node = whole
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value
    return whole


def _printed(
    folder: Path, base: tuple[Path, ...], sets: list[dict[Keys, Any]]
) -> list[str | CarbonError]:
    """What Helm prints with each set of values over a base, or why it refuses."""
    printed: list[str | CarbonError] = []
    with TemporaryDirectory() as work:
        file = Path(work) / "values.yaml"
        given = (*base, file)
        render = Render(folder, given, release=RELEASE, namespace=NAMESPACE, apis=apis())
        for chosen in sets:
            file.write_text(json.dumps(nested(chosen)), "utf-8")
            try:
                printed.append(text(render))
            except CarbonError as refused:
                printed.append(refused)
    return printed


def _rendered(folder: Path, sets: list[dict[Keys, Any]]) -> list[tuple[str, list[Document]]]:
    """What is wrong with each render, if anything, and what it draws."""
    return [_judged(folder, said) for said in _printed(folder, (), sets)]


def _judged(folder: Path, said: str | CarbonError) -> tuple[str, list[Document]]:
    if isinstance(said, CarbonError):
        ours = any(sign in said.what for sign in OURS)
        return ("" if ours else said.what.partition("Error: ")[2][:500]), []
    try:
        drawn = Drawn(folder.name, parsed(said))
    except yaml.YAMLError as wrong:
        return f"no YAML: {' '.join(str(wrong).split())[:300]}", []
    faults = [f.what for rule in (names.valid, names.unique) for f in rule(drawn)]
    return "; ".join(faults), [Document(t.digest, t.text, t.body) for t in drawn.things]


def _smaller(folder: Path, chosen: dict[Keys, Any]) -> dict[Keys, Any]:
    """As few of the keys as still break it."""
    for path in list(chosen):
        fewer = {k: v for k, v in chosen.items() if k != path}
        if fewer and _rendered(folder, [fewer])[0][0]:
            chosen = fewer
    return chosen


def mattering(root: Path, folder: Path, part: int, parts: int) -> Result:
    """Whether the keys of a chart's schema, one part of them, change anything that is drawn."""
    chart, site = Chart(folder, read_yaml(folder / "Chart.yaml")), Site(root)
    values, schema = chart.values(), schema_of(site.schema(chart))
    every = [each for each in leaves(schema) if _is_set(each[0], values)]
    full = [path for path in chart.ci_values() if path.stem == "full-values"]
    bases = [*((path,) for path in full), (), *((p,) for p in chart.ci_values() if p not in full)]
    plain = {base: _printed(folder, base, [{}])[0] for base in bases}
    found = []
    for path, leaf in every[part::parts]:
        named = leaf.get("type") == "object" and "properties" not in leaf  # entries have own names
        if path[-1] != "enabled" and not named and not any(_changes(folder, plain, path, leaf)):
            what = f"{'.'.join(path)} changes nothing that is drawn"
            found.append(_finding(MATTERS, site, chart, path, what))
    return Result(found, counts={"leaves": len(every[part::parts])})


def _changes(
    folder: Path, plain: dict[tuple[Path, ...], str | CarbonError], path: Keys, leaf: Schema
) -> Iterator[bool]:
    """For one base after the other, whether another value of a key draws something else."""
    from jsonschema import Draft7Validator

    maker = Maker(len(path))
    others = [*_near(path, folder), *(maker.value(leaf) for _ in range(TRIES * 5))]
    good = [value for value in others if Draft7Validator(leaf).is_valid(value)]
    different = [value for i, value in enumerate(good) if value not in good[:i]][:TRIES]
    for base, printed in plain.items():
        for drawn in _printed(folder, base, [{path: value} for value in different]):
            yield not isinstance(drawn, CarbonError) and drawn != printed


def _near(path: Keys, folder: Path) -> list[Any]:
    """Values next to a key's default, which what depends on it takes more likely than others."""
    value: Any = Chart(folder, {}).values()
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return [not value]
    return [value + 1, value - 1] if isinstance(value, int) else []


def _is_set(path: Keys, values: Any) -> bool:
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def _finding(rule: str, site: Site, chart: Chart, path: Keys, what: str) -> Finding:
    file = chart.folder / "values.yaml"
    line, remedy = in_values(file, path), RULES[rule].remedy
    return Finding(rule, chart.name, "deep", site.shown(file), line, what, remedy)


def _shown(chosen: dict[Keys, Any]) -> str:
    return yaml.safe_dump(nested(chosen), sort_keys=False, allow_unicode=True).strip()[:1500]
