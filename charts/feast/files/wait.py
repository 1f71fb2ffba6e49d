"""Wait for the conditions named on the command line: database, schema, bucket, online.

Reads Feast's configuration and the environment of its servers.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import quoting
import waiting

SENTINELS = (
    "Feast's client sends no password to Sentinels (RedisOnlineStore._get_client): remove the"
    " password of the Sentinels, or set onlineStore.redis.topology to single or cluster"
)


def _load_config():
    from feast.repo_config import load_repo_config
    from feast.utils import get_default_yaml_file_path

    folder = Path(os.environ["FEATURE_REPO_DIR_ENV_VAR"])
    return load_repo_config(folder, get_default_yaml_file_path(folder))


def check_database() -> str:
    """Return why the database can't be used, or "". libpq reads its address from variables."""
    import psycopg

    try:
        psycopg.connect("").close()
    except psycopg.OperationalError as error:
        return waiting.format_error(error)
    return ""


def check_schema() -> str:
    """Return why the servers would refuse the registry's tables, or ""."""
    if problem := check_database():
        return problem
    from feast.infra.registry.sql import FeastRegistrySchemaError, SqlRegistry
    from sqlalchemy import create_engine

    engine = create_engine(_load_config().registry.path)
    try:
        SqlRegistry._verify_schema(engine)  # the check of the server itself when it starts
    except FeastRegistrySchemaError:
        return "tables of the registry are missing; the schema Job creates them"
    finally:
        engine.dispose()
    return ""


def check_bucket() -> str:
    """Return why the registry's bucket can't be used, or ""."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    name = urlsplit(_load_config().registry.path).netloc
    try:
        endpoint = os.environ.get("FEAST_S3_ENDPOINT_URL")  # without it, AWS's own
        boto3.client("s3", endpoint_url=endpoint).head_bucket(Bucket=name)
    except (BotoCoreError, ClientError) as error:
        return f"{name}: {waiting.format_error(error)}"
    return ""


def check_online() -> str:
    """Return why the online store can't be read, or ""."""
    from feast.infra.online_stores.redis import RedisOnlineStore
    from redis.exceptions import RedisError

    config = _load_config().online_store
    try:
        RedisOnlineStore()._get_client(config).ping()
    except RedisError as error:
        problem = waiting.format_error(error)
        if config.redis_type == "redis_sentinel" and "AuthenticationError" in problem:
            raise SystemExit(f"{problem}; {SENTINELS}") from error
        return problem
    return ""


CONDITIONS = {
    "database": check_database,
    "schema": check_schema,
    "bucket": check_bucket,
    "online": check_online,
}


if __name__ == "__main__":
    quoting.quote_environment()
    waiting.until_named(CONDITIONS)
