"""Sidecar of the tests: a proxy of the database, and the credentials of the pod's identity.

Port 15432 forwards to the Service postgresql. Port 15080 answers as the agent of EKS Pod Identity
does, with the keys of the S3 server below /keys.
"""

import asyncio
import json
from pathlib import Path

CREDENTIALS = {"Token": "", "Expiration": "2099-01-01T00:00:00Z"}
FILES = {"AccessKeyId": "accessKey", "SecretAccessKey": "secretKey"}


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
    keys = {name: Path("/keys", file).read_text() for name, file in FILES.items()}
    body = json.dumps(CREDENTIALS | keys).encode()
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
