"""The charts replace each insecure default of the programs that they run, or the docs state how.

The table insecure_defaults.yaml lists the defaults, with a row for each server that a chart runs.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.cases import RENDERS, list_pods

from carbon.charts.render import Object, Render, containers, identity, render_objects
from carbon.check.sources.servers import read_table
from carbon.errors import CarbonError
from carbon.home import ROOT

TABLE = yaml.safe_load(Path(__file__).with_name("insecure_defaults.yaml").read_text("utf-8"))


def get_name(row: dict[str, Any]) -> str:
    """Return the name of the server or the program of a row."""
    return str(row.get("server") or row["program"])


def select(*keys: str) -> list[Any]:
    """Return the rows that have one of the keys, as parameters of a test."""
    return [pytest.param(row, id=get_name(row)) for row in TABLE if set(keys) & set(row)]


@cache
def list_containers() -> list[tuple[str, Object]]:
    """Return the containers of all cases, each with its place."""
    return [
        (f"{render}: {workload}: {container['name']}", container)
        for render in RENDERS
        for workload, pod in list_pods(render_objects(render))
        for container in containers(pod)
    ]


def list_matches(row: dict[str, Any]) -> Iterator[tuple[str, Object, str]]:
    """Yield the containers that run the program of a row, with the place and the command."""
    server = read_table()[row["server"]] if "server" in row else {"command": row["program"]}
    for place, container in list_containers():
        words = [*(container.get("command") or []), *(container.get("args") or [])]
        command = " ".join(map(str, words))
        own = server["command"] if command else server.get("image", "(?!)")
        if re.search(own, command or container["image"], re.S):
            yield place, container, command


def test_each_server_has_a_row() -> None:
    assert {row["server"] for row in TABLE if "server" in row} == set(read_table())


@pytest.mark.parametrize("row", select("secret", "command"))
def test_each_container_replaces_the_default(row: dict[str, Any]) -> None:
    found = list(list_matches(row))
    assert found
    for place, container, command in found:
        env = container.get("env") or []
        secret = {e["name"] for e in env if "secretKeyRef" in e.get("valueFrom", {})}
        assert secret >= set(row.get("secret", ())), place
        assert re.search(row.get("command", ""), command), place


@pytest.mark.parametrize("row", select("file"))
def test_each_file_replaces_the_default(row: dict[str, Any]) -> None:
    kind, key = row["object"].split("/")
    objects = [(render, each) for render in RENDERS for each in render_objects(render)]
    files = [(r, o, o["data"][key]) for r, o in objects if o["kind"] == kind and key in o["data"]]
    assert files
    for render, each, text in files:
        assert re.search(row["file"], text, re.M), f"{render}: {identity(each)}"


@pytest.mark.parametrize("row", select("refused"))
def test_values_that_restore_the_default_are_refused(row: dict[str, Any]) -> None:
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in row["refused"].items())
    with pytest.raises(CarbonError, match="INTRA_COMMUNICATION_BASE64"):
        list(render_objects(Render(ROOT / "charts" / row["chart"], sets=sets)))


@pytest.mark.parametrize("row", select("page"))
def test_the_documentation_states_how_to_replace_the_default(row: dict[str, Any]) -> None:
    assert row["text"] in (ROOT / row["page"]).read_text("utf-8")
