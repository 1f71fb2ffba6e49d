"""Computes the impact of values, or of steps, on a cluster."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from carbon.charts.merging import merge
from carbon.charts.render import Object
from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml
from carbon.impact.cluster import Cluster
from carbon.impact.comparison import Impact, Used, compare
from carbon.impact.state import Connection, State, list_connections
from carbon.impact.steps import (
    Step,
    list_policies,
    list_steps,
    read_services,
    render_policies,
    render_release,
)
from carbon.impact.workloads import Workload, list_workloads
from carbon.platform.target import RELEASE

_FORM = "Write `connections: [{from: [CLIENT], to: SERVER, ports: [NUMBER]}]`."


class Run:
    """A cluster, and values for the umbrella in one of its namespaces."""

    def __init__(
        self, cluster: Cluster, values: Mapping[str, Any], namespace: str, used: Used = ()
    ) -> None:
        self._cluster = cluster
        self._values = values
        self._namespace = namespace
        self._used = used
        self._own, self._others = cluster.list_policies(RELEASE)

    @cached_property
    def steps(self) -> list[Step]:
        """The steps that the values lead to."""
        return list_steps(self._values, self._namespace)

    @cached_property
    def workloads(self) -> list[Workload]:
        """The workloads of the cluster, and those of the release that do not run yet."""
        mesh = bool(((self._values.get("global") or {}).get("mesh") or {}).get("enabled"))
        return list_workloads(self._cluster, self._objects, self._namespace, mesh=mesh)

    @cached_property
    def _objects(self) -> list[Object]:
        return render_release(self._values, RELEASE, self._namespace)

    @cached_property
    def connections(self) -> list[Connection]:
        """The possible connections between the workloads."""
        return list(list_connections(self.workloads))

    def compare_cluster(self) -> Impact:
        """Return what the values change in the cluster as it is."""
        return self._compare(self._make_state(self._own), self._values)

    def compare_values(self, before: Mapping[str, Any]) -> Impact:
        """Return what the values change if `before` are the installed values."""
        return self._compare(self._render_state(before), self._values)

    def compare_step(self, name: str) -> Impact:
        """Return what one step changes, after the steps before it.

        Raises:
            CarbonError: the values lead to no step of this name.
        """
        names = [step.name for step in self.steps]
        if name not in names:
            raise CarbonError(f"there is no step {name}", f"The steps are: {', '.join(names)}.")
        at = names.index(name)
        before = self._render_state(self.steps[at - 1].values) if at else self._make_state(())
        return self._compare(before, self.steps[at].values)

    def compare_steps(self) -> list[tuple[Step, Impact]]:
        """Return each step with what it changes."""
        rows = []
        before = self._make_state(())
        for step in self.steps:
            after = self._render_state(step.values)
            rows.append((step, self._compare(before, step.values, after)))
            before = after
        return rows

    def _compare(
        self, before: State, values: Mapping[str, Any], after: State | None = None
    ) -> Impact:
        table = read_services(values, self._namespace)
        later = after or self._render_state(values)
        known = self._cluster.find_addresses()
        try:
            return compare(
                self.workloads, self.connections, before, later, table, self._used, known
            )
        except ValueError as unknown:
            raise CarbonError(
                f"a NetworkPolicy of the cluster can't be evaluated: {unknown}",
                "Leave it out of the files, and check its pods by hand.",
            ) from unknown

    def _render_state(self, values: Mapping[str, Any]) -> State:
        policies = render_policies(values, RELEASE, self._namespace)
        return self._make_state([*list_policies(self._objects), *policies])

    def _make_state(self, own: Sequence[Object]) -> State:
        return State([*self._others, *own])


def read_values(files: Iterable[Path]) -> dict[str, Any]:
    """Return the merged values of files; the last one wins."""
    return merge(*map(read_yaml, files))


def read_used(path: Path) -> set[tuple[str, str, int]]:
    """Return the connections in use: names of the client's and the server's workload, port.

    Raises:
        CarbonError: the file has another form.
    """
    rows = read_yaml(path).get("connections")
    try:
        return {
            (str(client), str(row["to"]), int(port))
            for row in rows or []
            for client in row["from"]
            for port in row["ports"]
        }
    except (KeyError, TypeError, ValueError) as wrong:
        raise CarbonError(f"{format_path(path)}: a row has another form", _FORM) from wrong
