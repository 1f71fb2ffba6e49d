"""`docs/who-talks-to-whom.md`: the table of who may talk to whom, as people read it."""

from collections.abc import Iterator, Mapping
from typing import Any

from carbon.charts.fragments import FOLDER, Fragments
from carbon.charts.readme import rows
from carbon.mesh.table import PROFILES, Entry, Port, Table, read, servers, shared

_HEAD = """\
# Who may talk to whom

<!-- Written from charts/mesh-policies/values.yaml and values/*.yaml by `carbon generate`. -->

This page is for platform engineers: it lists the connections that the platform's policies allow.

One table, `global.services`, says which connections the platform needs, and
[mesh-policies](../charts/mesh-policies/README.md) draws every NetworkPolicy and every policy of the
Istio mesh from it. What is not here can't talk. To let a new client in, give it an entry and write
one line below the port that it uses:

    global:
      services:
        notebooks:
          selector: {app: notebooks}
          serviceAccount: notebooks
        mlflow:
          ports: {http: {clients: {notebooks: all}}}

`all` is the whole port; other words are parts of an HTTP API, defined below `access` of the port.
`none` takes back what the defaults allow. NetworkPolicies need a network plugin that enforces them;
methods, paths and identities need the mesh.

`carbon generate` writes this page anew; a test names each rendered workload that has no entry, and
each connection of a rendered pod that no line allows.

- Name a node-local DNS cache beside the cluster's: `dns: {cidrs: [169.254.20.10/32]}`.
- `kubernetes-api` is open to all addresses until a profile writes the API server's below `cidrs`.
- A policy of another namespace is drawn by whoever owns it, unless its entry says `policies: true`.
- Policies add up: what another policy in the namespace allows stays allowed.
- Clients outside the mesh have no identity. A port that they use takes plain text too (`mtls:
  permissive`), and its AuthorizationPolicy holds them to their access, but can't tell them apart.

Beside what the tables show, every pod with an entry may ask DNS and, in a mesh, its control plane,
and kubelets probe the pods of their own node. Tests compute from the rendered NetworkPolicies, with
[cyclonus](https://github.com/mattfenwick/cyclonus) and by an oracle of their own, that these
connections are open and no others.
"""
_KEYS = """
## What an entry may say

| key | type | description |
|---|---|---|
"""
_EVERYWHERE = ("dns", "istiod")


def document() -> str:
    """The whole text of the document."""
    profiles = [section(name, shared(path), read(shared(path))) for name, path in PROFILES.items()]
    return _HEAD + "".join(profiles) + _KEYS + "".join(_keys())


def section(profile: str, values: Mapping[str, Any], table: Table) -> str:
    """What is open in one profile: a matrix, then each port and its clients."""
    shown = [(entry, port) for entry, port in servers(table) if entry.name not in _EVERYWHERE]
    called = list(dict.fromkeys(entry.name for entry, port in shown if port.clients))
    mesh = "in an Istio mesh" if values["mesh"]["enabled"] else "without a mesh"
    lines = [f"\n## {profile.capitalize()} ({mesh})\n"]
    lines += ["Ports that the clients on the left may open on the services above.\n"]
    lines += [f"| | {' | '.join(called)} |", "|---" * (len(called) + 1) + "|"]
    for client in table:
        cells = [_cell(client, table[server]) for server in called]
        if any(cells):
            lines.append(f"| **{client}** | {' | '.join(cells)} |")
    lines += ["\n| service | port | protocol | mTLS | clients |", "|---|---|---|---|---|"]
    lines += [_row(entry, port) for entry, port in shown if port.clients]
    return "\n".join(lines) + "\n"


def _keys() -> Iterator[str]:
    """A line for each key of an entry, of a port and of a part of its API."""
    fragments = Fragments().compiled(FOLDER / "services.yaml")
    for at, name in (
        ("", "service"),
        ("ports.NAME.", "port"),
        ("ports.NAME.access.NAME[].", "operation"),
    ):
        for row in rows(fragments[name], None, expand=False):
            yield f"| `{at}{row.key}` | {row.kind} | {row.description} |\n"


def _cell(client: str, server: Entry) -> str:
    return ", ".join(port.numbers for port in server.ports if client in port.clients)


def _row(entry: Entry, port: Port) -> str:
    clients = [c if a == "all" else f"{c} ({a})" for c, a in port.clients.items()]
    mtls = port.mtls if entry.mesh else ""
    where = f"{entry.name}, port {port.name}"
    return f"| {where} | {port.numbers} | {port.protocol} | {mtls} | {', '.join(clients)} |"
