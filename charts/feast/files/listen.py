"""Serve features over gRPC as `feast listen` does, and stop without losing a request.

`feast listen` ignores SIGTERM, so Kubernetes would kill it with open requests. This server answers
its open requests before it ends. A gRPC server that stops cancels new requests on connections that
clients still use. Therefore this server closes each connection gracefully every few seconds, and
after SIGTERM serves on until the last connection is closed: clients then connect to another server.
"""

import argparse
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import quoting
import repository

CONNECTION_SECONDS = 8
"""Maximum age of a connection in seconds; gRPC varies it by 10 %."""


def create_server(store, threads: int, refresh_seconds: int):
    """Create the server of Feast's get_grpc_server, with a maximum age of connections."""
    import grpc
    from feast.infra.contrib import grpc_server
    from grpc_health.v1 import health, health_pb2_grpc

    options = [("grpc.max_connection_age_ms", CONNECTION_SECONDS * 1000)]
    server = grpc.server(ThreadPoolExecutor(threads), options=options)
    features = grpc_server.GrpcFeatureServer(store, registry_ttl_sec=refresh_seconds)
    grpc_server.add_GrpcFeatureServerServicer_to_server(features, server)
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    return server


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True, help="concurrent requests")
    parser.add_argument(
        "--refresh-seconds", type=int, required=True, help="seconds between registry refreshes"
    )
    parser.add_argument(
        "--finish-seconds", type=int, required=True, help="seconds to finish open requests"
    )
    arguments = parser.parse_args()
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())

    quoting.quote_environment()
    repository.prepare()
    from feast import FeatureStore

    store = FeatureStore(repo_path=os.environ["FEATURE_REPO_DIR_ENV_VAR"])
    address = f"0.0.0.0:{arguments.port}"
    server = create_server(store, arguments.threads, arguments.refresh_seconds)
    server.add_insecure_port(address)
    server.start()
    print(f"gRPC server on {address}", flush=True)
    stopping.wait()
    time.sleep(CONNECTION_SECONDS * 1.2)
    server.stop(grace=arguments.finish_seconds).wait()
    os._exit(0)  # Feast's timer that refreshes the registry would keep the process running


if __name__ == "__main__":
    main()
