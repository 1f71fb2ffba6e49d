"""The page `docs/who-talks-to-whom.md`: connections that the services table allows, by profile."""

from collections.abc import Iterator, Mapping
from typing import Any

from carbon.charts.generate.fragments import FOLDER, Fragments
from carbon.charts.generate.readme import list_rows
from carbon.mesh.table import (
    AGENT_PORTS,
    PROFILES,
    Entry,
    Port,
    Table,
    list_ports,
    load_globals,
    read_table,
)

_HEAD = """\
# Allowed connections

<!-- Written from charts/mesh-policies/values.yaml and values/*.yaml by `carbon generate`. -->

This page is for platform engineers: it lists the connections that the platform's policies allow.

The services table, `global.services`, lists every connection that the platform needs. The chart
[mesh-policies](../charts/mesh-policies/README.md) renders NetworkPolicies and Istio policies from
this table. Connections that the table does not list are denied. To allow a new client, add an entry
for the client, and one line below the port that the client connects to:

    global:
      services:
        notebooks:
          selector: {app: notebooks}
          serviceAccount: notebooks
        mlflow:
          ports: {http: {clients: {notebooks: all}}}

The value of a client is its access. `all` allows the whole port, `none` removes a client that the
defaults allow, and any other word names a subset of the port's HTTP API, defined in `access` of the
port. NetworkPolicies need a network plugin that enforces them; methods, paths and identities need
the mesh.

`carbon generate` writes this page. Tests report each rendered workload without an entry, and each
connection of a rendered pod that the table does not allow.

- A node-local DNS cache needs its address in the entry `dns`: `dns: {cidrs: [169.254.20.10/32]}`.
- By default, the entry `kubernetes-api` allows all addresses, to pods that mount a token of their
  ServiceAccount. Set `cidrs` in a profile to the address of the API server's Service and those of
  its endpoints, which `kubectl --namespace default get service,endpointslice` shows.
- Entries of pods in another namespace get no policies, since the owner of that namespace creates
  them. `policies: true` creates them here.
- Pods of other teams in the release's namespace have entries with `policies: false` until you
  take the [step](production.md) that creates their policies.
- In a mesh, Prometheus scrapes the ports 15020 and 15090 of Istio's agent and proxy in every pod
  with an entry.
- NetworkPolicies add up: a connection that another policy in the namespace allows stays allowed.
- Clients outside the mesh have no identity. A port with such clients also accepts plain text
  (`mtls: permissive`). Its AuthorizationPolicy restricts requests without an identity to the access
  of these clients, but can't distinguish one from another. A client whose pods have a proxy needs
  `mesh: true` and its ServiceAccount: its requests have an identity, and the policy allows listed
  identities only.
- The mTLS modes of entries with `policies` are those of their owners' PeerAuthentications: this
  release creates none for pods of other teams.

The tables below omit connections to DNS and, in a mesh, to the mesh's control plane, which every
pod with an entry has, and the ports of Istio's agent and proxy. Kubelets are allowed to probe the
pods of their own node. Tests compute the allowed connections from the rendered NetworkPolicies,
once with [cyclonus](https://github.com/mattfenwick/cyclonus) and once with this project's own
implementation, and compare them with the table. Another test tries each connection of the
quickstart between pods of the [local node](mesh.md#networkpolicies).
"""
_KEYS = """
## Keys of an entry

| key | type | description |
|---|---|---|
"""
_EVERYWHERE = ("dns", "istiod")
_AGENT = [port.first for port in AGENT_PORTS]


def build_document() -> str:
    """Return the text of the page."""
    sections = []
    for name, path in PROFILES.items():
        values = load_globals(path)
        sections.append(build_section(name, values, read_table(values)))
    return _HEAD + "".join(sections) + _KEYS + "".join(_format_keys())


def build_section(profile: str, values: Mapping[str, Any], table: Table) -> str:
    """Return the connections of one profile: a matrix, then each port with its clients."""
    shown = [
        (entry, port)
        for entry, port in list_ports(table)
        if entry.name not in _EVERYWHERE and port.first not in _AGENT
    ]
    names = list(dict.fromkeys(entry.name for entry, port in shown if port.clients))
    mesh = "in an Istio mesh" if values["mesh"]["enabled"] else "without a mesh"
    lines = [f"\n## {profile.capitalize()} ({mesh})\n"]
    lines += ["Ports to which each client (row) is allowed to connect, by service (column).\n"]
    lines += [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for client in table:
        cells = [_format_cell(client, table[server]) for server in names]
        if any(cells):
            lines.append(f"| **{client}** | {' | '.join(cells)} |")
    lines += ["\n| service | port | protocol | mTLS | clients |", "|---|---|---|---|---|"]
    lines += [_format_row(entry, port) for entry, port in shown if port.clients]
    return "\n".join(lines) + "\n"


def _format_keys() -> Iterator[str]:
    """Yield a line for each key of a services table entry, of a port and of an operation."""
    fragments = Fragments().compile(FOLDER / "services.yaml")
    for at, name in (
        ("", "service"),
        ("ports.NAME.", "port"),
        ("ports.NAME.access.NAME[].", "operation"),
    ):
        for row in list_rows(fragments[name], None, expand=False):
            yield f"| `{at}{row.key}` | {row.kind} | {row.description} |\n"


def _format_cell(client: str, server: Entry) -> str:
    ports = (port for port in server.ports if port.first not in _AGENT)
    return ", ".join(port.numbers for port in ports if client in port.clients)


def _format_row(entry: Entry, port: Port) -> str:
    clients = [c if a == "all" else f"{c} ({a})" for c, a in port.clients.items()]
    mtls = port.mtls if entry.mesh else ""
    where = f"{entry.name}, port {port.name}"
    return f"| {where} | {port.numbers} | {port.protocol} | {mtls} | {', '.join(clients)} |"
