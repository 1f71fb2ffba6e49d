"""Where the jobs of this example find the platform, from the environment that Ray's pods have."""

import os

import sqlalchemy
from feast import FeatureStore, RepoConfig

MODEL = "day-ahead-price"
FEATURES = ["load:load_gw", "load:load_mean_24h_gw", "prices:price_24h_ago"]
COLUMNS = [name.partition(":")[2] for name in FEATURES]
URI = "postgresql+psycopg://"
"""Host, database, user and password come from PGHOST, PGDATABASE, PGUSER and PGPASSWORD."""


def database() -> sqlalchemy.Engine:
    """The database of history."""
    return sqlalchemy.create_engine(URI)


def store() -> FeatureStore:
    """Definitions and history from the database, the newest values from the feature servers."""
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
