"""A store with a full volume states the error, loses no data, and recovers on a larger volume.

The volumes are tmpfs file systems on the node, which a remount can enlarge.
"""

from collections.abc import Callable, Iterator

import pytest
import yaml
from tests.live.options.test_data_services import Stores, run_stores
from tests.live.support import wait

from carbon.cluster import access
from carbon.errors import CarbonError
from carbon.platform.target import Target

SIZES = {"postgresql": 160, "redis": 24}
"""Size of each volume in MiB before it is enlarged."""
FULL = "No space left on device"
MISCONF = "Readiness probe failed: MISCONF"
RESTARTS = "jsonpath={.status.containerStatuses[0].restartCount}"


def mount_path(name: str) -> str:
    """Return the path on the node of the volume of a store."""
    return f"/run/full-{name}"


def create_volume(name: str, size: int) -> str:
    """Mount a tmpfs of `size` MiB on the node; return its PersistentVolume as YAML."""
    access.run_inside(["mkdir", "-p", mount_path(name)])
    access.run_inside(["mount", "-t", "tmpfs", "-o", f"size={size}m", "full", mount_path(name)])
    node = {"key": "kubernetes.io/hostname", "operator": "In", "values": ["carbon"]}
    spec = {
        "capacity": {"storage": f"{size}Mi"},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Delete",
        "storageClassName": f"full-{name}",
        "local": {"path": mount_path(name)},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [node]}]}},
    }
    metadata = {"name": f"full-{name}"}
    kind = "PersistentVolume"
    return yaml.safe_dump(
        {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}, sort_keys=False
    )


@pytest.fixture(scope="module")
def full(cluster: Target) -> Iterator[Stores]:
    for name, size in SIZES.items():
        access.kubectl("apply", "-f", "-", stdin=create_volume(name, size))
    try:
        yield from run_stores("stores-full")
    finally:
        for name in SIZES:
            access.kubectl("delete", "pv", f"full-{name}", "--ignore-not-found", "--wait=false")
            access.run_inside(["umount", mount_path(name)])


def build_values() -> dict[str, object]:
    """Return values with small volumes for PostgreSQL and Redis."""
    own = {
        name: {"persistence": {"size": f"{size}Mi", "storageClassName": f"full-{name}"}}
        for name, size in SIZES.items()
    }
    wal = {"min_wal_size": "32MB", "max_wal_size": "48MB"}
    return {**own, "postgresql": own["postgresql"] | {"settings": wal}, "s3": {"enabled": False}}


def is_pod_ready(full: Stores, pod: str) -> bool:
    what = "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
    return full.kubectl("get", "pod", pod, "-o", what) == "True"


def try_command(command: Callable[[], str]) -> str:
    """Return the response of a store, or the error: a Service is late to send traffic to a pod."""
    try:
        return command()
    except CarbonError as error:
        return error.what


def enlarge(name: str) -> None:
    """Enlarge the volume of a store."""
    access.run_inside(["mount", "-o", "remount,size=512m", mount_path(name)])


def test_redis_with_a_full_volume_recovers_when_the_volume_is_enlarged(full: Stores) -> None:
    full.deploy(build_values())
    for name in SIZES:
        full.kubectl("rollout", "status", f"statefulset/{name}", "--timeout=3m")
    password = full.read_key("redis-credentials", "password")
    assert full.redis(password, "set", "kept", "yes") == "OK"
    script = "for i = 1, 60 do redis.call('set', 'k' .. i, string.rep('x', 1000000)) end"
    full.redis(password, "eval", script, "0")
    wait(
        "the reason in the events",
        lambda: MISCONF in full.read_events() and FULL in full.read_events(),
    )
    wait("Redis not to be Ready", lambda: not is_pod_ready(full, "redis-0"))
    enlarge("redis")
    wait("Redis to be Ready", lambda: is_pod_ready(full, "redis-0"))
    wait(
        "the value in Redis",
        lambda: try_command(lambda: full.redis(password, "get", "kept")) == "yes",
    )
    restarts = full.kubectl("get", "pod", "redis-0", "-o", RESTARTS)
    assert restarts == "0"


def test_postgresql_with_a_full_volume_recovers_when_the_volume_is_enlarged(full: Stores) -> None:
    full.kubectl("wait", "--for=condition=Complete", "jobs", "--all", "--timeout=3m")
    password = full.read_key("postgresql-mlflow", "password")
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
    enlarge("postgresql")
    wait("PostgreSQL to be Ready", lambda: is_pod_ready(full, "postgresql-0"))
    query = "SELECT answer FROM kept"
    wait(
        "the row in PostgreSQL",
        lambda: try_command(lambda: full.psql("mlflow", password, query)) == "42",
    )
    full.psql("mlflow", password, "INSERT INTO kept VALUES (43)")
