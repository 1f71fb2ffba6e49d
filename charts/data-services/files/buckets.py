"""Create the buckets named on the command line, after the S3 server answers.

The environment has S3_ENDPOINT and AWS_DEFAULT_REGION. The access key and the secret key come from
files in /keys, which are read again at each attempt, so that a corrected Secret takes effect
without a restart. Existing buckets are not changed.
"""

import datetime
import functools
import hashlib
import hmac
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import waiting

ENDPOINT = os.environ["S3_ENDPOINT"]
REGION = os.environ["AWS_DEFAULT_REGION"]
KEYS = Path("/keys")


def sign(key: bytes, text: str) -> bytes:
    """Return the HMAC-SHA256 of a text."""
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def call(method: str, bucket: str) -> int:
    """Send a signed request (AWS Signature Version 4, empty body) and return its status."""
    access_key, secret_key = ((KEYS / k).read_text() for k in ("accessKey", "secretKey"))
    now = datetime.datetime.now(datetime.timezone.utc)
    time_stamp, date = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    digest = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": urllib.parse.urlsplit(ENDPOINT).netloc,
        "x-amz-content-sha256": digest,
        "x-amz-date": time_stamp,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = "\n".join([method, f"/{bucket}", "", lines, names, digest])
    scope = f"{date}/{REGION}/s3/aws4_request"
    to_sign = "\n".join(
        ["AWS4-HMAC-SHA256", time_stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    key = f"AWS4{secret_key}".encode()
    for element in scope.split("/"):
        key = sign(key, element)
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={sign(key, to_sign).hex()}"
    )
    request = urllib.request.Request(f"{ENDPOINT}/{bucket}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def create(bucket: str) -> str:
    """Create the bucket unless it exists; return the error in one line, or "" on success."""
    try:
        status = call("HEAD", bucket)
        if status == 404:
            status = call("PUT", bucket)
    except OSError as error:
        return f"{ENDPOINT} does not answer: {error}"
    if status == 403:
        return f"{ENDPOINT} refuses access key {(KEYS / 'accessKey').read_text()}"
    return "" if status in (200, 409) else f"{ENDPOINT} answers {status}"


def main(buckets: list[str]) -> None:
    for bucket in buckets:
        waiting.until(f"bucket {bucket}", functools.partial(create, bucket))


if __name__ == "__main__":
    main(sys.argv[1:])
