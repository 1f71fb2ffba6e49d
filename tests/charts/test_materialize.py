"""The scripts that materialize features, run with a fake FeatureStore in place of Feast's."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.charts.processes import CHARTS, install, load

FILES = CHARTS / "feast/files"
NOW = datetime.now(tz=UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
Chunk = tuple[datetime, datetime]


class View(SimpleNamespace):
    """A feature view with a time to live and the chunks that the registry records."""

    def __init__(self, name: str, ttl: timedelta | None, *recorded: Chunk) -> None:
        super().__init__(name=name, ttl=ttl, materialization_intervals=list(recorded))

    @property
    def most_recent_end_time(self) -> datetime | None:
        return max((end for _, end in self.materialization_intervals), default=None)


class OnDemandView(SimpleNamespace):
    """A view that is computed from others; Feast records no materialization of it."""


class Store:
    """FeatureStore of Feast 0.67.0: the methods that the scripts call, with their types."""

    def __init__(self, *views: Any) -> None:
        self.views = {view.name: view for view in views}
        self.config = SimpleNamespace(online_store=SimpleNamespace(type="redis"))
        self.done: list[tuple[str, datetime, datetime]] = []

    def _get_feature_views_to_materialize(self, names: list[str] | None) -> list[Any]:
        return [self.views[name] for name in names or self.views]

    def get_feature_view(self, name: str) -> Any:
        return self.views[name]

    def materialize(
        self, start_date: datetime, end_date: datetime, feature_views: list[str]
    ) -> None:
        assert isinstance(feature_views, list)
        assert start_date < end_date
        for view in self._get_feature_views_to_materialize(feature_views):
            self.done.append((view.name, start_date, end_date))
            if isinstance(view, View):
                view.materialization_intervals.append((start_date, end_date))


Run = Callable[..., None]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the main function of a script with a store and arguments."""

    def run(script: str, store: Store, *arguments: str) -> None:
        names = {"FeatureStore": lambda repo_path: store, "OnDemandFeatureView": OnDemandView}
        modules: dict[str, dict[str, Any]] = {
            "quoting": {"quote_environment": lambda: None},
            "repository": {"prepare": lambda: None},
            "feast": names,
        }
        install(monkeypatch, modules)
        monkeypatch.setenv("FEATURE_REPO_DIR_ENV_VAR", "/repository")
        monkeypatch.setenv("MAX_DAYS", "7")
        monkeypatch.setattr("sys.argv", [script, *arguments])
        load(FILES / script).main()

    return run


def days(count: int) -> timedelta:
    return timedelta(days=count)


def test_a_materialization_continues_each_view_from_its_last_end(run: Run) -> None:
    late = (NOW - days(9), NOW - days(2))
    store = Store(View("new", days(3)), View("late", None, late))
    run("materialize.py", store)
    [(_, start, end), (_, resumed, _)] = store.done
    assert [name for name, _, _ in store.done] == ["new", "late"]
    assert end - start == days(3)
    assert resumed == late[1]


def test_a_materialization_of_given_views_skips_the_other_views(run: Run) -> None:
    store = Store(View("prices", days(1)), View("loads", days(1)))
    run("materialize.py", store, "loads")
    assert [name for name, _, _ in store.done] == ["loads"]


def test_an_on_demand_view_is_materialized_for_the_longest_ttl_of_its_sources(run: Run) -> None:
    sources = {each: SimpleNamespace(name=each) for each in ("prices", "loads")}
    doubled = OnDemandView(name="doubled", source_feature_view_projections=sources)
    store = Store(View("prices", days(1)), View("loads", days(2)), doubled)
    run("materialize.py", store, "doubled")
    [(_, start, end)] = store.done
    assert end - start == days(2)


def test_a_view_with_more_days_to_materialize_than_the_limit_fails_after_the_others(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(View("endless", None), View("old", days(30)), View("prices", days(1)))
    with pytest.raises(SystemExit, match="more than 7 days"):
        run("materialize.py", store)
    assert [name for name, _, _ in store.done] == ["prices"]
    output = capsys.readouterr().out
    assert "endless: not materialized: the next materialization has no start" in output
    assert "old: not materialized: the next materialization starts at" in output


def backfill(run: Run, store: Store, first: datetime, last: datetime, times: int = 1) -> None:
    range_ = [f"--first-day={first.date()}", f"--last-day={last.date()}"]
    run("backfill.py", store, *range_, "--chunk-days=2", f"--times={times}")


def test_a_backfill_skips_recorded_chunks_until_times_is_raised(run: Run) -> None:
    first, last = TODAY - days(5), TODAY - days(1)
    recorded = (first + days(2), first + days(4))
    store = Store(View("prices", None, recorded), View("loads", None))
    backfill(run, store, first, last)
    assert Counter(name for name, _, _ in store.done) == {"prices": 2, "loads": 3}
    assert {start for _, start, _ in store.done} == {first, first + days(2), first + days(4)}
    assert max(end for _, _, end in store.done) == TODAY
    before = len(store.done)
    backfill(run, store, first, last)
    assert len(store.done) == before
    backfill(run, store, first, last, times=2)
    assert len(store.done) == before + 6


def test_a_backfill_of_today_ends_at_the_current_time_and_is_never_skipped(run: Run) -> None:
    store = Store(View("prices", None))
    for _ in range(2):
        backfill(run, store, TODAY, TODAY)
    assert len(store.done) == 2
    assert all(TODAY < end <= datetime.now(tz=UTC) for _, _, end in store.done)


def test_a_backfill_does_not_replace_newer_values_in_postgresql(run: Run) -> None:
    store = Store(View("prices", None, (TODAY - days(1), TODAY)))
    store.config.online_store.type = "postgres"
    with pytest.raises(SystemExit, match="to today"):
        backfill(run, store, TODAY - days(9), TODAY - days(5))
    assert not store.done


def test_a_backfill_fails_without_feature_views_or_if_its_first_day_is_in_the_future(
    run: Run,
) -> None:
    with pytest.raises(SystemExit, match="no feature view"):
        backfill(run, Store(), TODAY - days(2), TODAY)
    with pytest.raises(SystemExit, match="in the future"):
        backfill(run, Store(View("prices", None)), TODAY + days(2), TODAY + days(3))
