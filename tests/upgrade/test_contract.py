"""The revisions of the data of the charts: what to do before an upgrade raises one."""

from pathlib import Path

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
