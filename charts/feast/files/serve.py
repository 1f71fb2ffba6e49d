"""Run `feast serve` with the arguments of this command, and stop without losing a request.

A server that stops closes its idle connections, and loses a request that a client is sending on one
of them. Therefore the pod's preStop hook creates the file STOPPING. From then on, each response
closes its connection (RFC 9112, section 9.6), and clients connect to another server, while this one
still listens.
"""

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


def main() -> None:
    """Serve until SIGTERM."""
    STOPPING.unlink(missing_ok=True)  # left by the container before a restart
    quoting.quote_environment()
    repository.prepare()
    from feast import feature_server
    from feast.cli.cli import cli

    create_app = feature_server.get_app

    def get_app(*args, **kwargs):
        app = create_app(*args, **kwargs)
        app.add_middleware(CloseConnections)
        return app

    feature_server.get_app = get_app
    cli(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    main()
