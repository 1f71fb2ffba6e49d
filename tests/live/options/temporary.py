"""Store an object with MLflow's own S3 client; print the client's identity and responses as JSON.

Runs in a container of MLflow. The second client has the access keys of the
first, without its session token.
"""

import json
import os
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError
from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository

OBJECT = {"Bucket": "mlflow", "Key": "temporary"}


def put(client: Any) -> int:
    """Return the status of the answer to a request that stores an object."""
    try:
        answer = client.put_object(Body=b"", **OBJECT)
    except ClientError as error:
        answer = error.response
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status


client = S3ArtifactRepository("s3://mlflow")._get_s3_client()
keys = boto3.Session().get_credentials().get_frozen_credentials()
without_token = boto3.client(
    "s3",
    endpoint_url=os.environ["MLFLOW_S3_ENDPOINT_URL"],
    aws_access_key_id=keys.access_key,
    aws_secret_access_key=keys.secret_key,
)
results = {
    "host": urlsplit(client.generate_presigned_url("get_object", OBJECT)).netloc,
    "temporary key": keys.access_key.startswith("ASIA"),
    "with token": put(client),
    "without token": put(without_token),
}
print(json.dumps(results))
