"""The steps in which a release gets its policies on a cluster with pods of other teams.

The values alone decide which steps there are. An entry of the services table in the release's
namespace that states `policies` stands for pods of another team; the step of the entry sets it to
true. The last step isolates all other pods of the namespace.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from carbon.charts.discovery import UMBRELLA, read_chart
from carbon.charts.merging import compute_values, merge
from carbon.charts.render import Object, Render, render_objects
from carbon.check.render.apis import list_apis
from carbon.check.services.entries import POLICIES as CHART
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.impact.cluster import POLICIES
from carbon.mesh.table import Table, read_table

NOTHING, OWN, NAMESPACE = "nothing", "own-pods", "namespace"


@dataclass(frozen=True)
class Step:
    """A step: the values that it changes, and whether the values contain it already."""

    name: str
    change: Mapping[str, Any]
    done: bool
    values: Mapping[str, Any]
    """The values of a release that has taken this step and those before it."""

    @property
    def settings(self) -> list[str]:
        """The change as options of Helm: KEY=VALUE."""
        return list(_flatten(self.change))


def list_steps(values: Mapping[str, Any], namespace: str) -> list[Step]:
    """Return the steps that values for the umbrella lead to, in order.

    Entries of other teams that have policies already come first, then those with the fewest
    clients.
    """
    chart = compute_values(read_chart(ROOT / UMBRELLA), values)[CHART]
    services = chart["global"]["services"]
    table = read_table(chart["global"], namespace)
    others = [
        name
        for name, entry in table.items()
        if "policies" in services[name] and entry.namespace == namespace and entry.selector
    ]
    others.sort(key=lambda name: (not table[name].policies, _count_clients(table, name), name))
    deny = chart["networkPolicies"]["defaultDeny"]
    enabled = bool(chart["enabled"]) if "enabled" in chart else True
    changes: list[tuple[str, dict[str, Any], bool]] = [
        (NOTHING, {CHART: {"enabled": False}}, True),
        (OWN, {CHART: {"enabled": True}}, enabled),
    ]
    for name in others:
        change = {"global": {"services": {name: {"policies": True}}}}
        changes.append((name, change, enabled and table[name].policies))
    isolate = {CHART: {"networkPolicies": {"defaultDeny": "namespace"}}}
    changes.append((NAMESPACE, isolate, enabled and deny == "namespace"))
    off = {name: {"policies": False} for name in others}
    first = "platform" if deny == "namespace" else deny
    base = {CHART: {"networkPolicies": {"defaultDeny": first}}, "global": {"services": off}}
    current = merge(values, base)
    steps = []
    for name, change, done in changes:
        current = merge(current, change)
        steps.append(Step(name, change, done, current))
    return steps


def render_release(values: Mapping[str, Any], release: str, namespace: str) -> list[Object]:
    """Return the objects of the umbrella with values.

    Raises:
        CarbonError: the charts refuse the values.
    """
    return _render(ROOT / UMBRELLA, values, release, namespace)


def render_policies(values: Mapping[str, Any], release: str, namespace: str) -> list[Object]:
    """Return the objects of mesh-policies, which the umbrella renders with values.

    Raises:
        CarbonError: the chart refuses the values.
    """
    folder = ROOT / UMBRELLA
    own = compute_values(read_chart(folder), values)[CHART]
    if not own.pop("enabled", True):
        return []
    return _render(folder / "charts" / CHART, own, release, namespace)


def list_policies(objects: Sequence[Object]) -> list[Object]:
    """Return the policies among rendered objects that another chart than mesh-policies renders."""
    return [
        obj
        for obj in objects
        if obj["kind"] in POLICIES and obj["metadata"].get("labels", {}).get("app") != CHART
    ]


def _render(chart: Path, values: Mapping[str, Any], release: str, namespace: str) -> list[Object]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "values.json"
        path.write_text(json.dumps(values), "utf-8")
        try:
            render = Render(chart, (path,), (), release, namespace, apis=list_apis())
            return [obj for obj in render_objects(render) if obj]
        except CarbonError as refused:
            what = refused.what.replace(str(path), "the values")
            raise CarbonError(what, refused.remedy or "Correct the values.") from refused


def read_services(values: Mapping[str, Any], namespace: str) -> Table:
    """Return the services table of values for the umbrella; empty without mesh-policies."""
    chart = compute_values(read_chart(ROOT / UMBRELLA), values)[CHART]
    return read_table(chart["global"], namespace) if chart.get("enabled", True) else {}


def _count_clients(table: Table, name: str) -> int:
    return len({client for port in table[name].ports for client in port.clients})


def _flatten(node: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key, value in node.items():
        at = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from _flatten(value, at)
        else:
            yield f"{at}={json.dumps(value) if isinstance(value, bool) else value}"
