"""Shows what workloads wait for while Helm runs, and stops Helm when a wait can't succeed."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Collection
from typing import TypeVar

import httpx2
from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Pod

from carbon.console import err
from carbon.errors import CarbonError
from carbon.interrupts import note
from carbon.platform import secrets
from carbon.platform.failures import list_failures
from carbon.platform.history import Name
from carbon.platform.obstacles import Obstacle, is_waiting, list_obstacles, read_existing
from carbon.platform.orphans import list_running_orphans
from carbon.platform.target import Target
from carbon.platform.workloads import Snapshot, WorkloadStatus, read_snapshot

_POLL_INTERVAL = 2.0
"""Seconds between two checks of the workloads while Helm runs."""
_PATIENCE, _SHARED_PATIENCE = 15.0, 90.0
"""Seconds after which a missing object ends a wait: on the local node, and on other clusters, where
a program or a person can still create the object."""

T = TypeVar("T")


class Watch:
    """Remembers since when pods wait for an object that does not exist."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._seen: dict[tuple[str, str], float] = {}
        self._printed: set[tuple[str, str]] = set()

    def judge(self, obstacles: Collection[Obstacle]) -> CarbonError | None:
        """Print each obstacle that an earlier call had too.

        Return an error if an obstacle exists for too long.
        """
        now = time.monotonic()
        self._seen = {o.key: self._seen.get(o.key, now) for o in obstacles}
        for obstacle in obstacles:
            if self._seen[obstacle.key] < now and obstacle.key not in self._printed:
                self._printed.add(obstacle.key)
                err.print(f"  waiting: {obstacle}", markup=False)
        patience = _SHARED_PATIENCE if self._target.context else _PATIENCE
        # Pods that end may make room in a quota within the longer time.
        limits = {key: _SHARED_PATIENCE if key[0] == "pods" else patience for key in self._seen}
        if not any(now - since >= limits[key] for key, since in self._seen.items()):
            return None
        return build_error(obstacles, secrets.list_generated(self._target))


def build_error(obstacles: Collection[Obstacle], generated: Collection[str]) -> CarbonError:
    """Return the error about obstacles; `generated` are Secrets that the next run recreates."""
    lines = "\n".join(f"    {obstacle}" for obstacle in obstacles)
    head = "pods can't start, because these objects do not exist or can't be used"
    if any(obstacle.kind in ("Job", "pods") for obstacle in obstacles):
        head = "the release can't become Ready"
    remedies = [
        "Run the same command again, which recreates the Secret with a new password."
        if obstacle.kind == "Secret" and obstacle.name in generated
        else obstacle.remedy
        for obstacle in obstacles
    ]
    return CarbonError(
        f"{head}:\n{lines}",
        " ".join(dict.fromkeys([*remedies, "Running the same command again continues."])),
    )


async def show_progress(work: Awaitable[T], what: str, target: Target) -> T:
    """Await Helm and show the workloads that are not Ready yet.

    Raises:
        CarbonError: pods wait too long for an object that does not exist or can't be used. Helm is
            stopped then.
    """
    task = asyncio.ensure_future(work)
    start = asyncio.get_running_loop().time()
    watch, orphans = Watch(target), None
    if not err.is_terminal:
        err.print(f"… {what}")
    status = err.status(f"{what} …") if err.is_terminal else contextlib.nullcontext()
    with note(what), status as line:
        while not task.done():
            await asyncio.wait([task], timeout=_POLL_INTERVAL)
            if task.done():
                break
            unready, obstacles = await asyncio.to_thread(look, target, orphans or ())
            if obstacles and orphans is None:
                orphans = await asyncio.to_thread(list_running_orphans, target)
                continue
            if line:
                states = ", ".join(f"{w.name} ({w.state})" for w in unready)
                line.update(f"{what}: {states or '…'}")
            if error := await asyncio.to_thread(watch.judge, obstacles):
                task.cancel()
                await asyncio.wait([task])
                raise error
    result = await task
    err.print(f"[green]✓[/] {what} [dim]{asyncio.get_running_loop().time() - start:.0f} s[/]")
    return result


def look(
    target: Target, orphans: Collection[Name] = ()
) -> tuple[list[WorkloadStatus], list[Obstacle]]:
    """Return the workloads that are not Ready, and what their pods wait for, without `orphans`.

    Stuck pods of StatefulSets are deleted. Both lists are empty if the API server does not answer.
    """
    try:
        snapshot = read_snapshot(target).without(orphans)
        for name in list_stuck(snapshot):
            target.client.delete(Pod, name, namespace=target.namespace)
        unready = [w for w in snapshot.build_statuses() if not w.ready]
        return unready, _read_obstacles(target, snapshot)
    except (ApiError, httpx2.HTTPError):
        return [], []


def list_stuck(snapshot: Snapshot) -> list[str]:
    """Return the names of StatefulSets' pods that wait (`is_waiting`) and have an old template.

    Kubernetes replaces such a pod only after it is deleted:
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
    """
    current = {
        each.metadata.name: each.status.updateRevision
        for each in snapshot.workloads
        if isinstance(each, StatefulSet) and each.metadata and each.status
    }
    stuck = []
    for pod in filter(is_waiting, snapshot.pods):
        meta = pod.metadata or ObjectMeta()
        owner = next((o.name for o in meta.ownerReferences or [] if o.kind == "StatefulSet"), "")
        wanted = current.get(owner)
        if wanted and (meta.labels or {}).get("controller-revision-hash") != wanted:
            stuck.append(meta.name or "")
    return stuck


def _read_obstacles(target: Target, snapshot: Snapshot) -> list[Obstacle]:
    failures = list(list_failures(snapshot.workloads))
    if not (waiting := [pod for pod in snapshot.pods if is_waiting(pod)]):
        return failures
    coming = set() if secrets.has_created(target) else secrets.list_generated(target)
    return [*failures, *list_obstacles(waiting, read_existing(target, coming))]
