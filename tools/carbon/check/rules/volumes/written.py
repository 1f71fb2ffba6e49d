"""ConfigMaps that a script creates: their keys are the files that other containers read."""

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.access.calls import list_requests
from carbon.check.rules.volumes.mounts import find_mount
from carbon.check.rules.volumes.places import Place, list_places
from carbon.check.rules.volumes.reading import parse

WRITING = {"create", "patch", "update"}


@rule("volumes/written", "Read a file that the script writes, or correct the script.", house=True)
def check_written(chart: RenderedChart) -> Iterator[Violation]:
    """A script that creates a ConfigMap writes every file that a container reads from it."""
    writers = list(_list_writers(chart))
    for place in list_places(chart) if writers else ():
        for mount in place.mounts:
            kind, _, name = mount.source.partition("/")
            scripts = [each for each in writers if name in each[0].words]
            if kind != "ConfigMap" or name in chart.names("ConfigMap") or not scripts:
                continue
            keys = {key for _, _, written in scripts for key in written}
            by, there = scripts[0][1], ", ".join(sorted(keys))
            for read in place.reads:
                file = mount.resolve(read.path)
                if file not in {None, ".", *keys} and find_mount(place.mounts, read.path) == mount:
                    what = f" reads {read.path}, and {by} writes {there} to {mount.source}"
                    yield place.report(what, at=read.source, word=read.path)


def _list_writers(chart: RenderedChart) -> Iterator[tuple[Place, str, frozenset[str]]]:
    """Yield each container, script and keys of the ConfigMaps that the script writes."""
    for place in list_places(chart):
        for file, text in place.scripts.items():
            requests = list_requests(text) if file.endswith(".py") else ()
            verbs = {verb for r in requests if r.resource == "configmaps" for verb in r.verbs}
            if verbs & WRITING and (keys := list_keys(text)):
                yield place, file, keys


@lru_cache(64)
def list_keys(script: str) -> frozenset[str]:
    """Return the keys of each `data` that a Python script sends; none if one key is not known."""
    found: set[str] = set()
    for sent in _list_data(parse(script)):
        keys = sent.keys if isinstance(sent, ast.Dict) else [None]
        if not all(isinstance(key, ast.Constant) for key in keys):
            return frozenset()
        found |= {str(key.value) for key in keys if isinstance(key, ast.Constant)}
    return frozenset(found)


def _list_data(nodes: Sequence[ast.AST]) -> Iterator[ast.expr]:
    """Yield what each `data` in a dict of a script is set to, by way of a variable or directly."""
    dicts = [node for node in nodes if isinstance(node, ast.Dict)]
    assigned = [node for node in nodes if isinstance(node, ast.Assign)]
    for pair in (pair for each in dicts for pair in zip(each.keys, each.values, strict=True)):
        if isinstance(pair[0], ast.Constant) and pair[0].value == "data":
            name = getattr(pair[1], "id", "")
            values = [n.value for n in assigned if getattr(n.targets[0], "id", None) == name]
            yield from values or [pair[1]]
