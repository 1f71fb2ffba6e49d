"""Applications of single charts, each with one of the chart's CI values files."""

from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

from tests.charts.cases import CHARTS, NEWER
from tests.live.argocd import ArgoCd
from tests.live.charts_repository import BRANCH, ChartsRepository
from tests.live.syncs.conftest import create_namespaces

from carbon.charts.discovery import Chart
from carbon.charts.render import Object, Render, identity, render_objects
from carbon.check.render.apis import list_apis
from carbon.gitops.projects import ARGOCD, PLATFORM, SERVER

NAMESPACE = "data-platform"

Case = tuple[Chart, Path]


def list_rounds() -> list[list[Case]]:
    """Return each chart except the umbrella with each of its CI values files.

    A round has each chart once, so that its objects can be in one namespace. Files for a newer
    KubeRay than the pinned CRDs are left out.
    """
    listed = [
        [case for file in chart.list_ci_values() if not is_newer(case := (chart, file))]
        for chart in CHARTS
        if not chart.is_umbrella
    ]
    return [[case for case in each if case] for each in zip_longest(*listed)]


def is_newer(case: Case) -> bool:
    """Return whether a values file is for a newer KubeRay than the pinned CRDs."""
    return any(identity(each) == NEWER for each in render(case))


def render(case: Case) -> list[Object]:
    """Return the objects of a chart with a values file."""
    chart, file = case
    return render_objects(Render(chart.folder, (file,), namespace=NAMESPACE, apis=list_apis()))


def install(argo: ArgoCd, charts: ChartsRepository, cases: Iterable[Case]) -> None:
    """Let Argo CD install charts, each in an Application with the name of the chart."""
    listed = list(cases)
    create_namespaces(argo, (obj for case in listed for obj in render(case)), NAMESPACE)
    argo.apply(_build_application(case, charts) for case in listed)
    for chart, _ in listed:
        argo.wait_for_sync(charts.first, chart.name)


def _build_application(case: Case, charts: ChartsRepository) -> Object:
    """Return an Application with the sync policy of the umbrella's Application."""
    chart, file = case
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": chart.name, "namespace": ARGOCD},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": charts.url,
                "targetRevision": BRANCH,
                "path": f"charts/{chart.name}",
                "helm": {
                    "releaseName": PLATFORM,
                    "skipTests": True,
                    "valueFiles": [str(file.relative_to(chart.folder))],
                },
            },
            "destination": {"server": SERVER, "namespace": NAMESPACE},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"],
            },
        },
    }
