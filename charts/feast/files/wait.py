"""Wait until what is named on the command line is there: database, schema, bucket, online.

Reads the configuration of Feast and the environment of its servers.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import quoting
import waiting


def _config():
    from feast.repo_config import load_repo_config

    folder = Path(os.environ["FEATURE_REPO_DIR_ENV_VAR"])
    return load_repo_config(folder, folder / "feature_store.yaml")


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def database() -> str:
    """Say why the database can't be used yet; host, user and password are libpq's variables."""
    import psycopg

    try:
        psycopg.connect("").close()
    except psycopg.OperationalError as error:
        return _line(error)
    return ""


def schema() -> str:
    """Say why the servers would refuse the registry's schema."""
    if problem := database():
        return problem
    from feast.infra.registry.sql import FeastRegistrySchemaError, SqlRegistry
    from sqlalchemy import create_engine

    engine = create_engine(_config().registry.path)
    try:
        SqlRegistry._verify_schema(engine)  # what the server itself does when it starts
    except FeastRegistrySchemaError:
        return "tables of the registry are missing; its schema Job makes them"
    finally:
        engine.dispose()
    return ""


def bucket() -> str:
    """Say why the registry can't be in its bucket yet."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    name = urlsplit(_config().registry.path).netloc
    try:
        boto3.client("s3", endpoint_url=os.environ["FEAST_S3_ENDPOINT_URL"]).head_bucket(
            Bucket=name
        )
    except (BotoCoreError, ClientError) as error:
        return f"{name}: {_line(error)}"
    return ""


def online() -> str:
    """Say why features can't be read from the online store yet."""
    from feast.infra.online_stores.redis import RedisOnlineStore
    from redis.exceptions import RedisError

    try:
        RedisOnlineStore()._get_client(_config().online_store).ping()
    except RedisError as error:
        return _line(error)
    return ""


if __name__ == "__main__":
    quoting.environment()
    for subject in sys.argv[1:]:
        waiting.until(subject, globals()[subject])
