"""Templates that refuse values."""

from pathlib import Path

import pytest

from carbon.charts.discovery import read_chart
from carbon.upgrade.values.compare import compare_checks


def write_chart(folder: Path, template: str) -> Path:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: example\nversion: 1.0.0\n")
    (folder / "templates" / "checks.yaml").write_text(template)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("", '{{ if .Values.a }}{{ fail "a" }}{{ end }}', [(0, 1)]),
        ("", '{{ $a := required "a" .Values.a }}', [(0, 1)]),
        ("", '{{ include "common.problem" (dict "path" "a") }}', [(0, 1)]),
        ("", "# never fails, required by nothing", []),
        ('{{ fail "a" }}', '{{ fail "b" }}', []),
        ('{{ fail "a" }}', "", []),
    ],
)
def test_reports_more_checks_in_templates(
    tmp_path: Path, old: str, new: str, counts: list[tuple[int, int]]
) -> None:
    sides = write_chart(tmp_path / "old", old), write_chart(tmp_path / "new", new)
    found = list(compare_checks(*map(read_chart, sides)))
    assert [(each.old, each.new) for each in found] == counts
