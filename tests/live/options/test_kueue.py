"""The queues of the chart gpu-pool against Kueue's CRDs and their rules."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.charts.cases import APIS
from tests.live.support import JSON, Release

from carbon.charts.generate.crds import FOLDER
from carbon.charts.render import Render, render_objects
from carbon.errors import CarbonError
from carbon.externals.golang import build_environment, find_go
from carbon.files import read_yaml
from carbon.home import ROOT
from carbon.platform.target import Target
from carbon.process import run

MODULE = "sigs.k8s.io/kueue"
CHART = ROOT / "charts" / "gpu-pool"


def list_crds() -> list[Path]:
    """Return the files of Kueue's CRDs, from its Go module."""
    command = [str(find_go()), "mod", "download", "-json", MODULE]
    module = json.loads(run(command, cwd=FOLDER, env=build_environment()))
    listed = read_yaml(FOLDER / "kinds.yaml")[MODULE]
    kinds = [kind.lower() for kind in listed["kinds"]]
    files = sorted((Path(module["Dir"]) / listed["folder"]).glob("*.yaml"))
    return [f for f in files if any(f.stem.rpartition("_")[2].startswith(w) for w in kinds)]


@pytest.fixture(scope="module")
def kueue(cluster: Target) -> Iterator[Release]:
    release = Release(None)
    files = [part for path in list_crds() for part in ("-f", str(path))]
    try:
        release.kubectl("apply", "--server-side", *files)
        release.kubectl("wait", "--for=condition=Established", *files, "--timeout=60s")
        yield release
    finally:
        release.kubectl("delete", "--ignore-not-found", *files)


def render_queues() -> list[JSON]:
    """Return the rendered objects of Kueue's APIs."""
    values = (CHART / "ci" / "full-values.yaml",)
    rendered = render_objects(Render(CHART, values=values, namespace="default", apis=APIS))
    return [obj for obj in rendered if obj["apiVersion"].startswith("kueue.x-k8s.io/")]


def test_the_api_server_accepts_the_rendered_queues(kueue: Release) -> None:
    output = kueue.kubectl(
        "create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump_all(render_queues())
    )
    assert len(output.splitlines()) == len(render_queues()) == 7


def test_the_api_server_refuses_a_queue_that_breaks_a_rule_of_kueues_crds(kueue: Release) -> None:
    queue = next(obj for obj in render_queues() if obj["kind"] == "ClusterQueue")
    resources = queue["spec"]["resourceGroups"][0]["flavors"][0]["resources"]
    resources[0]["borrowingLimit"] = "1"
    with pytest.raises(CarbonError, match="borrowingLimit must be nil when cohort is empty"):
        kueue.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(queue))
