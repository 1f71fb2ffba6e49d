"""Writes the files that the node's programs read: certificates, configuration, kubeconfigs."""

import shutil
from collections.abc import Iterable

from carbon import externals
from carbon.cluster import addons, credentials, supervisor
from carbon.cluster.addons import CORE, Addon
from carbon.cluster.layout import Addresses, Layout, write_private


def read_addons(place: Layout, addresses: Addresses) -> list[Addon]:
    """Return the add-ons of this cluster: core, then the installed add-ons."""
    values = place.build_placeholders(addresses)
    installed = addons.read_installed(place)
    return [addons.read_core(values), *(addons.read_addon(name, values) for name in installed)]


def write(place: Layout, addresses: Addresses) -> None:
    """Write all files that the node's programs read.

    Certificates and keys are kept unless the node's address changed or a certificate expires soon.
    The data of etcd are kept, except after a first start that did not complete.
    """
    discard_incomplete_store(place)
    for folder in (place.config, place.logs, place.data / "volumes", place.pki):
        folder.mkdir(parents=True, exist_ok=True)
    version = f"v{externals.table()['kubernetes'].version}"
    values = place.build_placeholders(addresses) | {"version": version}
    for file in (f for f in (CORE / "etc").rglob("*") if f.is_file()):
        target = place.config / file.relative_to(CORE / "etc")
        target.parent.mkdir(exist_ok=True)
        target.write_text(addons.fill(file, values), encoding="utf-8")
    credentials.issue(place, addresses)
    write_supervisor(place, read_addons(place, addresses))


def discard_incomplete_store(place: Layout) -> None:
    """Delete the data of an etcd whose first start did not complete.

    An etcd that is killed in its first second leaves a log without members. Each later etcd then
    waits for a majority of no members: it never answers and never exits.
    """
    store = place.data / "etcd"
    if place.first_start.exists():
        shutil.rmtree(store, ignore_errors=True)
    if not store.exists():
        place.data.mkdir(parents=True, exist_ok=True)
        place.first_start.touch()


def write_supervisor(place: Layout, chosen: Iterable[Addon]) -> None:
    """Write supervisord's configuration, and what the programs of the add-ons read."""
    programs = []
    for addon in chosen:
        for folder in addon.folders:
            folder.mkdir(parents=True, exist_ok=True)
        for path, text in addon.files.items():
            (place.config / path).parent.mkdir(exist_ok=True)
            write_private(place.config / path, text)
        for name, user in addon.users.items():
            credentials.issue_user(place, name, user)
        for each in addon.programs:
            needed = (each.program or each.name, *each.runs)
            programs.append((each, [externals.ensure_program(name) for name in needed]))
    # The configuration holds passwords of programs.
    write_private(place.supervisor, supervisor.build_configuration(place, programs))
