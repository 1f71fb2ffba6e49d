"""A real API server takes every object that is drawn, by the real CRDs and their CEL rules."""

import json
from collections.abc import Iterator

import pytest
import yaml
from tests.charts.cases import CHARTS, renders
from tests.live.apiserver import ApiServer, api_server

from carbon.charts.crds import FOLDER, definitions
from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.charts.render import Object, identity, render_objects
from carbon.errors import CarbonError
from carbon.mesh.table import NAMESPACE

NEWER = "RayCluster/newer"
"""What CI values draw for a KubeRay that is newer than the pinned CRDs."""


def distinct(chart: Chart) -> list[Object]:
    """What all renders of a chart draw, each object once."""
    drawn = (each for render in renders(chart) for each in render_objects(render))
    return list({json.dumps(each, sort_keys=True): each for each in drawn}.values())


DRAWN = {chart.name: distinct(chart) for chart in CHARTS}


def space(thing: Object) -> str:
    """The namespace that an object is drawn for."""
    return str(thing["metadata"].get("namespace", "default"))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    every = [each for drawn in DRAWN.values() for each in drawn]
    # Pods are refused while their accounts are not there.
    accounts = {
        (space(a), a["metadata"]["name"]): a for a in every if a["kind"] == "ServiceAccount"
    }
    spaces = {space(each) for each in every} - {"default"}
    made = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": s}} for s in spaces]
    with api_server(tmp_path_factory.mktemp("api")) as running:
        crds = [crd for module in read_yaml(FOLDER / "kinds.yaml") for crd in definitions(module)]
        running.kubectl("create", "-f", "-", stdin=yaml.safe_dump_all(crds))
        running.kubectl("wait", "--for=condition=Established", "crds", "--all", "--timeout=60s")
        running.kubectl("create", "-f", "-", stdin=yaml.safe_dump_all([*made, *accounts.values()]))
        yield running


def judged(api: ApiServer, things: list[Object]) -> list[str]:
    """The names of objects, all of which the server would take.

    Raises:
        CarbonError: it would not; holds its reasons.
    """
    command = [
        "apply",
        "--server-side",
        "--force-conflicts",
        "--dry-run=server",
        "--validate=strict",
        "-f",
        "-",
    ]
    return api.kubectl(*command, "-o", "name", stdin=yaml.safe_dump_all(things)).split()


@pytest.mark.parametrize("chart", DRAWN)
def test_every_object_is_taken(api: ApiServer, chart: str) -> None:
    wanted = [each for each in DRAWN[chart] if identity(each) != NEWER]
    assert len(judged(api, wanted)) == len(wanted) > 0


def test_a_field_that_a_crd_has_not_is_refused(api: ApiServer) -> None:
    newer = [each for each in DRAWN["ray-cluster"] if identity(each) == NEWER]
    with pytest.raises(CarbonError, match="priority"):
        judged(api, newer)


@pytest.mark.parametrize(
    ("kind", "spec", "why"),
    [
        ("PeerAuthentication", {"portLevelMtls": {8000: {"mode": "STRICT"}}}, "selector"),
        ("PeerAuthentication", {"mtls": {"mode": "STRIKT"}}, "Unsupported value"),
        (
            "AuthorizationPolicy",
            {"rules": [{"to": [{"operation": {"port": ["1"]}}]}]},
            "field not declared",
        ),
    ],
)
def test_what_istio_would_not_take_is_refused(
    api: ApiServer, kind: str, spec: dict[str, object], why: str
) -> None:
    thing = {"apiVersion": "security.istio.io/v1", "kind": kind, "spec": spec}
    thing |= {"metadata": {"name": "wrong", "namespace": NAMESPACE}}
    with pytest.raises(CarbonError, match=why):
        judged(api, [thing])
