"""The cases that tests of charts render: each chart with its defaults and each CI values file."""

import re
from collections.abc import Iterable, Iterator

from carbon.charts.discovery import Chart, find_charts
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
"""API versions of operators that Helm treats as installed; some values require one of them."""

CHARTS = [chart for chart in find_charts() if not chart.is_library]
UMBRELLA = next(chart for chart in CHARTS if chart.is_umbrella)
NEWER = "RayCluster/newer"
"""An object of a CI values file for a KubeRay version that is newer than the pinned CRDs."""


def renders(chart: Chart) -> list[Render]:
    """Return the renders of a chart with its default values and with each CI values file."""
    profiles = sorted((ROOT / "values").glob("*.yaml")) if chart.is_umbrella else []
    files = [(), *((path,) for path in [*chart.list_ci_values(), *profiles])]
    return [Render(chart.folder, values, apis=APIS) for values in files]


RENDERS = [render for chart in CHARTS for render in renders(chart)]


def profile(name: str) -> Render:
    """Return the umbrella with the values of a profile."""
    path = PROFILES[name]
    return Render(UMBRELLA.folder, (path,) if path else (), apis=APIS)


def workload(obj: Object) -> str:
    """Return an object as Kind/name, for a Job without the hash at the end of the name."""
    name = identity(obj)
    return re.sub(r"-[0-9a-f]{8}$", "", name) if obj["kind"] == "Job" else name


def list_pods(rendered: Iterable[Object]) -> Iterator[tuple[str, Object]]:
    """Yield the pod templates of all objects, each with the workload that creates the pod."""
    return ((workload(obj), pod) for obj in rendered for pod in pod_templates(obj))


def of_kind(render: Render, *kinds: str) -> list[Object]:
    """Return the rendered objects of the given kinds."""
    return [obj for obj in render_objects(render) if obj["kind"] in kinds]
