"""The link between the host and the node's network namespace.

The host sees a /30 only. The ranges of pods and Services exist only in the node's namespace.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Network, ip_network
from itertools import islice
from pathlib import Path

from carbon.cluster.layout import SERVICE_CIDR, Addresses
from carbon.errors import CarbonError
from carbon.process import run

# First the benchmarking range of RFC 2544, which networks rarely use, then private ranges.
_POOLS = ("198.18.254.0/24", "198.19.254.0/24", "172.31.254.0/24", "192.168.254.0/24")
_IFF_UP = 0x1
"""The flag of a link that is up (linux/if.h)."""


def find_free_link(used: Iterable[IPv4Network]) -> Addresses:
    """Return the addresses of the first /30 that overlaps none of `used`.

    Raises:
        CarbonError: every candidate is in use.
    """
    taken = list(used)
    for pool in _POOLS:
        for link in ip_network(pool).subnets(new_prefix=30):
            if isinstance(link, IPv4Network) and not any(link.overlaps(net) for net in taken):
                host, node = islice(link.hosts(), 2)
                return Addresses(str(host), str(node))
    raise CarbonError(
        f"no free /30 network in {', '.join(_POOLS)}",
        "Remove a route to one of these networks (ip route), then run the same command again.",
    )


def list_used_networks() -> list[IPv4Network]:
    """Return every IPv4 network this host has a route to, except the default route."""
    routes = json.loads(run(["ip", "-json", "-4", "route", "show", "table", "all"]))
    names = {r["dst"] for r in routes if r["dst"] != "default"}
    return [net for net in map(_parse_network, names) if net]


def _parse_network(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text, strict=False)
    except ValueError:
        return None


def connect(link: str, node_pid: int, addresses: Addresses) -> None:
    """Create a veth pair: `link` on the host, `eth0` in the network namespace of `node_pid`."""
    disconnect(link)
    ip = ["ip", "link", "add", link, "type", "veth", "peer", "name", "eth0"]
    run([*ip, "netns", str(node_pid)])
    run(["ip", "address", "add", f"{addresses.host}/30", "dev", link])
    run(["ip", "link", "set", link, "up"])


def is_connected(link: str) -> bool:
    """Return whether the host's end of a link is up. The last step of `connect` sets it up."""
    try:
        return bool(int((_get_end(link) / "flags").read_text(encoding="ascii"), 16) & _IFF_UP)
    except OSError:
        return False


def _get_end(link: str) -> Path:
    return Path("/sys/class/net", link)


def disconnect(link: str) -> None:
    """Delete the host's end of a link, if it exists; this deletes the node's end too.

    The kernel may delete the link at the same time, because the node's namespace has ended.
    """
    while _get_end(link).exists():
        with suppress(CarbonError):
            run(["ip", "link", "delete", link])


def configure_node(addresses: Addresses) -> None:
    """Set the node's addresses and its route to Services, inside its network namespace.


    The node has no default route, so that no process on the node can reach beyond the host.
    """
    run(["ip", "link", "set", "lo", "up"])
    run(["ip", "address", "add", f"{addresses.node}/30", "dev", "eth0"])
    run(["ip", "link", "set", "eth0", "up"])
    # The kernel needs a route before kube-proxy's rules rewrite the address of a Service.
    run(["ip", "route", "add", SERVICE_CIDR, "dev", "eth0", "src", addresses.node])
    run(["sysctl", "-qw", "net.ipv4.ip_forward=1"])
