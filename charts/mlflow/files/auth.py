"""Prepare the database of MLflow's own users.

    migrate    migrate the database's schema to this image's version
    configure  wait for that schema, then write the server's file MLFLOW_AUTH_CONFIG_PATH

The database's address comes from libpq's variables. User and password come from the files of a
Secret, which are read again at each attempt, so that a corrected Secret takes effect without a
restart.
"""

import configparser
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy
import wait
import waiting
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory


def database_url() -> sqlalchemy.URL:
    """The URL of the users' database, with user and password, from libpq's variables."""
    return sqlalchemy.URL.create(
        "postgresql+psycopg2",
        username=os.environ["PGUSER"],
        password=os.environ["PGPASSWORD"],
        host=os.environ["PGHOST"],
        port=int(os.environ["PGPORT"]),
        database=os.environ["PGDATABASE"],
    )


def check_database() -> str:
    """Connect to the users' database; return the error, or "" if it accepts the connection."""
    return wait.check_database("/etc/mlflow/users")


def check_schema() -> str:
    """Compare the users' schema with this image's; return the difference, or "" if none."""
    if problem := check_database():
        return problem
    folder = Path(find_spec("mlflow").origin).parent / "server" / "auth" / "db" / "migrations"
    required = ScriptDirectory(str(folder)).get_current_head()
    engine = sqlalchemy.create_engine(database_url())
    with engine.connect() as connection:
        versions = {"version_table": "alembic_version_auth"}
        current = MigrationContext.configure(connection, opts=versions).get_current_revision()
    engine.dispose()
    if current == required:
        return ""
    return (
        f"the schema is {current or 'none'}, this MLflow needs {required}, "
        "which the migration Job creates"
    )


def migrate() -> None:
    """Migrate the users' schema to this image's version."""
    waiting.until("database of users", check_database)
    from mlflow.server.auth.db import utils

    utils.migrate(sqlalchemy.create_engine(database_url()), "head")
    print("schema of users: migrated", flush=True)


def configure() -> None:
    """Write the server's configuration file, readable only by the server's user."""
    waiting.until("schema of users", check_schema)
    config = configparser.ConfigParser(interpolation=None)
    config["mlflow"] = {
        "default_permission": os.environ["DEFAULT_PERMISSION"],
        # MLflow's parser interpolates %, so a literal % is doubled.
        "database_uri": database_url().render_as_string(hide_password=False).replace("%", "%%"),
        "auth_cache_ttl_seconds": os.environ["CACHE_SECONDS"],
    }
    os.umask(0o077)
    with Path(os.environ["MLFLOW_AUTH_CONFIG_PATH"]).open("w", encoding="utf-8") as file:
        config.write(file)


if __name__ == "__main__":
    {"migrate": migrate, "configure": configure}[sys.argv[1]]()
