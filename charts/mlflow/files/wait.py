"""Wait for each condition named on the command line: database, schema or bucket.

The addresses come from the environment of the MLflow server. The credentials come from files, which
are read again at each attempt, so that a corrected Secret takes effect without a restart.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import waiting


def load_credentials(folder: str) -> None:
    """Set environment variables from the files of a Secret, each named like its variable.

    Without the folder, the pod has an identity in place of a Secret.
    """
    for file in Path(folder).glob("*"):
        if file.is_file():
            os.environ[file.name] = file.read_text()


def check_database(folder: str = "/etc/mlflow/database") -> str:
    """Connect to the database by libpq's variables; return the error, or "" if it accepts.

    The Secret whose files are in ``folder`` holds PGUSER and PGPASSWORD.
    """
    import psycopg2

    load_credentials(folder)
    try:
        psycopg2.connect("").close()
    except psycopg2.OperationalError as error:
        return waiting.format_error(error)
    return ""


def check_schema() -> str:
    """Compare the database's schema with this image's; return the difference, or "" if none."""
    if problem := check_database():
        return problem
    from mlflow.exceptions import MlflowException
    from mlflow.store.db import utils

    engine = utils.create_sqlalchemy_engine(os.environ["MLFLOW_BACKEND_STORE_URI"])
    try:
        utils._verify_schema(engine)  # the server's own check at startup
    except MlflowException:
        current = utils._get_schema_version(engine) or "none"
        required = utils._get_latest_schema_revision()
        return (
            f"the schema is {current}, this MLflow needs {required}, "
            "which the migration Job creates"
        )
    finally:
        engine.dispose()
    return ""


def check_bucket() -> str:
    """Look up the artifacts' bucket; return the error, or "" if the bucket exists."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    artifacts = (
        os.environ.get("MLFLOW_ARTIFACTS_DESTINATION") or os.environ["MLFLOW_DEFAULT_ARTIFACT_ROOT"]
    )
    name = urlsplit(artifacts).netloc
    load_credentials("/etc/mlflow/store")
    try:
        # A new session reads the credentials again; the default session would reuse the first ones.
        session = boto3.session.Session()
        style = os.environ.get("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "auto")
        endpoint = os.environ.get("MLFLOW_S3_ENDPOINT_URL")  # without it, AWS's own
        config = Config(s3={"addressing_style": style})
        session.client("s3", endpoint_url=endpoint, config=config).head_bucket(Bucket=name)
    except (BotoCoreError, ClientError) as error:
        return f"{name}: {waiting.format_error(error)}"
    return ""


CHECKS = {"database": check_database, "schema": check_schema, "bucket": check_bucket}

if __name__ == "__main__":
    waiting.until_named(CHECKS)
