"""Prepare what MLflow's own users need: `migrate` their database, or `configure` a server for it.

The database's place, owner and password are libpq's variables; owner and password are read from
the Secret's files anew at each try, so that a corrected one is enough. `configure` waits until the
schema is the one this image needs, and writes the file MLFLOW_AUTH_CONFIG_PATH, which holds the
password.
"""

import configparser
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy
import waiting
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory


def uri() -> sqlalchemy.URL:
    """The database, with user and password: the server's own variables name another database's."""
    return sqlalchemy.URL.create(
        "postgresql+psycopg2",
        username=os.environ["PGUSER"],
        password=os.environ["PGPASSWORD"],
        host=os.environ["PGHOST"],
        port=int(os.environ["PGPORT"]),
        database=os.environ["PGDATABASE"],
    )


def database() -> str:
    """Say why the database of users can't be used yet."""
    import psycopg2

    for name in ("PGUSER", "PGPASSWORD"):
        os.environ[name] = Path("/etc/mlflow/users", name).read_text()
    try:
        psycopg2.connect("").close()
    except psycopg2.OperationalError as error:
        return " ".join(str(error).split())
    return ""


def schema() -> str:
    """Say why the server would change the schema of users itself."""
    if problem := database():
        return problem
    folder = Path(find_spec("mlflow").origin).parent / "server" / "auth" / "db" / "migrations"
    wanted = ScriptDirectory(str(folder)).get_current_head()
    engine = sqlalchemy.create_engine(uri())
    with engine.connect() as connection:
        versions = {"version_table": "alembic_version_auth"}
        found = MigrationContext.configure(connection, opts=versions).get_current_revision()
    engine.dispose()
    if found == wanted:
        return ""
    return (
        f"the schema is {found or 'none'}, this MLflow needs {wanted}; its migration Job brings it"
    )


def migrate() -> None:
    """Bring the schema to the version of this image."""
    waiting.until("database of users", database)
    from mlflow.server.auth.db import utils

    utils.migrate(sqlalchemy.create_engine(uri()), "head")
    print("schema of users: there", flush=True)


def configure() -> None:
    """Write the server's file, readable by its user alone."""
    waiting.until("schema of users", schema)
    config = configparser.ConfigParser(interpolation=None)
    config["mlflow"] = {
        "default_permission": os.environ["DEFAULT_PERMISSION"],
        # MLflow's parser takes % for the start of a reference.
        "database_uri": uri().render_as_string(hide_password=False).replace("%", "%%"),
        "auth_cache_ttl_seconds": os.environ["CACHE_SECONDS"],
    }
    os.umask(0o077)
    with Path(os.environ["MLFLOW_AUTH_CONFIG_PATH"]).open("w", encoding="utf-8") as file:
        config.write(file)


if __name__ == "__main__":
    {"migrate": migrate, "configure": configure}[sys.argv[1]]()
