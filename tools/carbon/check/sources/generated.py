"""Check of the generated files: each is what `carbon generate` writes now."""

from pathlib import Path

from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.errors import CarbonError

CURRENT = declare(
    "schema/current",
    "Schemas, READMEs and dashboards are what `carbon generate` writes.",
    "Run `carbon generate` and commit the result.",
    house=True,
)


def check_generated(root: Path) -> Result:
    """Compare the generated files of a checkout with what `carbon generate` writes now."""
    # Imports Python libraries that load slowly: a run with all results in the cache needs none.
    from carbon.charts.generate.files import build_files, find_stale

    checkout = Checkout(root)
    try:
        late = find_stale(build_files(root))
    except CarbonError as wrong:
        file, _, what = wrong.what.partition(": ")
        return Result([make_finding(CURRENT, what or file, file, remedy=wrong.remedy)])
    what = "the file is out of date"
    return Result(
        [
            make_finding(
                CURRENT, what, checkout.format_path(path), chart=_find_chart(checkout, path)
            )
            for path in late
        ]
    )


def _find_chart(checkout: Checkout, path: Path) -> str:
    return next((c.name for c in checkout.charts if path.is_relative_to(c.folder)), "")
