"""Files that a container reads: a mounted ConfigMap or Secret, or another mount, has them."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.volumes.mounts import Mount, find_mount
from carbon.check.rules.volumes.places import Place, list_places
from carbon.check.rules.volumes.reading import Read, Text, list_imports

PACKAGES = {
    *("alembic", "boto3", "botocore", "feast", "grpc", "grpc_health", "mlflow", "opentelemetry"),
    *("pandas", "psycopg", "psycopg2", "ray", "redis", "sqlalchemy"),
}
"""Python packages of the images."""
VARIABLES = {
    *("PGUSER", "PGPASSWORD"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
}
"""Files whose content a script exports as a variable, which a library reads by itself."""


@rule("volumes/file", "Correct the path, or add the file to the ConfigMap or Secret.")
def check_file(chart: RenderedChart) -> Iterator[Violation]:
    """A mounted ConfigMap or Secret has every file that a container reads in the mount."""
    reported = set()
    for place in list_places(chart):
        for read, mount in place.missing:
            if (place.container.object.identity, read.path) in reported:
                continue
            reported.add((place.container.object.identity, read.path))
            there = ", ".join(sorted(mount.files or ())) or "no files"
            what = f": {read.source.name} reads {read.path}, and {mount.source} has {there}"
            violation = place.report(what, at=read.source, word=read.path)
            yield replace(violation, **_find_source(chart, place, mount, read))


def _find_source(chart: RenderedChart, place: Place, mount: Mount, read: Read) -> dict[str, Any]:
    """Return fields of the violation at what is mounted; empty if the mistake is in the path.

    If the mount lacks several files, or one that a command names and no file has a similar name,
    the mistake is in the ConfigMap. Otherwise it is in the script or the command.
    """
    files = sorted(mount.files or ())
    unread = [file for file in files if file.rpartition("/")[2] not in place.words | VARIABLES]
    if mount.selected and unread:
        path = ("volumes", f"name={mount.volume}", "items", f"path={unread[0]}", "path")
        return {"path": path, "quote": None}
    lacking = {
        each.path
        for other in list_places(chart)
        for each, source in other.missing
        if source.source == mount.source
    }
    similar = get_close_matches(str(mount.resolve(read.path)), files)
    if len(lacking) > 1 or (read.source.is_command and not similar):
        for obj in chart.of_kind("ConfigMap") if not mount.selected else ():
            if obj.identity == mount.source:
                return {"object": obj, "path": ("data",), "quote": None}
    return {}


@rule("volumes/empty", "Correct the name of the file that the template reads.")
def check_empty(chart: RenderedChart) -> Iterator[Violation]:
    """No script or file of settings that a command names is empty."""
    for place in list_places(chart):
        for read in place.reads:
            if place.scripts.get(read.path, "text").strip() == "" and read.source.is_command:
                yield place.report(f": {read.path} is empty", at=read.source)


@rule("volumes/mounted", "Mount the file, or correct its path.", house=True)
def check_mounted(chart: RenderedChart) -> Iterator[Violation]:
    """Every script, certificate and file that a command or a variable names is mounted."""
    for place in list_places(chart):
        for read in place.unmounted:
            yield place.report(f": nothing is mounted at {read.path}", at=read.source)


@rule("volumes/read", "Correct the mountPath, or the name of the file in `items`.", house=True)
def check_read(chart: RenderedChart) -> Iterator[Violation]:
    """At least one container of a pod reads each file of each Secret that the pod mounts."""
    mounted: dict[tuple[str, str], list[tuple[Place, Mount]]] = {}
    for place in list_places(chart):
        for mount in place.mounts:
            if mount.source.startswith("Secret/") and mount.files:
                key = place.container.object.identity, mount.path
                mounted.setdefault(key, []).append((place, mount))
    for users in mounted.values():
        place, mount = users[0]
        if any(user.missing or user.unmounted for user, _ in users):
            continue  # volumes/file or volumes/mounted reports the same mistake
        reads = [r for user, _ in users for r in user.reads if mount.resolve(r.path) is not None]
        if not reads:
            what = f" reads no file of {mount.source} at {mount.path}"
            yield place.report(what, "volumeMounts", f"name={mount.volume}", "mountPath")
        elif all(read.path != mount.path or read.source.name.startswith("/") for read in reads):
            words = VARIABLES.union(*(user.words for user, _ in users))
            for name in sorted(set(mount.files or ()) - words):
                what = (
                    f"{place.container.name} reads no file {name} of {mount.source} at {mount.path}"
                )
                path = ("volumes", f"name={mount.volume}", "items", f"path={name}", "path")
                yield Violation(place.container.object, path, what)


@rule("volumes/import", "Add the module to the ConfigMap, or correct its name.", house=True)
def check_import(chart: RenderedChart) -> Iterator[Violation]:
    """Every module that a mounted Python script imports is mounted beside the script."""
    for place in list_places(chart):
        for script, text in place.scripts.items():
            mount = find_mount(place.mounts, script)
            if mount is None or not script.endswith(".py"):
                continue
            beside = {name.removesuffix(".py") for name in mount.files or ()}
            for module in sorted(list_imports(text)):
                if module not in beside | PACKAGES | sys.stdlib_module_names:
                    what = f": {script} imports {module}, which {mount.source} does not have"
                    at = Text(("command",), script, text)
                    yield place.report(what, at=at, word=f"import {module}")
