"""What the tests of charts render: every chart with its defaults and with each CI values file."""

import re
from collections.abc import Iterable, Iterator

from carbon.charts.discovery import Chart, charts
from carbon.charts.render import Object, Render, identity, pod_templates, render_objects
from carbon.home import ROOT
from carbon.mesh.table import PROFILES

APIS = (
    "monitoring.coreos.com/v1",
    "gateway.networking.k8s.io/v1",
    "ray.io/v1",
    "kueue.x-k8s.io/v1beta2",
    "networking.istio.io/v1",
    "security.istio.io/v1",
    "external-secrets.io/v1",
    "velero.io/v1",
)
"""What values may ask of a cluster beside Kubernetes; without it charts refuse, as they should."""

CHARTS = [chart for chart in charts() if not chart.is_library]
UMBRELLA = next(chart for chart in CHARTS if chart.is_umbrella)


def renders(chart: Chart) -> list[Render]:
    """The renders of one chart."""
    profiles = sorted((ROOT / "values").glob("*.yaml")) if chart.is_umbrella else []
    values = [(), *((path,) for path in [*chart.ci_values(), *profiles])]
    return [Render(chart.folder, given, apis=APIS) for given in values]


RENDERS = [render for chart in CHARTS for render in renders(chart)]


def profile(name: str) -> Render:
    """The umbrella as one of the platform's profiles sets it."""
    path = PROFILES[name]
    return Render(UMBRELLA.folder, (path,) if path else (), apis=APIS)


def pods(things: Iterable[Object]) -> Iterator[tuple[str, Object]]:
    """Every pod that objects make, with the name of the object that makes it."""
    for thing in things:
        for pod in pod_templates(thing):
            yield identity(thing), pod


def workload(thing: Object) -> str:
    """An object's identity without the hash in a Job's name."""
    name = identity(thing)
    return re.sub(r"-[0-9a-f]{8}$", "", name) if thing["kind"] == "Job" else name


def of_kind(render: Render, *kinds: str) -> list[Object]:
    """The objects of a render that have one of these kinds."""
    return [thing for thing in render_objects(render) if thing["kind"] in kinds]
