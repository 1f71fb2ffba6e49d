"""Run `feast ui` with the arguments of this command, and serve all pages below its root path too.

The option --root_path changes the address of the API in projects-list.json only (get_app in
feast/ui_server.py of Feast 0.67.0). Requests begin with the root path unless a proxy removes it.
"""

import sys

import quoting
import repository


class RemovePrefix:
    """ASGI middleware that removes a prefix from the paths of requests that have it."""

    def __init__(self, app, prefix):
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope, receive, send):
        path = scope.get("path", "")
        if path == self.prefix or path.startswith(self.prefix + "/"):
            scope = {**scope, "path": path.removeprefix(self.prefix) or "/"}
        await self.app(scope, receive, send)


def main() -> None:
    """Serve until SIGTERM."""
    quoting.quote_environment()
    repository.prepare()
    from feast import ui_server
    from feast.cli.cli import cli

    create_app = ui_server.get_app

    def get_app(store, project_id, root_path="", **kwargs):
        app = create_app(store, project_id, root_path, **kwargs)
        app.add_middleware(RemovePrefix, prefix=root_path)
        return app

    ui_server.get_app = get_app
    cli(sys.argv[1:], prog_name="feast")


if __name__ == "__main__":
    main()
