"""Run `feast serve` with the arguments of this command, and stop without losing a request.

A server that stops closes its idle connections, and loses a request that a client is sending on one
of them. Therefore the pod's preStop hook creates the file STOPPING. From then on, each response
closes its connection (RFC 9112, section 9.6), and clients connect to another server, while this one
still listens.

Gunicorn forks the workers from the process that runs `feast serve`. A worker must not use that
process's connections to the registry's database, and its copy of the registry is refreshed by a
timer of its own; the refresh in the process that serves nothing is therefore stopped.
"""

import os
import sys
from pathlib import Path

import quoting
import repository

STOPPING = Path("/tmp/stopping")  # noqa: S108


class CloseConnections:
    """ASGI middleware that closes each connection with its response while STOPPING exists."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def send_closing(message):
            if message["type"] == "http.response.start" and STOPPING.exists():
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self.app(scope, receive, send_closing)


def prepare_fork(registry) -> None:
    """Let each worker open its own connections, and stop the registry's refresh before the fork.

    Does nothing for a registry that is a file. Feast 0.67.0 refreshes a registry from a thread
    (_start_thread_async_refresh in feast/infra/registry/caching_registry.py), which only the
    process before the fork has, and from a timer in each worker.
    """
    if not hasattr(registry, "write_engine"):
        return
    registry._start_thread_async_refresh = lambda _seconds: None  # for a refresh that runs now
    registry.registry_refresh_thread.cancel()
    for engine in {registry.write_engine, registry.read_engine}:
        os.register_at_fork(after_in_child=lambda engine=engine: engine.dispose(close=False))


def main() -> None:
    """Serve until SIGTERM."""
    STOPPING.unlink(missing_ok=True)  # left by the container before a restart
    quoting.quote_environment()
    repository.prepare()
    from feast import feature_server
    from feast.cli.cli import cli

    create_app = feature_server.get_app

    def get_app(store, *args, **kwargs):
        prepare_fork(store.registry)
        app = create_app(store, *args, **kwargs)
        app.add_middleware(CloseConnections)
        return app

    feature_server.get_app = get_app
    cli(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    main()
