"""Compares the render of a chart and its values files with other renders.

These are a render for an upgrade, a render by Helm 3, and one with another release name.
"""

import re
from collections.abc import Iterator, Sequence

from carbon.check.findings import Violation, declare
from carbon.check.render.objects import RenderedChart, RenderedObject

IDENTICAL = declare(
    "render/identical",
    "A render for an upgrade under the oldest Kubernetes equals one for an installation under the "
    "newest, byte for byte.",
    "Remove what depends on the time, a random number, the cluster or the kind of operation.",
    house=True,
)
HELMS = declare(
    "render/helms",
    "Helm 3 and Helm 4 render the same objects.",
    "Avoid what Helm 3 and 4 treat differently: null over a subchart's default, number formats.",
)
NAMES = declare(
    "names/release",
    "No object's name contains the release name, which may begin with a digit.",
    "Name the object with common.name.",
    house=True,
)
_BETWEEN = re.compile(r"\n+(?=---\n|\Z)")


def join_documents(printed: str) -> str:
    """Return what Helm printed without the empty lines that Helm 4 leaves between documents."""
    return _BETWEEN.sub("\n", printed)


def compare_texts(one: str, other: str) -> str:
    """Return a message about the first line that an upgrade renders differently."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    a, b = next(((a, b) for a, b in pairs if a != b), ("…", "…"))
    return f"an upgrade renders {b.strip()[:80]} in place of {a.strip()[:80]}"


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
            yield Violation(obj, (), f"Helm 3 and Helm 4 render {name} differently")


def compare_names(chart: RenderedChart, names: set[str]) -> Iterator[Violation]:
    """Yield a violation for each object whose name differs from its name in another release."""
    for obj in chart.objects:
        if obj.workload not in names:
            wrong = f"{obj.identity} has this name only in the release {chart.release}"
            yield Violation(obj, ("metadata", "name"), wrong)
