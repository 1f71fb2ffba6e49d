"""The NetworkPolicies of a render compared with the services table, connection by connection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from carbon.charts.render import Object
from carbon.check.engine.cache import open_cache
from carbon.check.engine.digests import combine, hash_tree
from carbon.check.render.objects import to_json
from carbon.check.services.attempts import (
    EGRESS,
    INGRESS,
    Attempt,
    Rights,
    list_attempts,
)
from carbon.check.services.reachability import Reachability
from carbon.home import ROOT
from carbon.mesh.table import Table

CODE = (ROOT / "tools" / "carbon" / "check" / "services", ROOT / "tools" / "carbon" / "mesh")


@dataclass(frozen=True)
class Difference:
    """Connections of the pods of one policy, on which policies and services table differ."""

    policy: str
    """Name of a policy that selects the pods; empty if no policy selects them."""
    way: str
    """egress or ingress."""
    is_open: bool
    """True if only the policies allow the connections, false if only the table does."""
    count: int
    example: str
    """One of the connections."""


def compare_policies(
    policies: Sequence[Object],
    table: Table,
    workloads: Mapping[str, Mapping[str, str]],
    namespace: str,
    default_deny: str,
) -> list[Difference]:
    """Return the differences, from the cache if the policies, the table and the pods are known.

    `workloads` is workload -> labels of its pods.
    """
    facts = [asdict(entry) for entry in table.values()]
    inputs = {"policies": policies, "table": facts, "workloads": workloads}
    code = *map(hash_tree, CODE), namespace, default_deny
    key = combine(["reachability", *code, to_json(inputs)])
    cache = open_cache()
    stored = cache.get([key])
    if key in stored:
        return [Difference(**each) for each in stored[key]]
    attempts = list_attempts(table, workloads, namespace)
    rights = Rights(table, namespace, default_deny)
    found = _compare(Reachability(policies), rights, attempts)
    cache.put({key: [asdict(each) for each in found]})
    return found


def _compare(
    reachability: Reachability, rights: Rights, attempts: Iterable[Attempt]
) -> list[Difference]:
    found: dict[tuple[str, str, bool], list[str]] = {}
    for one in attempts:
        for way in (EGRESS, INGRESS):
            is_open = reachability.allows(one, way)
            if is_open != rights.allows(one, way):
                near = one.source if way == EGRESS else one.target
                names = [p["metadata"]["name"] for p in reachability.list_isolating(near, way)]
                key = next((n for n in names if n != "default-deny"), "".join(names[:1]))
                found.setdefault((key, way, is_open), []).append(str(one))
    return [Difference(*key, len(each), each[0]) for key, each in found.items()]
