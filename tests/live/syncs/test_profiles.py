"""Every object that the charts render stays as Argo CD synced it, without a difference."""

from pathlib import Path

import pytest
from tests.charts.cases import UMBRELLA
from tests.live.argocd import ArgoCd, list_unsynced
from tests.live.charts_repository import ChartsRepository
from tests.live.syncs.conftest import create_namespaces
from tests.live.syncs.single import Case, install, list_rounds

from carbon.gitops.plan import QUICKSTART, build_plan, list_profiles
from carbon.gitops.projects import PLATFORM

PROFILES: list[tuple[str, tuple[Path, ...]]] = [
    *((profile, ()) for profile in list_profiles()),
    *((QUICKSTART, (file,)) for file in UMBRELLA.list_ci_values()),
]


def check_that_nothing_changes(argo: ArgoCd, name: str = PLATFORM) -> None:
    """Compare with the source again: no object differs, no sync runs, nothing is written."""
    before, stored = argo.read(name)["status"], argo.list_versions(name)
    assert stored
    after = argo.refresh(name)["status"]
    assert list_unsynced(after) == []
    assert after["sync"]["status"] == "Synced"
    for key in ("operationState", "history"):
        assert after[key] == before[key]
    assert argo.list_versions(name) == stored


@pytest.mark.parametrize(
    ("profile", "values"),
    PROFILES,
    ids=[" ".join([profile, *(f.stem for f in files)]) for profile, files in PROFILES],
)
def test_a_profile_is_synced_once_and_has_no_difference(
    argo: ArgoCd, original: ChartsRepository, profile: str, values: tuple[Path, ...]
) -> None:
    plan = build_plan(original.source, profile, values)
    create_namespaces(argo, plan.objects, plan.namespace)
    argo.install(plan)
    argo.wait_for_sync(original.first)
    assert len(argo.read()["status"]["resources"]) == len(plan.objects)
    check_that_nothing_changes(argo)


@pytest.mark.parametrize(
    "cases", [pytest.param(each, id=f"round {i}") for i, each in enumerate(list_rounds())]
)
def test_charts_with_their_values_files_have_no_difference(
    argo: ArgoCd, original: ChartsRepository, cases: list[Case]
) -> None:
    print("; ".join(f"{chart.name} {file.stem}" for chart, file in cases))
    install(argo, original, cases)
    for chart, _ in cases:
        check_that_nothing_changes(argo, chart.name)
