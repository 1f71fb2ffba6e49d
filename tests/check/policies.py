"""Compares the NetworkPolicies of each profile with its services table.

An oracle computes from the policies alone which connections are open.
"""

from collections.abc import Callable, Sequence
from functools import cache

from tests.charts.cases import list_pods, profile

from carbon.charts.render import Object, render_objects
from carbon.check.services.attempts import (
    EGRESS,
    INGRESS,
    Attempt,
    Rights,
    list_attempts,
)
from carbon.mesh.table import NAMESPACE, PROFILES, Table, load_globals, read_table

Oracle = Callable[[Sequence[Object], Sequence[Attempt]], list[bool]]


@cache
def read_profile(name: str) -> Table:
    """Return the services table of a profile."""
    return read_table(load_globals(PROFILES[name]))


@cache
def attempts(name: str) -> list[Attempt]:
    """Return the connections of a profile for which an oracle computes whether they are open."""
    labels = {
        who: pod["metadata"]["labels"] for who, pod in list_pods(render_objects(profile(name)))
    }
    return list(list_attempts(read_profile(name), labels, NAMESPACE))


@cache
def expected(name: str) -> list[bool]:
    """Return, for each connection of a profile, whether the services table allows it."""
    rights = Rights(read_profile(name), NAMESPACE, "platform")
    return [all(rights.allows(one, way) for way in (EGRESS, INGRESS)) for one in attempts(name)]


def compare(name: str, policies: list[Object], oracle: Oracle) -> list[str]:
    """Return connections for which the policies and the services table of a profile differ."""
    every = attempts(name)
    return [
        f"{one} is {'open' if is_open else 'closed'}"
        for one, is_open, right in zip(every, oracle(policies, every), expected(name), strict=True)
        if is_open != right
    ]
