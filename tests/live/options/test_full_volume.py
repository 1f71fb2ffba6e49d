"""Stores whose volumes run full: they say so, lose nothing, and go on by themselves with more room.

The volumes are file systems in the node's memory, which can be made larger while they are in use.
"""

from collections.abc import Callable, Iterator

import pytest
import yaml
from tests.live.options.test_data_services import Stores, stores
from tests.live.support import wait

from carbon.cluster import access
from carbon.errors import CarbonError
from carbon.platform.target import Target

SIZES = {"postgresql": 160, "redis": 24}
"""MiB of the volumes at first."""
FULL = "No space left on device"
MISCONF = "Readiness probe failed: MISCONF"
RESTARTS = "jsonpath={.status.containerStatuses[0].restartCount}"


def volume(name: str) -> str:
    return f"/run/full-{name}"


def made(name: str, size: int) -> str:
    """A volume of a class of its own, in the memory of the node."""
    access.run_inside(["mkdir", "-p", volume(name)])
    access.run_inside(["mount", "-t", "tmpfs", "-o", f"size={size}m", "full", volume(name)])
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": ["carbon"]}
    spec = {
        "capacity": {"storage": f"{size}Mi"},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Delete",
        "storageClassName": f"full-{name}",
        "local": {"path": volume(name)},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
    }
    metadata = {"name": f"full-{name}"}
    kind = "PersistentVolume"
    return yaml.safe_dump(
        {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}, sort_keys=False
    )


@pytest.fixture(scope="module")
def full(cluster: Target) -> Iterator[Stores]:
    for name, size in SIZES.items():
        access.kubectl("apply", "-f", "-", stdin=made(name, size))
    try:
        yield from stores("stores-full")
    finally:
        for name in SIZES:
            access.kubectl("delete", "pv", f"full-{name}", "--ignore-not-found", "--wait=false")
            access.run_inside(["umount", volume(name)])


def values() -> dict[str, object]:
    own = {
        name: {"persistence": {"size": f"{size}Mi", "storageClassName": f"full-{name}"}}
        for name, size in SIZES.items()
    }
    wal = {"min_wal_size": "32MB", "max_wal_size": "48MB"}
    return {**own, "postgresql": own["postgresql"] | {"settings": wal}, "s3": {"enabled": False}}


def ready(full: Stores, pod: str) -> bool:
    what = "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
    return full.kubectl("get", "pod", pod, "-o", what) == "True"


def said(ask: Callable[[], str]) -> str:
    """What a store answers, or why it does not: nodes learn that a pod is Ready a moment later."""
    try:
        return ask()
    except CarbonError as error:
        return error.what


def more_room(name: str) -> None:
    access.run_inside(["mount", "-o", "remount,size=512m", volume(name)])


def test_redis_says_that_it_is_full_and_goes_on_with_more_room(full: Stores) -> None:
    full.put(values())
    for name in SIZES:
        full.kubectl("rollout", "status", f"statefulset/{name}", "--timeout=3m")
    password = full.key("redis-credentials", "password")
    assert full.redis(password, "set", "kept", "yes") == "OK"
    script = "for i = 1, 60 do redis.call('set', 'k' .. i, string.rep('x', 1000000)) end"
    full.redis(password, "eval", script, "0")
    wait("the reason", lambda: MISCONF in full.events() and FULL in full.events())
    wait("it to leave its Service", lambda: not ready(full, "redis-0"))
    more_room("redis")
    wait("Redis Ready again", lambda: ready(full, "redis-0"))
    wait("its value", lambda: said(lambda: full.redis(password, "get", "kept")) == "yes")
    restarts = full.kubectl("get", "pod", "redis-0", "-o", RESTARTS)
    assert restarts == "0"


def test_postgresql_says_that_it_is_full_and_goes_on_with_more_room(full: Stores) -> None:
    full.kubectl("wait", "--for=condition=Complete", "jobs", "--all", "--timeout=3m")
    password = full.key("postgresql-mlflow", "password")
    full.psql("mlflow", password, "CREATE TABLE kept AS SELECT 42 AS answer")
    more = (
        "CREATE TABLE more AS SELECT "
        "(SELECT string_agg(md5((n * k)::text), '') FROM generate_series(1, 60) k) "
        "FROM generate_series(1, 100000) n"
    )
    with pytest.raises(CarbonError):
        full.psql("mlflow", password, more)
    log = full.kubectl("logs", "postgresql-0", "-c", "postgresql")
    assert [line for line in log.splitlines() if FULL in line]
    more_room("postgresql")
    wait("PostgreSQL Ready again", lambda: ready(full, "postgresql-0"))
    query = "SELECT answer FROM kept"
    wait("its row", lambda: said(lambda: full.psql("mlflow", password, query)) == "42")
    full.psql("mlflow", password, "INSERT INTO kept VALUES (43)")
