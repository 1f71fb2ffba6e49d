"""The profile `production` beside the objects of the recorded cluster, on a real API server.

The steps are in docs/production.md. The record is tests/live/production.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.impact.record import PRODUCTION
from tests.impact.record import list_objects as list_all
from tests.live.apiserver import start_api_server
from tests.live.verdicts.conftest import WITHOUT_CONTROLLERS
from tests.live.verdicts.installed import Cluster

from carbon import externals
from carbon.charts.merging import merge
from carbon.charts.render import Object, identity
from carbon.impact.run import read_values
from carbon.impact.steps import list_steps
from carbon.platform.target import RELEASE

NAMESPACE = "data-platform"
STEPS = list_steps(read_values([PRODUCTION]), NAMESPACE)
REPLACED = {"Service/feast-server", "Service/mlflow", "ServiceAccount/mlflow"}
"""Recorded objects whose names the release needs: docs/production.md tells to delete them."""
TAKEN = re.compile(r'(\w+) "([\w-]+)" in namespace "([\w-]*)" exists and cannot be imported')
"""Helm's message about an object that is not its own."""
SECOND = {
    "backup": {
        "schedules": {
            name: {"namespaces": ["second", "monitoring"]} for name in ("daily", "weekly")
        },
        "drill": {"priorityClassName": "second-critical-400000"},
    },
    "mlflow": {"priorityClassName": "second-critical-400000"},
    "feast": {"priorityClassName": "second-critical-400000"},
    "ray-cluster": {"head": {"priorityClassName": "second-critical-400000"}},
    "mesh-policies": {"enabled": False},
}
"""What a second release sets in addition to the profile; its stores are those of the first."""


def list_objects() -> list[Object]:
    """Return the recorded objects, without the Service that each API server creates itself."""
    return [each for each in list_all() if describe(each) != "default Service/kubernetes"]


def upgrade(cluster: Cluster, values: Any) -> str:
    """Install or upgrade the release; return the error message, empty on success."""
    helm = str(externals.ensure_program("helm"))
    words = (helm, "upgrade", "--install", RELEASE, "umbrella/", "--values", "-")
    done = cluster.run(*words, "--create-namespace", values=values)
    return done.stdout if done.returncode else ""


def read_others(cluster: Cluster) -> dict[str, str]:
    """Return the recorded objects that the release does not replace, with resource versions."""
    kinds = sorted({each["kind"] for each in list_objects()})
    words = ("get", ",".join(kinds), "--all-namespaces", "--output=json")
    there = {describe(each): each for each in json.loads(cluster.api.kubectl(*words))["items"]}
    return {
        describe(each): there[describe(each)]["metadata"]["resourceVersion"]
        for each in list_objects()
        if identity(each) not in REPLACED
    }


def describe(obj: Object) -> str:
    return f"{obj['metadata'].get('namespace', '')} {identity(obj)}"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An API server with the objects of the recorded cluster."""
    folder = tmp_path_factory.mktemp("api")
    with start_api_server(folder, WITHOUT_CONTROLLERS) as api:
        api.create_crds()
        whole = {"apiVersion": "v1", "kind": "List", "items": list_objects()}
        api.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(whole))
        cluster = Cluster(api, folder)
        cluster.namespace = NAMESPACE
        yield cluster


@pytest.fixture(scope="module")
def taken(recorded: Cluster) -> set[str]:
    """Install the profile without policies; return the objects that had to be deleted before."""
    names = set()
    error = upgrade(recorded, STEPS[0].values)
    while found := TAKEN.search(error):
        kind, name, namespace = found.groups()
        assert namespace == NAMESPACE
        assert f"{kind}/{name}" not in names
        recorded.api.kubectl("delete", kind, name, "--namespace", namespace)
        names.add(f"{kind}/{name}")
        error = upgrade(recorded, STEPS[0].values)
    assert error == ""
    return names


def test_the_names_of_the_release_are_free_apart_from_those_of_what_it_replaces(
    taken: set[str],
) -> None:
    assert taken == REPLACED


@pytest.mark.usefixtures("taken")
def test_each_step_is_accepted_and_changes_no_object_of_another_team(recorded: Cluster) -> None:
    before = read_others(recorded)
    assert len(before) == len(list_objects()) - len(REPLACED)
    for step in STEPS:
        error = upgrade(recorded, step.values)
        assert error == "", f"{step.name}: {error}"
        assert read_others(recorded) == before, step.name


@pytest.mark.usefixtures("taken")
def test_a_second_release_needs_another_namespace_for_its_restore_drill(recorded: Cluster) -> None:
    before = read_others(recorded)
    values = merge(read_values([PRODUCTION]), SECOND)
    second = Cluster(recorded.api, recorded.folder)
    second.namespace = "second"
    found = TAKEN.search(upgrade(second, values))
    assert found
    assert found.groups() == ("Namespace", "restore-drill", "")
    other = {"backup": {"drill": {"namespace": "second-restore-drill"}}}
    assert upgrade(second, merge(values, other)) == ""
    assert read_others(recorded) == before
