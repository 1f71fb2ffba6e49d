"""Feature views of the first model: electricity load and day-ahead price of each bidding zone."""

from datetime import timedelta

from feast import Entity, FeatureView, Field, ValueType
from feast.infra.offline_stores.contrib.postgres_offline_store.postgres_source import (
    PostgreSQLSource,
)
from feast.types import Float64, String

zone = Entity(name="zone", join_keys=["zone"], value_type=ValueType.STRING)

load = FeatureView(
    name="load",
    entities=[zone],
    ttl=timedelta(days=2),
    schema=[
        Field(name="zone", dtype=String),
        Field(name="load_gw", dtype=Float64),
        Field(name="load_mean_24h_gw", dtype=Float64),
    ],
    source=PostgreSQLSource(name="load_history", table="load_history", timestamp_field="hour"),
)
prices = FeatureView(
    name="prices",
    entities=[zone],
    ttl=timedelta(days=2),
    schema=[Field(name="zone", dtype=String), Field(name="price_24h_ago", dtype=Float64)],
    source=PostgreSQLSource(name="price_history", table="price_history", timestamp_field="hour"),
)
