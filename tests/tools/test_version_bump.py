"""A new version alone changes labels of objects, and restarts no pod."""

import shutil
from pathlib import Path

import pytest

from carbon.charts.discovery import UMBRELLA, find_charts
from carbon.charts.render import Object, Render, identity, pod_templates, render_objects
from carbon.check.render.apis import list_apis
from carbon.home import ROOT
from carbon.release.prepare import set_version

LABELS = ("helm.sh/chart", "app.kubernetes.io/version")
"""Labels that contain the version of a chart, or the umbrella's own version."""
CASES = [
    (UMBRELLA, ""),
    *((UMBRELLA, f"values/{path.name}") for path in sorted((ROOT / "values").glob("*.yaml"))),
    *(
        (folder, f"{folder}/ci/full-values.yaml")
        for chart in find_charts()
        if not chart.is_library
        for folder in [str(chart.folder.relative_to(ROOT))]
    ),
]
"""Folder of a chart, and a values file."""


@pytest.fixture(scope="module")
def raised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the charts with a larger version, and nothing else changed."""
    copy = tmp_path_factory.mktemp("raised")
    for name in ("charts", UMBRELLA):
        shutil.copytree(ROOT / name, copy / name, symlinks=True)
    for chart in find_charts(copy):
        path = chart.folder / "Chart.yaml"
        path.write_text(set_version(path.read_text(), "9.9.9"))
    return copy


def render(checkout: Path, folder: str, values: str) -> dict[str, Object]:
    given = (ROOT / values,) if values else ()
    objects = render_objects(Render(checkout / folder, given, apis=list_apis()))
    return {f"{identity(obj)} {obj['metadata'].get('namespace', '')}": obj for obj in objects}


@pytest.mark.parametrize(("folder", "values"), CASES)
def test_only_labels_of_objects_change(raised: Path, folder: str, values: str) -> None:
    old, new = render(ROOT, folder, values), render(raised, folder, values)
    assert old.keys() == new.keys()
    changed = 0
    for name, obj in old.items():
        after = new[name]
        assert list(pod_templates(after)) == list(pod_templates(obj)), name
        changed += pop_versions(after) != pop_versions(obj)
        assert after == obj, name
    assert changed


def pop_versions(obj: Object) -> list[str]:
    """Remove the labels with the version of the chart from an object, and return them.

    A RayService also has the metadata of the Service that KubeRay creates.
    """
    service = obj.get("spec", {}).get("serveService", {}) if obj["kind"] == "RayService" else {}
    every = [each.get("metadata", {}).get("labels", {}) for each in (obj, service)]
    return [labels.pop(label, "") for label in LABELS for labels in every]
