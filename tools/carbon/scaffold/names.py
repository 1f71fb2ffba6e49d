"""Refuses names and texts that a new chart can't have."""

import re
from collections.abc import Iterator
from pathlib import Path

from carbon.charts.discovery import UMBRELLA, find_charts
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.scaffold.template import KINDS

_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
LONGEST = 35
"""Characters of a name. Names of objects add up to 18, such as `-0123456789-abcde`, of 63."""
_WORDS = {"true", "false", "null", "yes", "no", "on", "off"}
"""Words that YAML reads as other types than text."""
_TEXT = r"[A-Z][-A-Za-z0-9 ,/()+']*[A-Za-z0-9)]"


def check_name(root: Path, name: str) -> None:
    """Raise a `CarbonError` if no new chart of a checkout can have the name."""
    if not re.fullmatch(_NAME, name) or not 2 <= len(name) <= LONGEST:
        raise CarbonError(
            f"{name!r} is not a name of a chart",
            f"Write 2 to {LONGEST} lower-case letters, digits and dashes, such as price-alerts; "
            "the first is a letter, and a letter or digit follows each dash.",
        )
    if name in _WORDS:
        raise CarbonError(
            f"the name {name} is not possible: YAML reads {name} as a boolean or null, not as text",
            "Choose another name.",
        )
    for taken, where in _list_taken(root):
        if taken in (name, f"{name}-test"):
            raise CarbonError(f"the name {taken} is taken: {where}", "Choose another name.")


def check_text(option: str, text: str) -> None:
    """Raise a `CarbonError` if an option's text can't be part of YAML, Markdown and Python."""
    if not re.fullmatch(_TEXT, text):
        raise CarbonError(
            f"--{option} {text!r} is not a plain text",
            "Begin with a capital letter; write letters, digits, spaces and -,/()+' on one line, "
            "and no period at the end.",
        )


def check_port(kind: str, port: int) -> None:
    """Raise a `CarbonError` if a chart of a kind can't have a port, which is 0 for a job.

    A server that is not root can listen on ports from 1024.
    """
    if kind == "job" and port:
        raise CarbonError("a job has no port", "Omit --port.")
    if kind != "job" and not 1024 <= port <= 65535:
        raise CarbonError(f"--port {port} is not possible", "Write a port from 1024 to 65535.")


def check_kind(kind: str) -> None:
    """Raise a `CarbonError` if the template has no such kind of chart."""
    if kind not in KINDS:
        raise CarbonError(f"--kind {kind} does not exist", f"Write one of: {', '.join(KINDS)}.")


def _list_taken(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each name that a new chart can't have, and where the name is in use."""
    for chart in find_charts(root):
        yield chart.name, f"{chart.folder.relative_to(root)} is a chart"
    for folder in (root / "charts").glob("*"):
        yield folder.name, f"charts/{folder.name} exists"
    yield "default", "each namespace has a ServiceAccount of this name"
    for key in read_yaml(root / UMBRELLA / "values.schema.yaml")["properties"]:
        yield key, "it is a key of the umbrella's values"
    kinds = read_yaml(root / "schemas" / "workloads.yaml").values()
    keys = {key for kind in kinds for key in kind["properties"]}
    for key in (*keys, "auth", "greeting", "hosts", "enabled", "common", "tests", UMBRELLA):
        yield key, "it is a key of a chart's values, or a folder of the repository"
    for workloads in read_yaml(root / "schemas" / "components.yaml").values():
        for workload in workloads:
            yield workload.partition("/")[2], "schemas/components.yaml has a workload of this name"
        for workload in workloads.values():
            yield workload["app"], "schemas/components.yaml has pods with this label"
    mesh = root / "charts" / "mesh-policies" / "values.yaml"
    for service in read_yaml(mesh)["global"]["services"]:
        yield service, "the services table has an entry of this name"
    for page in (root / "docs" / "runbooks").glob("*.md"):
        yield page.stem, f"docs/runbooks/{page.name} is a runbook"
    for metrics in (root / "schemas" / "metrics").glob("*.yaml"):
        yield metrics.stem, f"schemas/metrics/{metrics.name} exists"
