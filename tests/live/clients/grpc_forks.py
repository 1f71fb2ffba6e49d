"""Start programs as Ray's proxy of clients does, and print how many ended how, as JSON.

As there, each is forked (that is what a preexec_fn is for) by a handler of a gRPC server that
other calls keep busy. The keys are exit codes; a negative one is a signal's.
Runs on the head, whose environment is what it tests.
"""

import collections
import json
import subprocess
import threading
import time
from concurrent import futures

import grpc  # type: ignore[import-untyped]

SECONDS = 20
ended: collections.Counter[int] = collections.Counter()


def echo(request: bytes, _: object) -> bytes:
    time.sleep(0.001)
    return request


def spawn(request: bytes, _: object) -> bytes:
    done = subprocess.run(["true"], preexec_fn=threading.get_ident, check=False, timeout=30)
    ended[done.returncode] += 1
    return request


def keep_calling(name: str) -> None:
    call = channel.unary_unary(f"/forks/{name}")
    while time.monotonic() < end:
        call(b"", timeout=60)


handlers = {one.__name__: grpc.unary_unary_rpc_method_handler(one) for one in (echo, spawn)}
server = grpc.server(futures.ThreadPoolExecutor(16))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("forks", handlers),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
channel = grpc.insecure_channel(f"127.0.0.1:{port}")
end = time.monotonic() + SECONDS
with futures.ThreadPoolExecutor() as callers:
    for call in [callers.submit(keep_calling, name) for name in ("echo", "echo", "echo", "spawn")]:
        call.result()
server.stop(None).wait()
print(json.dumps(ended))
