"""Wait until what is named on the command line is there: database, schema, bucket.

Reads the environment of the MLflow server, but credentials from files, anew at each try: a
corrected Secret is enough. The schema is there when the server that this image holds would accept
it.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import waiting


def renew(folder: str) -> None:
    """Bring the environment to what a Secret holds now; its files are named like variables."""
    for file in Path(folder).iterdir():
        if file.is_file():
            os.environ[file.name] = file.read_text()


def database() -> str:
    """Say why the database can't be used yet; host, user and password are libpq's variables."""
    import psycopg2

    renew("/etc/mlflow/database")
    try:
        psycopg2.connect("").close()
    except psycopg2.OperationalError as error:
        return " ".join(str(error).split())
    return ""


def schema() -> str:
    """Say why the server would refuse the database's schema."""
    if problem := database():
        return problem
    from mlflow.exceptions import MlflowException
    from mlflow.store.db import utils

    engine = utils.create_sqlalchemy_engine(os.environ["MLFLOW_BACKEND_STORE_URI"])
    try:
        utils._verify_schema(engine)  # what the server itself does when it starts
    except MlflowException:
        found = utils._get_schema_version(engine) or "none"
        wanted = utils._get_latest_schema_revision()
        return f"the schema is {found}, this MLflow needs {wanted}; its migration Job brings it"
    finally:
        engine.dispose()
    return ""


def bucket() -> str:
    """Say why artifacts can't be stored yet."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    artifacts = (
        os.environ.get("MLFLOW_ARTIFACTS_DESTINATION") or os.environ["MLFLOW_DEFAULT_ARTIFACT_ROOT"]
    )
    name = urlsplit(artifacts).netloc
    renew("/etc/mlflow/store")
    try:
        # A session of its own: the default one keeps the keys it started with.
        session = boto3.session.Session()
        s3 = session.client("s3", endpoint_url=os.environ["MLFLOW_S3_ENDPOINT_URL"])
        s3.head_bucket(Bucket=name)
    except (BotoCoreError, ClientError) as error:
        return f"{name}: {error}"
    return ""


if __name__ == "__main__":
    for subject in sys.argv[1:]:
        waiting.until(subject, globals()[subject])
