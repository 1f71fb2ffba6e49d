"""Materialize features up to now; arguments are names of feature views, none means all of them.

Each feature view continues from the end of its last materialization. The first one starts as far
back as the view's time to live. A view that needs more than MAX_DAYS days is not materialized: in
materialize_incremental, Feast starts a year back (52 weeks) if a view has no time to live.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

import quoting
import repository

quoting.quote_environment()
repository.prepare()
from feast import FeatureStore, OnDemandFeatureView  # noqa: E402

ADVICE = "raise materialization.maxDays, or materialize these days with backfill.enabled"


def find_start(store: FeatureStore, view, now: datetime, longest: timedelta) -> datetime | None:
    """Return the start of a view's next materialization; None if the first one has no time to live.

    Feast records no materializations of on-demand feature views, so each one starts as far back as
    the longest time to live of their sources, at most `longest`.
    """
    if isinstance(view, OnDemandFeatureView):
        names = [p.name for p in view.source_feature_view_projections.values()]
        lives = [store.get_feature_view(name).ttl or timedelta(0) for name in names]
        return now - min(max(lives, default=timedelta(0)) or longest, longest)
    if view.most_recent_end_time:
        return view.most_recent_end_time
    return now - view.ttl if view.ttl else None


def main() -> None:
    """Materialize the views that need at most MAX_DAYS days; fail if a view needs more."""
    longest = timedelta(days=int(os.environ["MAX_DAYS"]))
    store = FeatureStore(repo_path=os.environ["FEATURE_REPO_DIR_ENV_VAR"])
    now = datetime.now(tz=UTC)
    refused = False
    for view in store._get_feature_views_to_materialize(sys.argv[1:] or None):
        start = find_start(store, view, now, longest)
        if start and now - start <= longest:
            store.materialize(start, now, feature_views=[view.name])
            continue
        refused = True
        since = f"starts at {start.isoformat(timespec='seconds')}" if start else "has no start"
        print(f"{view.name}: not materialized: the next materialization {since}; {ADVICE}")
    if refused:
        sys.exit(f"some feature views need more than {longest.days} days")
    print(f"materialized up to {now.isoformat(timespec='seconds')}", flush=True)


if __name__ == "__main__":
    main()
