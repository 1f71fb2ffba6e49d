"""Write what the node's programs read: certificates, configuration files, the supervisor's."""

from collections.abc import Iterable

from carbon import externals
from carbon.cluster import credentials, parts, supervisor
from carbon.cluster.layout import Addresses, Layout, write_private
from carbon.cluster.parts import CORE, Part


def selected(place: Layout, addresses: Addresses) -> list[Part]:
    """The parts of this cluster: the node itself, then its add-ons."""
    facts = place.facts(addresses)
    return [parts.core(facts), *(parts.addon(name, facts) for name in parts.installed(place))]


def write(place: Layout, addresses: Addresses) -> None:
    """Write everything anew; keys that exist stay."""
    for folder in (place.config, place.logs, place.data / "volumes", place.pki):
        folder.mkdir(parents=True, exist_ok=True)
    version = f"v{externals.table()['kubernetes'].version}"
    facts = place.facts(addresses) | {"version": version}
    for file in (f for f in (CORE / "etc").rglob("*") if f.is_file()):
        target = place.config / file.relative_to(CORE / "etc")
        target.parent.mkdir(exist_ok=True)
        target.write_text(parts.fill(file, facts), encoding="utf-8")
    credentials.issue(place, addresses)
    supervise(place, selected(place, addresses))


def supervise(place: Layout, chosen: Iterable[Part]) -> None:
    """Write the supervisor's configuration, and the kubeconfigs of its programs."""
    programs = []
    for part in chosen:
        for folder in part.folders:
            folder.mkdir(parents=True, exist_ok=True)
        for name, user in part.users.items():
            credentials.issue_user(place, name, user)
        programs += [(program, externals.ensure_program(program.name)) for program in part.programs]
    # It holds passwords of programs.
    write_private(place.supervisor, supervisor.configuration(place, programs))
