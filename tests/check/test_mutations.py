"""Every rule over what is drawn sees what it is for, and no other rule is in its way."""

from pathlib import Path

import pytest
from tests.check import drawn, related
from tests.check.mutation import Mutation

from carbon.check.engine.checkout import Checkout
from carbon.check.render.examination import Examination

GROUPS = (
    drawn.NAMES, drawn.LABELS, drawn.SELECTORS, drawn.PODS, drawn.SECURITY,
    related.SECRETS, related.ROLES, related.OBJECTS, related.JOBS, related.ROUTES,
    related.REFERENCES, related.PLATFORM,
)  # fmt: skip
MUTATIONS = [mutation for group in GROUPS for mutation in group]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_exactly_the_rule_that_is_broken_says_so(mutation: Mutation, root: Path) -> None:
    mutation.apply(root)
    examination = Examination(Checkout(root), mutation.case(root))
    if mutation.hostile:
        examination.run()
    else:
        examination.examine_once()
    found = examination.result.findings
    assert {each.rule for each in found} == {mutation.rule}, [each.what for each in found]
    for each in found:
        assert (root / each.file).is_file(), each
        assert each.line > 0
        assert each.remedy
