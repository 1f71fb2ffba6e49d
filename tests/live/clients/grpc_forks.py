"""Start programs as Ray's client proxy does; print how often each exit code occurs, as JSON.

A handler of a busy gRPC server forks each program (a preexec_fn forces a fork). A negative exit
code is the number of a signal. The script runs on the head, to test the head's environment.
"""

import collections
import json
import subprocess
import threading
import time
from concurrent import futures

import grpc  # type: ignore[import-untyped]

SECONDS = 20
exit_codes: collections.Counter[int] = collections.Counter()


def echo(request: bytes, _: object) -> bytes:
    time.sleep(0.001)
    return request


def spawn(request: bytes, _: object) -> bytes:
    done = subprocess.run(["true"], preexec_fn=threading.get_ident, check=False, timeout=30)
    exit_codes[done.returncode] += 1
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
print(json.dumps(exit_codes))
