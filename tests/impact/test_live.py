"""A running cluster is read as the files that kubectl writes."""

from types import SimpleNamespace
from typing import Any, cast

from tests.impact.record import FOLDER, of_kind

from carbon.charts.render import Object
from carbon.impact.cluster import POLICIES, Cluster, list_cluster, read_cluster
from carbon.platform.target import Target

KINDS = ("Pod", "Service", "Namespace", "Node", *POLICIES)


def list_recorded(resource: Any, *, namespace: str | None = None) -> list[Any]:
    """Return the recorded objects of a kind, as the client of an API server does."""
    assert (namespace == "*") == (resource.__name__ not in ("Namespace", "Node"))
    return [resource.from_dict(obj) for obj in of_kind(resource.__name__)]


def describe(cluster: Cluster) -> list[tuple[str, str, Object]]:
    return sorted(
        (
            (obj["kind"], obj["metadata"]["name"], obj.get("spec", {}))
            for obj in cluster.of_kind(*KINDS)
        ),
        key=lambda each: each[:2],
    )


def test_a_running_cluster_has_the_objects_of_its_record() -> None:
    target = SimpleNamespace(client=SimpleNamespace(list=list_recorded))
    live = list_cluster(cast(Target, target))
    assert describe(live) == describe(read_cluster([FOLDER]))
