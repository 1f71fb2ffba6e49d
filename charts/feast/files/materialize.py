"""Bring the online store up to now; arguments are feature views, none means all of them.

Each view goes on from where it was brought the last time, the first time from as far back as its
time to live.
"""

import os
import sys
from datetime import UTC, datetime

import quoting

quoting.environment()
from feast import FeatureStore  # noqa: E402

store = FeatureStore(repo_path=os.environ["FEATURE_REPO_DIR_ENV_VAR"])
end = datetime.now(tz=UTC)
store.materialize_incremental(end_date=end, feature_views=sys.argv[1:] or None)
print(f"online store: up to {end.isoformat(timespec='seconds')}", flush=True)
