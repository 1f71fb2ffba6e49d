"""The revisions of the data of the charts: what to do before an upgrade raises one."""

from pathlib import Path

import pytest

from carbon.charts.discovery import find_charts, read_chart
from carbon.errors import CarbonError
from carbon.upgrade.contract import fill_revisions, read_installed_revisions, read_revisions
from carbon.upgrade.run import examine_charts
from carbon.upgrade.sides import find_old


def test_an_upgrade_states_what_to_do_before_it_raises_a_revision(original: Path) -> None:
    old = find_old("0.1.0").list_charts()["mlflow"].folder
    found = examine_charts(old, original / "charts" / "mlflow")
    (revision,) = [each for each in found if each.rule == "data/revision"]
    assert revision.path[-1] == "mlflow-gateway-keys"
    first, _, back = revision.remedy.partition(" To go back: ")
    assert "create the Secret mlflow-gateway" in first
    assert "built-in passphrase" in first
    assert back


def test_the_umbrella_states_the_revisions_of_all_charts(original: Path) -> None:
    """Helm stores the Chart.yaml of the umbrella with a release, but not those of its subcharts."""
    wanted: dict[str, int] = {}
    for chart in find_charts(original):
        wanted |= read_revisions(chart)
    assert read_installed_revisions(read_chart(original / "umbrella").meta) == wanted


def test_an_installed_release_without_annotations_has_the_revisions_of_its_version() -> None:
    found = read_installed_revisions({"name": "254carbon", "version": "0.1.0"})
    assert found["redis-log"] == 1
    assert found["postgresql"] == 15
    of_one = read_installed_revisions({"name": "mlflow", "version": "0.1.0"})
    assert of_one == {"mlflow-database": 1, "mlflow-gateway-keys": 1}
    assert not read_installed_revisions({"name": "web", "version": "0.1.0"})


def test_an_annotation_without_a_number_is_an_error_that_names_it() -> None:
    annotations = {"254carbon.com/schemaRevisions": "redis-log=two"}
    with pytest.raises(CarbonError, match=r"web 1: 254carbon.com/schemaRevisions: redis-log=two"):
        read_installed_revisions({"name": "web", "version": 1, "annotations": annotations})


def test_the_revisions_in_a_chart_yaml_are_replaced(original: Path) -> None:
    chart = read_chart(original / "charts" / "data-services")
    text = fill_revisions("name: a\nannotations:\n  b: c\n", [chart])
    assert text.endswith("  b: c\n")
    assert "postgresql=15, redis-log=2" in text
    assert fill_revisions(text, [chart]) == text
    with pytest.raises(CarbonError):
        fill_revisions("name: a\n", [chart])
