"""The health checks give the status that Argo CD shows, run by Lua 5.1 as Argo CD runs them."""

from pathlib import Path
from typing import Any

import pytest
from lupa.lua51 import LuaRuntime  # type: ignore[import-untyped]

from carbon.charts.render import Object
from carbon.files import read_yaml
from carbon.gitops.health import CHECKS, build_settings, list_checks

DATA = Path(__file__).parent / "health"
STATUSES = {"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"}
ABSENT = ("string", "math", "io", "debug", "coroutine")
"""Libraries that Argo CD does not load for a health check: util/lua/lua.go of Argo CD 3.6.1."""


def read_health(check: str, obj: Object) -> dict[str, str]:
    """Return what a health check in Lua returns for an object."""
    lua = LuaRuntime(unpack_returned_tuples=True, register_eval=False, register_builtins=False)
    lua.execute('getmetatable("").__index = nil')
    for name in ABSENT:
        lua.globals()[name] = None
    lua.globals().obj = lua.table_from(obj, recursive=True)
    return dict(lua.execute((CHECKS / f"{check}.lua").read_text("utf-8")))


CASES = [
    (file.stem, row) for file in sorted(DATA.glob("*.yaml")) for row in read_yaml(file)["tests"]
]


@pytest.mark.parametrize(
    ("check", "row"), CASES, ids=[f"{check} {row['name']}" for check, row in CASES]
)
def test_a_check_returns_the_health_of_an_object(check: str, row: dict[str, Any]) -> None:
    group, _, kind = check.partition("_")
    obj = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "a"}, **row["input"]}
    assert read_health(check, obj) == row["healthStatus"]
    assert row["healthStatus"]["status"] in STATUSES


@pytest.mark.parametrize("check", [file.stem for file in list_checks()])
def test_each_check_has_examples_and_waits_for_an_object_without_a_status(check: str) -> None:
    statuses = {row["healthStatus"]["status"] for name, row in CASES if name == check}
    assert {"Healthy", "Progressing"} <= statuses
    assert len(statuses) > 2, "an example of a failure is missing"
    assert read_health(check, {"spec": {}})["status"] == "Progressing"


def test_the_settings_contain_each_check_under_the_key_that_argo_cd_reads() -> None:
    data = build_settings()["data"]
    assert len(data) == len(list_checks()) > 0
    key = "resource.customizations.health.ray.io_RayCluster"
    assert data[key] == (CHECKS / "ray.io_RayCluster.lua").read_text("utf-8")
