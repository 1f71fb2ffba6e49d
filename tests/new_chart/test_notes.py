"""The notes that `helm install` prints name each enabled chart of `tools/new-chart`."""

import json
from pathlib import Path

from tests.new_chart.conftest import ANSWERS, KINDS

from carbon.charts.render import Render, run_template


def test_the_notes_of_a_release_name_its_charts(root: Path, tmp_path: Path) -> None:
    keys: dict[str, dict[str, object]] = {
        name: {"enabled": True} for name in (ANSWERS.name, *KINDS)
    }
    keys[ANSWERS.name]["fullnameOverride"] = "alerts"
    keys["mesh-policies"] = {"enabled": False}  # its table has the name without the override
    values = tmp_path / "values.yaml"
    values.write_text(json.dumps(keys))
    chart = root / "umbrella"
    notes = run_template(Render(chart, (values,), helm="helm3")).notes
    begin = notes.index(f"\n{ANSWERS.title}\n")
    assert "http://alerts.data-platform.svc:8123" in notes[begin:]
    assert "service/price-store 8080\n" in notes[begin:]
    assert "get cronjobs --namespace data-platform price-report\n" in notes[begin:]
    assert notes[begin:].count("\n\n") == 3  # one empty line after each chart
    assert "Price" not in run_template(Render(chart, (), helm="helm3")).notes
