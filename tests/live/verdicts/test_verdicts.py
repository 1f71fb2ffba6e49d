"""A real API server and Helm's own requests agree with the verdicts of the upgrade check."""

from pathlib import Path

import pytest
from tests.live.verdicts.comparison import find_differences
from tests.live.verdicts.helm_update import Updater
from tests.upgrade.mutation import Mutation, build_sides, read_mutations

from carbon.release.index import read_index
from carbon.upgrade.cases import Case, list_cases
from carbon.upgrade.run import render_case
from carbon.upgrade.sides import find_new, find_side

MUTATIONS = [*read_mutations("breakages.yaml"), *read_mutations("harmless.yaml")]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_the_api_server_agrees_about_a_mutation(
    mutation: Mutation, original: Path, root: Path, tmp_path: Path, updater: Updater
) -> None:
    before, after = build_sides(mutation, original, root, tmp_path)
    file = before / "ci" / f"{mutation.values}-values.yaml" if mutation.values else None
    found = render_case(Case(before, after, mutation.chart, file))
    if isinstance(found, list):
        assert all(each.rule.startswith("values/") for each in found), "nothing is rendered"
    else:
        differences = find_differences(found, updater)
        assert not differences, "\n".join(differences)


CASES = {
    f"{release.version} {case}": case
    for release in read_index()
    for case in list_cases(find_side(release.version), find_new())
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_the_api_server_agrees_about_the_upgrade_from_a_release(
    case: Case, updater: Updater
) -> None:
    found = render_case(case)
    if not isinstance(found, list):
        differences = find_differences(found, updater)
        assert not differences, "\n".join(differences)
