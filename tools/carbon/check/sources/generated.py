"""Check of the generated files: each is what `carbon generate` writes now."""

from collections.abc import Sequence
from pathlib import Path

from carbon.charts.discovery import Chart
from carbon.charts.generate.schema import SOURCE
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.check.reverts.changes import Change, find_only
from carbon.check.sources.lines import split_place
from carbon.errors import CarbonError

CURRENT = declare(
    "schema/current",
    "Schemas, READMEs and dashboards are what `carbon generate` writes.",
    "Run `carbon generate` and commit the result.",
    house=True,
)


def check_generated(root: Path) -> Result:
    """Compare the generated files of a checkout with what `carbon generate` writes now."""
    # These Python libraries load slowly; a run with all results in the cache does not use them.
    from carbon.charts.generate.files import build_files, find_stale

    checkout = Checkout(root)
    try:
        late = find_stale(build_files(root))
    except CarbonError as wrong:
        file, line, what = split_place(wrong.what)
        shown = checkout.format_path(root / file)
        return Result([make_finding(CURRENT, what, shown, line, remedy=wrong.remedy)])
    if not late:
        return Result()
    late.sort(key=lambda path: not _find_chart(checkout, path))
    what = f"out of date: {', '.join(map(checkout.format_path, late))}"
    chart = _find_chart(checkout, late[0])
    return Result([make_finding(CURRENT, what, checkout.format_path(late[0]), chart=chart)])


def find_source(chart: Chart, changes: Sequence[Change]) -> Change | None:
    """Return the change after which the generated files of a chart are out of date.

    None unless there is one change of the files that they are generated from.
    """
    names = {"Chart.yaml", "values.yaml", SOURCE}
    sources = {chart.folder / name for name in names} | {*chart.folder.glob("dashboards/*.yaml")}
    return find_only(changes, sources)


def is_dashboard(file: Path) -> bool:
    """Return whether a file is a generated dashboard, whose source lies beside it."""
    is_json = file.suffix == ".json" and file.parent.name == "dashboards"
    return is_json and file.with_suffix(".yaml").exists()


def _find_chart(checkout: Checkout, path: Path) -> str:
    return next((c.name for c in checkout.charts if path.is_relative_to(c.folder)), "")
