"""Materialize features up to now; arguments are names of feature views, none means all of them.

Each feature view continues from the end of its last materialization. The first one starts as far
back as the view's time to live.
"""

import os
import sys
from datetime import UTC, datetime

import quoting

quoting.quote_environment()
from feast import FeatureStore  # noqa: E402

store = FeatureStore(repo_path=os.environ["FEATURE_REPO_DIR_ENV_VAR"])
end = datetime.now(tz=UTC)
store.materialize_incremental(end_date=end, feature_views=sys.argv[1:] or None)
print(f"materialized up to {end.isoformat(timespec='seconds')}", flush=True)
