"""Many renders in one process are what Helm's own program draws, refusals included."""

from tests.charts.cases import RENDERS, UMBRELLA

from carbon.charts.render import Render, rendered, texts
from carbon.errors import CarbonError


def test_they_are_the_same_to_the_byte() -> None:
    for render, printed in zip(RENDERS, texts(RENDERS), strict=True):
        assert printed == rendered(render), render


def test_one_that_is_refused_does_not_disturb_the_next() -> None:
    good = Render(UMBRELLA.folder)
    bad = Render(UMBRELLA.folder, sets=("mlflow.replicas=many",))
    first, refused, last = texts([good, bad, good])
    assert first == last == rendered(good)
    assert isinstance(refused, CarbonError)
    assert "replicas" in refused.what
