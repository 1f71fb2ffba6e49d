"""Kueue's own definitions, with their rules, accept the queues of gpu-pool."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.charts.cases import APIS
from tests.live.support import JSON, Release

from carbon.charts.crds import FOLDER
from carbon.charts.files import read_yaml
from carbon.charts.render import Render, render_objects
from carbon.errors import CarbonError
from carbon.externals.golang import environment, go
from carbon.home import ROOT
from carbon.platform.target import Target
from carbon.process import run

MODULE = "sigs.k8s.io/kueue"
CHART = ROOT / "charts" / "gpu-pool"


def definitions() -> list[Path]:
    """The files of Kueue's definitions, from its Go module."""
    command = [str(go()), "mod", "download", "-json", MODULE]
    about = json.loads(run(command, cwd=FOLDER, env=environment()))
    listed = read_yaml(FOLDER / "kinds.yaml")[MODULE]
    wanted = [kind.lower() for kind in listed["kinds"]]
    files = sorted((Path(about["Dir"]) / listed["folder"]).glob("*.yaml"))
    return [f for f in files if any(f.stem.rpartition("_")[2].startswith(w) for w in wanted)]


@pytest.fixture(scope="module")
def kueue(cluster: Target) -> Iterator[Release]:
    release = Release(None)
    files = [part for path in definitions() for part in ("-f", str(path))]
    try:
        release.kubectl("apply", "--server-side", *files)
        release.kubectl("wait", "--for=condition=Established", *files, "--timeout=60s")
        yield release
    finally:
        release.kubectl("delete", "--ignore-not-found", *files)


def queues() -> list[JSON]:
    values = (CHART / "ci" / "full-values.yaml",)
    things = render_objects(Render(CHART, values=values, namespace="default", apis=APIS))
    return [thing for thing in things if thing["apiVersion"].startswith("kueue.x-k8s.io/")]


def test_its_definitions_accept_what_the_chart_draws(kueue: Release) -> None:
    made = kueue.kubectl(
        "create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump_all(queues())
    )
    assert len(made.splitlines()) == len(queues()) == 7


def test_its_rules_would_refuse_a_wrong_one(kueue: Release) -> None:
    queue = next(thing for thing in queues() if thing["kind"] == "ClusterQueue")
    resources = queue["spec"]["resourceGroups"][0]["flavors"][0]["resources"]
    resources[0]["borrowingLimit"] = "1"
    with pytest.raises(CarbonError, match="borrowingLimit must be nil when cohort is empty"):
        kueue.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(queue))
