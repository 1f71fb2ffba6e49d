"""The recorded cluster (tests/live/production), read without the code under test."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from carbon.charts.render import Object
from carbon.home import ROOT

FOLDER = ROOT / "tests" / "live" / "production"
CONNECTIONS = FOLDER / "connections.yaml"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


@cache
def list_objects() -> list[Object]:
    """Return all objects of the recorded cluster."""
    lists = [read(path) for path in sorted(FOLDER.glob("*.yaml")) if path != CONNECTIONS]
    return [obj for each in lists for obj in each["items"]]


def of_kind(*kinds: str) -> list[Object]:
    """Return the recorded objects of the given kinds."""
    return [obj for obj in list_objects() if obj["kind"] in kinds]
