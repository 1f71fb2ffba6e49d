"""Make the buckets named on the command line, once the S3 store answers.

The environment holds S3_ENDPOINT and AWS_DEFAULT_REGION; /keys holds the Secret's access key and
secret key, read anew at each try, so that a corrected Secret is enough.
A bucket that is there already is left as it is, so running this again changes nothing.
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
    for part in scope.split("/"):
        key = sign(key, part)
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


def make(bucket: str) -> str:
    """Return "" when the bucket is there, else one line saying what stands in the way."""
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
        waiting.until(f"bucket {bucket}", functools.partial(make, bucket))


if __name__ == "__main__":
    main(sys.argv[1:])
