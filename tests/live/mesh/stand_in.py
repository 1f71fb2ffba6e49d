"""A stand-in for the program of a pod: serves on many ports, and sends requests to other pods.

    main.py serve NAME PORTS   answer on TCP and UDP; PORTS is a JSON list of [number, transport]
    main.py ask                read requests as JSON lines, and print one answer as JSON for each

An answer is the name of the pod that answered, or why none did. It has the standard library only,
since it runs in a plain Python image.
"""

import asyncio
import json
import sys

PATIENCE = 5.0
"""Seconds after which a request counts as unanswered."""
PARALLEL = 64
HEADER = b"answered-by"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, HEADERS = 4, 1


async def serve(name: str, ports: list[tuple[int, str]]) -> None:
    """Answer every request on the ports with a header that has this pod's name."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readline()
            if first == PREFACE.partition(b"\n")[0] + b"\n":
                await answer_http2(name, reader, writer)
            elif first:
                await reader.readuntil(b"\r\n\r\n")
                lines = [b"HTTP/1.1 200 OK", HEADER + b": " + name.encode()]
                lines += [b"Content-Length: 0", b"Connection: close", b"", b""]
                writer.write(b"\r\n".join(lines))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    loop = asyncio.get_running_loop()
    for number, transport in ports:
        if transport == "TCP":
            await asyncio.start_server(answer, "0.0.0.0", number)  # noqa: S104
        else:
            where = ("0.0.0.0", number)  # noqa: S104
            await loop.create_datagram_endpoint(lambda: Echo(name), local_addr=where)
    print("ready", flush=True)
    await asyncio.Event().wait()


async def answer_http2(
    name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer each request of an HTTP/2 connection (RFC 9113) with status 200 and the name."""
    await reader.readexactly(len(PREFACE) - len(PREFACE.partition(b"\n")[0]) - 1)
    writer.write(build_frame(SETTINGS, 0, 0, b""))
    value = name.encode()
    # RFC 7541: 0x88 is the indexed field ":status: 200", 0x00 a literal field without indexing.
    fields = bytes([0x88, 0x00, len(HEADER)]) + HEADER + bytes([len(value)]) + value
    while True:
        head = await reader.readexactly(9)
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        await reader.readexactly(int.from_bytes(head[:3], "big"))
        if kind == SETTINGS and not flags & 1:
            writer.write(build_frame(SETTINGS, 1, 0, b""))
        elif kind == HEADERS:
            writer.write(build_frame(HEADERS, 0x5, stream, fields))
        await writer.drain()


def build_frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Return a frame of HTTP/2."""
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    return head + payload


class Echo(asyncio.DatagramProtocol):
    """Answers datagrams with the pod's name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, _: bytes, address: object) -> None:
        self.transport.sendto(self.name.encode(), address)  # type: ignore[attr-defined]


class Question(asyncio.DatagramProtocol):
    """Waits for the answer to a datagram."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _: object) -> None:
        if not self.answer.done():
            self.answer.set_result(data.decode())

    def error_received(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


async def ask(host: str, port: int, transport: str, method: str, path: str) -> str:
    """Send a request; return who answered, or why nobody did."""
    try:
        async with asyncio.timeout(PATIENCE):
            if transport == "UDP":
                return await ask_by_datagram(host, port)
            return await ask_by_http(host, port, method, path)
    except TimeoutError:
        return "no answer"
    except OSError as error:
        return type(error).__name__


async def ask_by_datagram(host: str, port: int) -> str:
    loop = asyncio.get_running_loop()
    channel, question = await loop.create_datagram_endpoint(Question, remote_addr=(host, port))
    channel.sendto(b"?")
    try:
        return await question.answer
    finally:
        channel.close()


async def ask_by_http(host: str, port: int, method: str, path: str) -> str:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", "Content-Length: 0"]
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        head, *lines = (await reader.read()).decode("latin-1").splitlines() or [""]
    finally:
        writer.close()
    fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    status = head.split()[1] if head.startswith("HTTP/") else "closed"
    return fields.get(HEADER.decode(), status)


async def ask_all() -> None:
    """Send each request of the input, and print the answers in the same order."""
    gate = asyncio.Semaphore(PARALLEL)

    async def ask_one(request: list[object]) -> str:
        async with gate:
            return await ask(*request)  # type: ignore[arg-type]

    requests = [json.loads(line) for line in sys.stdin]
    for answer in await asyncio.gather(*map(ask_one, requests)):
        print(json.dumps(answer))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(sys.argv[2], json.loads(sys.argv[3])))
    else:
        asyncio.run(ask_all())
