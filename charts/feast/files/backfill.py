"""Materialize a range of days in chunks; arguments are names of feature views, none means all.

Feast records each materialization of a feature view in the registry, so this command continues with
the first chunk that is not recorded. A chunk with today ends at the current time, so that the next
run of this command repeats the chunk.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

import quoting
import repository

quoting.quote_environment()
repository.prepare()
from feast import FeatureStore, OnDemandFeatureView  # noqa: E402

Chunk = tuple[datetime, datetime]
REPLACING = {"postgres"}
"""Online stores that replace newer values by older ones (DO UPDATE in online_write_batch)."""


def list_chunks(first: date, last: date, days: int, now: datetime) -> Iterator[Chunk]:
    """Yield start and end of each chunk, in UTC. The last chunk ends with `last`, or at `now`."""
    end = datetime.combine(last + timedelta(days=1), time_of_day.min, UTC)
    start = datetime.combine(first, time_of_day.min, UTC)
    while start < min(end, now):
        following = start + timedelta(days=days)
        yield start, min(following, end, now)
        start = following


def is_recorded(view, chunk: Chunk, times: int) -> bool:
    """Return whether the registry records at least `times` materializations of this chunk."""
    return getattr(view, "materialization_intervals", []).count(chunk) >= times


def check_order(store: FeatureStore, views: list, end: datetime) -> None:
    """Exit with a message if this backfill would replace newer values by older ones."""
    for view in views:
        latest = getattr(view, "most_recent_end_time", None)
        if store.config.online_store.type in REPLACING and latest and latest > end:
            raise SystemExit(
                f"{view.name}: the online store has values until {latest:%Y-%m-%d %H:%M}, and"
                " PostgreSQL replaces newer values by older ones; set backfill.lastDay to today,"
                " so that the newest values are written last"
            )


def materialize(store: FeatureStore, name: str, chunk: Chunk, progress: str) -> None:
    """Materialize a chunk of a feature view, and print how long it took."""
    started = time.monotonic()
    store.materialize(*chunk, feature_views=[name])
    print(f"{progress}: {name}: materialized in {time.monotonic() - started:.1f} s", flush=True)


def main() -> None:
    """Materialize the chunks in the order of time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--first-day", type=date.fromisoformat, required=True)
    parser.add_argument("--last-day", type=date.fromisoformat, required=True)
    parser.add_argument("--chunk-days", type=int, required=True, help="days of a chunk")
    parser.add_argument("--times", type=int, required=True, help="materializations of each chunk")
    parser.add_argument("names", nargs="*", help="names of feature views")
    arguments = parser.parse_args()
    now = datetime.now(tz=UTC)
    days = arguments.first_day, arguments.last_day, arguments.chunk_days
    chunks = list(list_chunks(*days, now))
    store = FeatureStore(repo_path=os.environ["FEATURE_REPO_DIR_ENV_VAR"])
    views = store._get_feature_views_to_materialize(arguments.names or None)
    if not views or not chunks:
        empty = "the registry has no feature view; run `feast apply` first"
        sys.exit(empty if chunks else "backfill.firstDay is in the future; write an earlier day")
    check_order(store, views, chunks[-1][1])
    # Feast does not record materializations of on-demand feature views: a chunk starts with them.
    views.sort(key=lambda view: not isinstance(view, OnDemandFeatureView))
    for number, chunk in enumerate(chunks, 1):
        first, last = (f"{at:%Y-%m-%d %H:%M}" for at in chunk)
        progress = f"chunk {number} of {len(chunks)}, {first} to {last}"
        left = [v for v in views if not is_recorded(v, chunk, arguments.times)]
        if all(isinstance(view, OnDemandFeatureView) for view in left) and len(left) < len(views):
            print(f"{progress}: recorded in the registry", flush=True)
            continue
        for view in left:
            materialize(store, view.name, chunk, progress)
    print("all chunks are materialized", flush=True)


if __name__ == "__main__":
    main()
