"""Finds the APIs that a chart requests of the cluster, by renders for a cluster without them."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from carbon.charts.render import Output, Render, run_template
from carbon.check.findings import Violation, declare
from carbon.check.render.apis import OWN_GROUPS, get_group
from carbon.check.render.objects import RenderedObject
from carbon.errors import CarbonError

REFUSES = declare(
    "render/refuses",
    "If the cluster lacks the API of an object, the chart refuses to render, with a message.",
    "Pass the object's apiVersion to common.needsApi, or correct the apiVersion.",
    house=True,
)
_LACKS = re.compile(r"the cluster has no API ([\w./-]+)")
"""Part of the message of common.needsApi."""


@dataclass(frozen=True)
class Requests:
    """The APIs with which a chart renders, and this render."""

    apis: Collection[str]
    output: Output
    renders: int


def find_requests(render: Render, objects: Iterable[RenderedObject]) -> Requests:
    """Render for a cluster without the APIs of `objects` until the chart has what it requests.

    `objects` are what the chart renders. The cluster lacks the APIs of other projects only, not
    those of Kubernetes itself.

    Raises:
        CarbonError: Helm refuses to render for another reason than a lacking API.
    """
    groups = {get_group(str(obj.body.get("apiVersion"))) for obj in objects} - OWN_GROUPS
    apis = {api for api in render.apis if get_group(api) not in groups}
    renders = 0
    while True:
        renders += 1
        try:
            output = run_template(replace(render, apis=tuple(sorted(apis))))
        except CarbonError as refused:
            if not (lacking := set(_LACKS.findall(refused.what)) - apis):
                raise
            apis |= lacking
        else:
            return Requests(apis, output, renders)


def compare_apis(
    objects: Iterable[RenderedObject], requested: Collection[str]
) -> Iterator[Violation]:
    """Yield a violation for each apiVersion that a template renders and no check requests."""
    seen = set()
    for obj in objects:
        version = str(obj.body.get("apiVersion"))
        group = get_group(version)
        if group in OWN_GROUPS or {version, f"{version}/{obj.kind}"} & set(requested):
            continue
        if (obj.source, version) not in seen:
            seen.add((obj.source, version))
            alike = sorted(each for each in requested if each.startswith(f"{group}/"))
            wrong = f"{obj.identity} is rendered although the cluster has no {version}"
            wrong += f"; the chart asks the cluster for {', '.join(alike)}" if alike else ""
            yield Violation(obj, ("apiVersion",), wrong)
