"""Write a price of 40 plus the age in days for each of the last 40 days, at noon."""

import sys
from datetime import UTC, datetime, timedelta

import pandas as pd  # type: ignore[import-untyped]

noon = datetime.now(tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=12)
rows = [
    {"zone": "DE-LU", "price": 40.0 + age, "hour": noon - timedelta(days=age)} for age in range(40)
]
pd.DataFrame(rows).to_parquet(sys.argv[1])
