"""Sidecar of the tests: a proxy of the database, and the credentials of the pod's identity.

Port 15432 forwards to the Service postgresql. Port 15080 answers as the agent of EKS Pod Identity
does, with temporary credentials: the S3 server issues them for a role (STS AssumeRole) to the owner
of the keys below /keys.
"""

import asyncio
import functools
import json
import os
from pathlib import Path

import boto3

ROLE = {"RoleArn": "arn:aws:iam::role/pods", "RoleSessionName": "mlflow"}


@functools.cache
def assume_role() -> bytes:
    """Return temporary credentials as the agent does. Raises an error of botocore."""
    sts = boto3.client(
        "sts",
        endpoint_url=os.environ["STS_ENDPOINT"],
        region_name="us-east-1",
        aws_access_key_id=Path("/keys/accessKey").read_text(),
        aws_secret_access_key=Path("/keys/secretKey").read_text(),
    )
    granted = sts.assume_role(**ROLE)["Credentials"]
    body = {name: granted[name] for name in ("AccessKeyId", "SecretAccessKey")}
    body |= {"Token": granted["SessionToken"], "Expiration": granted["Expiration"].isoformat()}
    return json.dumps(body).encode()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy a stream until its end."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forward a connection to the database."""
    there, back = await asyncio.open_connection("postgresql", 5432)
    await asyncio.gather(copy(reader, back), copy(there, writer), return_exceptions=True)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a request with the credentials."""
    await reader.readuntil(b"\r\n\r\n")
    body = await asyncio.to_thread(assume_role)
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
    writer.write(body)
    await writer.drain()
    writer.close()


async def main() -> None:
    """Serve both ports."""
    await asyncio.start_server(forward, "127.0.0.1", 15432)
    await asyncio.start_server(answer, "127.0.0.1", 15080)
    await asyncio.Event().wait()


asyncio.run(main())
