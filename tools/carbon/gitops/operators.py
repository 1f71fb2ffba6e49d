"""The operators whose custom resources the charts create, from tools/gitops/operators.yaml."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from carbon.charts.render import Object
from carbon.check.render.apis import CRDS, get_group
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.home import ROOT

FOLDER = ROOT / "tools" / "gitops"
_PSEUDO = re.compile(r".*[-.]\d{14}-([0-9a-f]{12})")
"""A version that names a commit, such as v1.31.0-rc.0.0.20260824154656-b943409680a7."""


@dataclass(frozen=True)
class Chart:
    """The chart of an operator."""

    repository: str
    version: str
    name: str = ""
    """The name in a Helm repository; empty for an OCI package."""
    release: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Operator:
    """An operator with its CRDs."""

    name: str
    groups: tuple[str, ...]
    module: str
    repository: str = ""
    path: str = ""
    include: str = ""
    chart: Chart | None = None
    namespace: str = ""
    security: str = ""
    namespaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """The tag, or the commit, of the CRDs."""
        version = read_versions()[self.module]
        commit = _PSEUDO.fullmatch(version)
        return commit[1] if commit else version


@cache
def read_versions() -> dict[str, str]:
    """Return the version of each Go module in schemas/crds/go.mod."""
    text = (CRDS / "go.mod").read_text("utf-8")
    return dict(re.findall(r"^\s+(\S+) (v\S+)$", text, re.MULTILINE))


@cache
def read_operators() -> tuple[Operator, ...]:
    """Return the rows of tools/gitops/operators.yaml."""
    return tuple(_read(name, row) for name, row in read_yaml(FOLDER / "operators.yaml").items())


def _read(name: str, row: dict[str, Any]) -> Operator:
    chart = row.get("chart")
    lists = {key: tuple(row.get(key, ())) for key in ("groups", "namespaces", "kinds")}
    return Operator(name, **row | lists | {"chart": Chart(**chart) if chart else None})


def find_operators(objects: Iterable[Object], without: Collection[str] = ()) -> list[Operator]:
    """Return the operators that objects need, except those in `without`.

    Raises:
        CarbonError: `without` names no operator of the table.
    """
    known = {each.name for each in read_operators()}
    if unknown := sorted(set(without) - known):
        raise CarbonError(
            f"there is no operator {', '.join(unknown)}",
            f"The operators are {', '.join(sorted(known))}.",
        )
    groups = {get_group(each["apiVersion"]) for each in objects}
    return [
        each
        for each in read_operators()
        if each.name not in without and groups.intersection(each.groups)
    ]
