"""Write hourly load (GW) and day-ahead prices (EUR/MWh) of three zones to PostgreSQL.

    python data.py [--days 28] [--load-shift 1.0]

The load has a random component and daily and weekly patterns; the price follows the load.
`--load-shift` multiplies the load of the last 7 days, which is the drift that drift.py measures.
"""

import argparse
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import sqlalchemy
from platform_clients import connect_database

ZONES = {"DE": 55.0, "FR": 50.0, "NL": 12.0}
"""Bidding zone -> mean load in GW."""


def generate_history(days: int, load_shift: float) -> pd.DataFrame:
    """Return one row per zone and hour: load_gw, load_mean_24h_gw, price, price_24h_ago."""
    noise = np.random.default_rng(254)
    now = pd.Timestamp(datetime.now(tz=UTC)).floor("h")
    hours = pd.date_range(end=now, periods=24 * days, freq="h")
    recent = hours > now - pd.Timedelta(days=7)
    frames = []
    for zone, mean in ZONES.items():
        daily = np.sin((hours.hour - 8) / 24 * 2 * np.pi)
        weekend = np.where(hours.dayofweek >= 5, 0.88, 1.0)
        load = mean * weekend * (1 + 0.15 * daily + noise.normal(0, 0.03, len(hours)))
        load = load * np.where(recent, load_shift, 1.0)
        price = 20 + 60 * (load / mean) ** 2 + noise.normal(0, 4, len(hours))
        frame = pd.DataFrame({"zone": zone, "hour": hours, "load_gw": load, "price": price})
        frame["load_mean_24h_gw"] = frame["load_gw"].rolling(24, min_periods=1).mean()
        frame["price_24h_ago"] = frame["price"].shift(24).bfill()
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def main() -> None:
    """Replace the tables load_history and price_history."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--load-shift", type=float, default=1.0)
    options = parser.parse_args()
    rows = generate_history(options.days, options.load_shift)
    with connect_database().begin() as connection:
        for table, columns in {
            "load_history": ["zone", "hour", "load_gw", "load_mean_24h_gw"],
            "price_history": ["zone", "hour", "price", "price_24h_ago"],
        }.items():
            rows[columns].to_sql(table, connection, if_exists="replace", index=False)
            connection.execute(sqlalchemy.text(f"ANALYZE {table}"))
        # Feast joins over time with a temporary table of entities. PostgreSQL has no statistics of
        # that table, assumes it is small and chooses a nested loop, which takes minutes.
        connection.execute(sqlalchemy.text("ALTER ROLE CURRENT_USER SET enable_nestloop = off"))
    print(f"{len(rows)} rows for {len(ZONES)} zones, up to {rows['hour'].max().isoformat()}")


if __name__ == "__main__":
    main()
