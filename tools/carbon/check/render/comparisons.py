"""Compares the render of a chart and its values files with other renders.

These are a second render, a render by Helm 3, one without the APIs, and one with another release
name.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from carbon.check.findings import Violation, declare
from carbon.check.render.apis import OWN_GROUPS, get_group
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.errors import CarbonError

IDENTICAL = declare(
    "render/identical",
    "A render for an upgrade under the oldest Kubernetes is the same, byte for byte.",
    "Remove what depends on the time, a random number, the cluster or the kind of operation.",
    house=True,
)
HELMS = declare(
    "render/helms",
    "Helm 3 and Helm 4 render the same objects.",
    "Avoid what Helm 3 and 4 treat differently: null over a subchart's default, number formats.",
)
REFUSES = declare(
    "render/refuses",
    "If the cluster lacks the API of an object, the chart refuses with a message.",
    "Pass the object's apiVersion to common.needsApi, or correct the apiVersion.",
    house=True,
)
NAMES = declare(
    "names/release",
    "No object's name contains the release name, which may begin with a digit.",
    "Name the object with common.name.",
    house=True,
)
_BETWEEN = re.compile(r"\n+(?=---\n|\Z)")
_LACKS = re.compile(r"the cluster has no API ([\w./-]+)")
"""Part of the message of common.needsApi."""


def join_documents(printed: str) -> str:
    """Return what Helm printed without the empty lines that Helm 4 leaves between documents."""
    return _BETWEEN.sub("\n", printed)


def compare_texts(one: str, other: str) -> str:
    """Return the first line that differs between two renders."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    a, b = next(((a, b) for a, b in pairs if a != b), ("…", "…"))
    return f"{a.strip()[:80]} became {b.strip()[:80]}"


def compare_helms(
    fourth: Sequence[RenderedObject],
    third: Sequence[RenderedObject],
    again: Sequence[RenderedObject],
) -> Iterator[Violation]:
    """Yield a violation for each object that Helm 3 and Helm 4 render differently.

    `again` is a second render under Helm 4: what differs there is random.
    """
    mine = {obj.identity: obj for obj in fourth}
    others = {obj.identity: obj for obj in third}
    repeated = {obj.identity: obj.body for obj in again}
    for name in sorted(mine.keys() | others.keys()):
        one, two = mine.get(name), others.get(name)
        obj = one or two
        if one is not None and one.body != repeated.get(name, one.body):
            continue
        if obj is not None and (one is None or two is None or one.body != two.body):
            yield Violation(obj, (), f"{name} differs under Helm 3")


def compare_names(chart: RenderedChart, names: set[str]) -> Iterator[Violation]:
    """Yield a violation for each object whose name differs from its name in another release."""
    for obj in chart.objects:
        if obj.workload not in names:
            wrong = f"{obj.identity} has this name only in the release {chart.release}"
            yield Violation(obj, ("metadata", "name"), wrong)


def list_requested(refused: CarbonError) -> set[str]:
    """Return the APIs that the cluster lacks according to the message of a chart."""
    return set(_LACKS.findall(refused.what))


def compare_apis(objects: Iterable[RenderedObject], requested: set[str]) -> Iterator[Violation]:
    """Yield a violation for each apiVersion that a template renders and no check requests."""
    seen = set()
    for obj in objects:
        version = str(obj.body.get("apiVersion"))
        group = get_group(version)
        if group in OWN_GROUPS or {version, f"{version}/{obj.kind}"} & requested:
            continue
        if (obj.source, version) not in seen:
            seen.add((obj.source, version))
            alike = sorted(each for each in requested if each.startswith(f"{group}/"))
            wrong = f"{obj.identity} is rendered although the cluster has no {version}"
            wrong += f"; the chart asks the cluster for {', '.join(alike)}" if alike else ""
            yield Violation(obj, ("apiVersion",), wrong)
