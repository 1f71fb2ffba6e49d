"""Connections of the example's jobs to PostgreSQL and Feast, from the environment of Ray's pods."""

import os

import sqlalchemy
from feast import FeatureStore, RepoConfig

MODEL = "day-ahead-price"
FEATURES = ["load:load_gw", "load:load_mean_24h_gw", "prices:price_24h_ago"]
COLUMNS = [name.partition(":")[2] for name in FEATURES]
URI = "postgresql+psycopg://"
"""The driver reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD."""


def connect_database() -> sqlalchemy.Engine:
    """Connect to the database with the historical data."""
    return sqlalchemy.create_engine(URI)


def connect_store() -> FeatureStore:
    """Connect to Feast: registry and history in PostgreSQL, online values from Feast's server."""
    env = os.environ
    history = {
        "type": "postgres",
        "host": env["PGHOST"],
        "port": int(env["PGPORT"]),
        "database": env["PGDATABASE"],
        "user": env["PGUSER"],
        "password": env["PGPASSWORD"],
        "sslmode": env.get("PGSSLMODE", "prefer"),
    }
    config = RepoConfig(
        project="data_platform",
        provider="local",
        registry={"registry_type": "sql", "path": URI, "schema_mode": "verify"},
        offline_store=history,
        online_store={"type": "remote", "path": env["FEATURE_SERVER"]},
        entity_key_serialization_version=3,
    )
    return FeatureStore(config=config)
