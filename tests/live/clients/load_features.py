"""Put load on a feature server; print its throughput and its latencies as JSON.

Environment: TARGET (host:port), SECONDS, CONNECTIONS, FEATURE, KEY, ID. Each connection sends a
request after the answer to the previous one; with RATE, all connections together send at most as
many requests a second. A broken connection counts as a failure and is opened
again. Meanwhile the script requests /health twenty times a second. Latencies are in milliseconds.
"""

import asyncio
import json
import math
import os
import time

HOST, PORT = os.environ["TARGET"].split(":")
SECONDS, CONNECTIONS = float(os.environ["SECONDS"]), int(os.environ["CONNECTIONS"])
INTERVAL = CONNECTIONS / float(os.environ["RATE"]) if "RATE" in os.environ else 0
"""Seconds from one request of a connection to the next, unless the answer takes longer."""
BODY = json.dumps(
    {"features": [os.environ["FEATURE"]], "entities": {os.environ["KEY"]: [os.environ["ID"]]}}
)
READ = (
    f"POST /get-online-features HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n{BODY}"
).encode()
HEALTH = f"GET /health HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


async def send(request: bytes, link: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    reader, writer = link
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise ConnectionError(head.split(b"\r\n")[0].decode())
    await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))


async def send_repeatedly(
    request: bytes, interval: float, end: float, times: list[float], failed: list[str]
) -> None:
    link = None
    while (start := time.perf_counter()) < end:
        try:
            link = link or await asyncio.open_connection(HOST, int(PORT))
            await send(request, link)
        except (OSError, EOFError) as error:
            failed.append(type(error).__name__)
            if link:
                link[1].close()
            link = None
            await asyncio.sleep(0.01)
        else:
            times.append(1000 * (time.perf_counter() - start))
        await asyncio.sleep(max(0, start + interval - time.perf_counter()))


def percentile(times: list[float], fraction: float) -> float:
    """Return a percentile of the times; `fraction` is 0.99 for p99. Without times, -1."""
    return round(sorted(times)[math.ceil(fraction * len(times)) - 1], 1) if times else -1


async def main() -> None:
    reads: list[float] = []
    healths: list[float] = []
    failed: list[str] = []
    end = time.perf_counter() + SECONDS
    await asyncio.gather(
        *(send_repeatedly(READ, INTERVAL, end, reads, failed) for _ in range(CONNECTIONS)),
        send_repeatedly(HEALTH, 0.05, end, healths, failed),
    )
    results = {
        "per second": round(len(reads) / SECONDS, 1),
        "p50": percentile(reads, 0.5),
        "p99": percentile(reads, 0.99),
        "health p50": percentile(healths, 0.5),
        "health p99": percentile(healths, 0.99),
        "failed": len(failed),
    }
    print(json.dumps(results), flush=True)


asyncio.run(main())
