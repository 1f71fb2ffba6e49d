"""Files: what a container reads below a mount is there."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from carbon.charts.render import Object
from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.rules.volumes.mounts import Mount, Sources, find_mount
from carbon.check.rules.volumes.reading import (
    Read,
    list_imports,
    list_reads,
    list_scripts,
    list_texts,
    strip_comments,
)

PACKAGES = {
    *("alembic", "boto3", "botocore", "feast", "grpc", "grpc_health", "mlflow", "opentelemetry"),
    *("pandas", "psycopg", "psycopg2", "ray", "redis", "sqlalchemy"),
}
"""Python packages of the images."""
VARIABLES = {"PGUSER", "PGPASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
"""Files whose content a script exports as a variable, which a library reads by itself."""
_WORD = re.compile(r"\w[\w.-]*")
_FILE = re.compile(r"/.*\.(cfg|conf|crt|ini|json|key|pem|py|sh|sql|toml|ya?ml)")
"""A path of a file that no image has."""


@dataclass(frozen=True)
class Place:
    """A container with its mounts."""

    object: RenderedObject
    container: Object
    path: KeyPath
    """The path of the container in the object."""
    mounts: list[Mount]

    @property
    def name(self) -> str:
        """The object and the container, as messages name them."""
        return f"{self.object.identity}: {self.container.get('name')}"

    @cached_property
    def reads(self) -> list[Read]:
        """The paths that the container reads."""
        return list(list_reads(self.container, self.mounts))

    @cached_property
    def scripts(self) -> dict[str, str]:
        """The text of each mounted script and file of settings that the container reads."""
        return list_scripts(self.reads, self.mounts)

    @cached_property
    def missing(self) -> list[tuple[Read, Mount]]:
        """The paths that the container reads, and that a mounted ConfigMap or Secret lacks."""
        found = [(read, find_mount(self.mounts, read.path)) for read in self.reads]
        return [(read, mount) for read, mount in found if mount and not mount.has(read.path)]

    @cached_property
    def unmounted(self) -> list[Read]:
        """The files that a command names, and that lie in no mount."""
        return [
            read
            for read in self.reads
            if read.where == "PYTHONPATH"
            or (read.where in {"command", "args"} and _FILE.fullmatch(read.path))
            if not find_mount(self.mounts, read.path)
        ]

    @cached_property
    def words(self) -> set[str]:
        """The words of commands, variables and scripts."""
        texts = [text for _, _, text in list_texts(self.container)]
        texts += [strip_comments(file, text) for file, text in self.scripts.items()]
        return set(_WORD.findall("\n".join(texts)))

    def report(self, what: str, *keys: str) -> Violation:
        """Return a violation at a field of the container."""
        return Violation(self.object, (*self.path, *keys), f"{self.name}{what}")


@lru_cache(2)
def list_places(chart: RenderedChart) -> list[Place]:
    """Return every container that has mounts or a command."""
    sources = Sources(chart)
    return [
        Place(obj, container, path, sources.list_mounts(pod, container))
        for obj, pod, container, path in chart.containers()
    ]


@rule("volumes/file", "Correct the path, or add the file to what is mounted there.")
def check_file(chart: RenderedChart) -> Iterator[Violation]:
    """Every path that a container reads below a mounted ConfigMap or Secret is a file of it."""
    reported = set()
    for place in list_places(chart):
        for read, mount in place.missing:
            if (place.object.identity, read.path) not in reported:
                reported.add((place.object.identity, read.path))
                there = ", ".join(sorted(mount.files or ())) or "no files"
                what = f": {read.where} reads {read.path}, and {mount.source} has {there}"
                yield place.report(what, read.key)


@rule("volumes/empty", "Correct the name of the file that the template reads.")
def check_empty(chart: RenderedChart) -> Iterator[Violation]:
    """No script or file of settings that a command names is empty."""
    for place in list_places(chart):
        for read in place.reads:
            if place.scripts.get(read.path, "text").strip() == "" and read.key == read.where:
                yield place.report(f": {read.path} is empty", read.key)


@rule("volumes/mounted", "Mount the file, or correct its path.", house=True)
def check_mounted(chart: RenderedChart) -> Iterator[Violation]:
    """Every script, certificate and file of settings that a command names is mounted."""
    for place in list_places(chart):
        for read in place.unmounted:
            yield place.report(f": nothing is mounted at {read.path}", read.key)


@rule("volumes/read", "Correct the mountPath, or the name of the file in `items`.", house=True)
def check_read(chart: RenderedChart) -> Iterator[Violation]:
    """Some container of the pod names the path and the file that a Secret is mounted as."""
    mounted: dict[tuple[str, str], list[tuple[Place, Mount]]] = {}
    for place in list_places(chart):
        for mount in place.mounts:
            if mount.source.startswith("Secret/") and mount.files:
                key = place.object.identity, mount.path
                mounted.setdefault(key, []).append((place, mount))
    for users in mounted.values():
        place, mount = users[0]
        if any(user.missing or user.unmounted for user, _ in users):
            continue  # volumes/file or volumes/mounted reports the same mistake
        reads = [r for user, _ in users for r in user.reads if mount.resolve(r.path) is not None]
        if not reads:
            what = f" reads nothing of {mount.source} at {mount.path}"
            yield place.report(what, "volumeMounts")
        elif all(read.path != mount.path or read.where.startswith("/") for read in reads):
            words = VARIABLES.union(*(user.words for user, _ in users))
            for name in sorted(set(mount.files or ()) - words):
                what = f" reads no file {name} of {mount.source} at {mount.path}"
                yield place.report(what, "volumeMounts")


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
                    yield place.report(what, "command")
