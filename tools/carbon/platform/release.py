"""Install or upgrade the umbrella and run its tests, showing what is being waited for."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from lightkube.core.exceptions import ApiError
from pyhelm3 import errors

from carbon.charts.values import validated
from carbon.console import err
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.platform.components import Component, snapshot
from carbon.platform.target import RELEASE, Target

UMBRELLA = ROOT / "umbrella"
_LOOK_EVERY = 2.0

T = TypeVar("T")


def values(files: Sequence[Path]) -> dict[str, Any]:
    """The values of several files, merged as Helm does.

    Raises:
        CarbonError: one is missing, is no YAML or breaks the schema.
    """
    merged: dict[str, Any] = {}
    for file in files:
        merged = merge(merged, validated(file))
    return merged


def current(target: Target) -> dict[str, Any]:
    """The values that the release was installed with, beside the charts' own.

    Raises:
        CarbonError: there is no such release.
    """
    words = ["get", "values", RELEASE, "--namespace", target.namespace, "--output", "json"]
    try:
        said = asyncio.run(target.helm().run(words))
    except errors.Error as failed:
        raise CarbonError(
            f"there is no release {RELEASE} in namespace {target.namespace}",
            "Install it first: tools/up",
        ) from failed
    return json.loads(said) or {}


def install(target: Target, given: dict[str, Any]) -> None:
    """Install the umbrella with these values or upgrade it, and wait until all of it is Ready.

    Raises:
        CarbonError: the values are refused, or something does not become Ready; the message says
            what it waits for.
    """
    helm = target.helm()
    work = helm.install_or_upgrade(RELEASE, UMBRELLA, given, namespace=target.namespace, wait=True)
    try:
        asyncio.run(_shown(work, f"install {RELEASE} in {target.namespace}", target))
    except errors.Error as failed:
        raise _explained(failed, target) from failed


def test(target: Target) -> None:
    """Run the release's tests (`helm test`).

    Raises:
        CarbonError: one failed; the message holds what it logged.
    """
    words = ["test", RELEASE, "--namespace", target.namespace, "--logs", "--timeout", "5m"]
    try:
        asyncio.run(_shown(target.helm().run(words), "run the release's tests", target))
    except errors.Error as failed:
        raise CarbonError(
            f"helm test {RELEASE} failed:\n{_indented(failed)}",
            f"kubectl {target.kubectl_flags()} get pods shows what is amiss.",
        ) from failed


def merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Values merged as Helm does: maps by key, anything else replaced."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


async def _shown(work: Awaitable[T], what: str, target: Target) -> T:
    """Await Helm, and meanwhile say what is not Ready yet."""
    task = asyncio.ensure_future(work)
    start = asyncio.get_running_loop().time()
    if not err.is_terminal:
        err.print(f"… {what}")
    with err.status(f"{what} …") if err.is_terminal else contextlib.nullcontext() as line:
        while not task.done():
            await asyncio.wait([task], timeout=_LOOK_EVERY)
            if line and not task.done():
                line.update(f"{what}: {await asyncio.to_thread(_awaited, target)}")
    result = await task
    err.print(f"[green]✓[/] {what} [dim]{asyncio.get_running_loop().time() - start:.0f} s[/]")
    return result


def _awaited(target: Target) -> str:
    left = _unready(target)
    return ", ".join(f"{c.name} ({c.state})" for c in left) if left else "…"


def _unready(target: Target) -> list[Component]:
    try:
        return [c for c in snapshot(target).components() if not c.ready]
    except (ApiError, httpx2.HTTPError):
        return []


def _explained(failed: errors.Error, target: Target) -> CarbonError:
    left = _unready(target)
    if not left:
        return CarbonError(f"Helm refused:\n{_indented(failed)}", "Nothing was changed.")
    lines = "\n".join(f"    {c.kind} {c.name}: {c.state}" for c in left)
    return CarbonError(
        f"not everything became Ready:\n{lines}",
        f"kubectl {target.kubectl_flags()} describe or logs says more; the same command goes on.",
    )


def _indented(failed: errors.Error) -> str:
    said = (failed.stderr or failed.stdout or b"").decode(errors="replace").strip()
    return "\n".join(f"    {line}" for line in said.splitlines()[-40:])
