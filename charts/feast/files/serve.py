"""Run `feast serve` with the arguments of this command, and stop without losing a request.

A server that stops closes its idle connections, and loses the request that was on its way on one of
them. So once the pod's preStop hook has made STOPPING, each answer closes its connection in good
order (RFC 9112, 9.6); clients connect anew, to another server, while this one still listens.
"""

import sys
from pathlib import Path

import quoting

STOPPING = Path("/tmp/stopping")  # noqa: S108


class Leaving:
    """ASGI middleware that has clients leave while STOPPING is there."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def closing(message):
            if message["type"] == "http.response.start" and STOPPING.exists():
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self.app(scope, receive, closing)


def main() -> None:
    """Serve until SIGTERM."""
    STOPPING.unlink(missing_ok=True)  # of this container's former life
    quoting.environment()
    from feast import feature_server
    from feast.cli.cli import cli

    made = feature_server.get_app

    def get_app(*args, **kwargs):
        app = made(*args, **kwargs)
        app.add_middleware(Leaving)
        return app

    feature_server.get_app = get_app
    cli(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    main()
