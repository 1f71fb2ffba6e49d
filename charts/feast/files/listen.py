"""Serve features over gRPC as `feast listen` does, and stop without losing a request.

`feast listen` does not heed SIGTERM, so it would be killed in the midst of its requests. This one
ends once it has answered all that it took. A server that stops cancels what arrives before its
clients know; so it has each connection closed in good order every few seconds, and goes on serving
after SIGTERM until the last one is: by then clients have connected anew, to another server.
"""

import argparse
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import quoting

CONNECTION_SECONDS = 8
"""How old a connection gets; gRPC varies it by a tenth."""


def server(store, threads: int, refresh_seconds: int):
    """What Feast's own get_grpc_server makes, with connections that do not stay for ever."""
    import grpc
    from feast.infra.contrib import grpc_server
    from grpc_health.v1 import health, health_pb2_grpc

    options = [("grpc.max_connection_age_ms", CONNECTION_SECONDS * 1000)]
    made = grpc.server(ThreadPoolExecutor(threads), options=options)
    features = grpc_server.GrpcFeatureServer(store, registry_ttl_sec=refresh_seconds)
    grpc_server.add_GrpcFeatureServerServicer_to_server(features, made)
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), made)
    return made


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True, help="requests at a time")
    parser.add_argument("--refresh-seconds", type=int, required=True, help="age of the registry")
    parser.add_argument("--finish-seconds", type=int, required=True, help="for open requests")
    given = parser.parse_args()
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())

    quoting.environment()
    from feast import FeatureStore

    store = FeatureStore(repo_path=os.environ["FEATURE_REPO_DIR_ENV_VAR"])
    address = f"0.0.0.0:{given.port}"
    running = server(store, given.threads, given.refresh_seconds)
    running.add_insecure_port(address)
    running.start()
    print(f"gRPC server on {address}", flush=True)
    stopping.wait()
    time.sleep(CONNECTION_SECONDS * 1.2)
    running.stop(grace=given.finish_seconds).wait()
    os._exit(0)  # the timer that refreshes the registry would keep the process


if __name__ == "__main__":
    main()
