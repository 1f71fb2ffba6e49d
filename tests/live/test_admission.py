"""A real API server with the operators' CRDs accepts every rendered object."""

import json
from collections.abc import Iterator

import pytest
import yaml
from tests.charts.cases import CHARTS, NEWER, renders
from tests.live.apiserver import ApiServer, start_api_server
from tests.live.stored import list_added
from tests.live.verdicts.comparison import encode, strip

from carbon.charts.discovery import Chart
from carbon.charts.render import Object, identity, render_objects
from carbon.errors import CarbonError
from carbon.files import parse_documents
from carbon.gitops.documents import EXAMPLES
from carbon.gitops.projects import ARGOCD
from carbon.home import ROOT
from carbon.mesh.table import NAMESPACE
from carbon.upgrade.objects.changes import list_changes
from carbon.upgrade.objects.normalize import normalize


def render_distinct(chart: Chart) -> list[Object]:
    """Return the different objects of all cases of a chart."""
    rendered = (each for render in renders(chart) for each in render_objects(render))
    return list({json.dumps(each, sort_keys=True): each for each in rendered}.values())


ALLOCATED = {
    "Service": ("spec.clusterIP", "spec.ipFamil"),
    "Job": ("spec.selector", "spec.template.metadata.labels"),
    # Admission plugins add the priority, tolerations, and the volume with the account's token.
    "Pod": ("spec.preemption", "spec.priority", "spec.toler", "spec.volumes", "spec.containers"),
    "ServiceAccount": ("metadata.annotations",),  # the accounts exist before the dry run
    "PersistentVolumeClaim": ("metadata.finalizers",),
    "Namespace": ("spec", "metadata.labels"),
}
"""The beginnings of fields that the API server sets by what it knows, not by a default."""
RENDERED = {chart.name: render_distinct(chart) for chart in CHARTS}


def namespace_of(obj: Object) -> str:
    """Return the namespace of a rendered object."""
    return str(obj["metadata"].get("namespace", "default"))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    every = [each for rendered in RENDERED.values() for each in rendered]
    # The API server refuses pods without their ServiceAccount and PriorityClass.
    needed = {
        (each["kind"], namespace_of(each), each["metadata"]["name"]): each
        for each in every
        if each["kind"] in ("ServiceAccount", "PriorityClass")
    }
    names = {ARGOCD, *(namespace_of(each) for each in every)} - {"default"}
    spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}} for n in names]
    with start_api_server(tmp_path_factory.mktemp("api")) as running:
        running.create_crds()
        first = yaml.safe_dump_all([*spaces, *needed.values()])
        running.kubectl("create", "-f", "-", stdin=first)
        yield running


def dry_run(api: ApiServer, rendered: list[Object]) -> list[Object]:
    """Return the objects as the API server would store them, in the same order.

    Raises:
        CarbonError: the API server refuses an object; contains its message.
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
    command += ["-o", "json", "--show-managed-fields"]
    stored = json.loads(api.kubectl(*command, stdin=yaml.safe_dump_all(rendered)))
    return list(stored["items"]) if stored["kind"] == "List" else [stored]


@pytest.mark.parametrize("chart", RENDERED)
def test_every_rendered_object_is_accepted_and_gets_no_field_in_its_lists(
    api: ApiServer, chart: str
) -> None:
    expected = [each for each in RENDERED[chart] if identity(each) != NEWER]
    stored = dry_run(api, expected)
    assert len(stored) == len(expected) > 0
    added = {
        f"{identity(each)}{field}"
        for each, whole in zip(expected, stored, strict=True)
        for field in list_added(each, whole)
    }
    assert added == set()
    changed = {
        f"{identity(each)} {'.'.join(change.path)}"
        for each, whole in zip(expected, stored, strict=True)
        for change in list_changes(encode(normalize(each)), strip(whole))
        if not ".".join(change.path).startswith(ALLOCATED.get(each["kind"], "metadata.namespace"))
    }
    assert changed == set(), "schemas/upgrade/api-defaults.yaml lacks defaults"


def test_the_objects_for_argo_cd_are_accepted_and_get_no_field_in_their_lists(
    api: ApiServer,
) -> None:
    texts = [file.read_text("utf-8") for file in (ROOT / EXAMPLES).rglob("*.yaml")]
    expected = [each for text in texts for each in parse_documents(text)]
    stored = dry_run(api, expected)
    assert len(stored) == len(expected) > 10
    for each, whole in zip(expected, stored, strict=True):
        assert list_added(each, whole) == []


def test_a_field_that_the_crd_does_not_declare_is_refused(api: ApiServer) -> None:
    newer = [each for each in RENDERED["ray-cluster"] if identity(each) == NEWER]
    with pytest.raises(CarbonError, match="priority"):
        dry_run(api, newer)


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
def test_an_object_that_breaks_a_rule_of_istio_is_refused(
    api: ApiServer, kind: str, spec: dict[str, object], why: str
) -> None:
    obj = {"apiVersion": "security.istio.io/v1", "kind": kind, "spec": spec}
    obj |= {"metadata": {"name": "wrong", "namespace": NAMESPACE}}
    with pytest.raises(CarbonError, match=why):
        dry_run(api, [obj])
