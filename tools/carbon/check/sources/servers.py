"""The table of servers, `schemas/servers.yaml`: the paths that each server of a chart has."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from carbon.charts.render import Object
from carbon.files import read_yaml
from carbon.home import ROOT

TABLE = ROOT / "schemas" / "servers.yaml"


@dataclass(frozen=True)
class Port:
    """A port of a server, as a container starts the server."""

    server: str
    """Name and version of the server."""
    number: int
    paths: tuple[str, ...]
    """Paths of the server, with the prefix that the command sets.

    "*" stands for any path. A port without HTTP has no paths.
    """
    tls: bool
    grpc: bool

    def serves(self, path: str) -> bool:
        """Return whether the server has a path, without its query string."""
        plain = path.partition("?")[0]
        return "*" in self.paths or plain in self.paths or f"{plain}/" in self.paths


def list_ports(container: Object) -> Iterator[Port]:
    """Yield the known ports of the servers that a container runs; none for an unknown server."""
    words = [*(container.get("command") or []), *(container.get("args") or [])]
    command = " ".join(map(str, words))
    for name, row in read_table().items():
        own = row["command"] if command else row.get("image", "(?!)")
        if re.search(own, command or str(container.get("image")), re.S):
            title = f"{name} {row['version']}"
            yield from (_read_port(title, port, command) for port in row["ports"])


@cache
def read_table() -> dict[str, dict[str, Any]]:
    """Return the rows of the table of servers, by the name of the server."""
    return read_yaml(TABLE)


def _read_port(server: str, row: Mapping[str, Any], command: str) -> Port:
    prefix = _read_option(command, row.get("prefix")).rstrip("/")
    number = re.search(r"\d+$", _read_option(command, row.get("option")))
    paths = [path if path == "*" else prefix + path for path in row["paths"]]
    return Port(
        server=server,
        number=int(number[0]) if number else row["number"],
        paths=(*paths, *row.get("unprefixed", ())),
        tls=bool("tls" in row and _read_option(command, row["tls"])),
        grpc=row.get("grpc", False),
    )


def _read_option(command: str, option: str | None) -> str:
    """Return the value of an option in a command; empty if the command does not set the option."""
    found = re.search(rf"(?:^|[\s=]){re.escape(option)}[= ](\S+)", command) if option else None
    return found[1].strip("\"'") if found else ""
