"""The containers of a chart, each with its mounts and with what it reads."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from carbon.check.findings import Violation
from carbon.check.render.objects import Container, RenderedChart
from carbon.check.rules.volumes.mounts import Mount, Sources, find_mount
from carbon.check.rules.volumes.reading import (
    Read,
    Text,
    list_reads,
    list_scripts,
    list_texts,
    strip_comments,
)

_WORD = re.compile(r"\w[\w.-]*")
_FILE = re.compile(r"/.*\.(cfg|conf|crt|ini|json|key|pem|py|sh|sql|toml|ya?ml)")
"""A path whose extension shows that the chart, not the image, has the file."""
_SETTINGS = (".cfg", ".conf", ".ini", ".json", ".toml", ".yaml", ".yml")
_OF_IMAGE = ("/etc/ssl/cert", "/home/", "/opt/", "/usr/")
"""Folders whose files an image can have."""


@dataclass(frozen=True)
class Place:
    """A container with its mounts."""

    container: Container
    mounts: list[Mount]

    @cached_property
    def reads(self) -> list[Read]:
        """The paths that the container reads."""
        return list(list_reads(self.container.body, self.mounts))

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
        """The files that a command, a variable or settings name, and that no mount contains."""
        return [
            read
            for read in self.reads
            if read.source.name == "PYTHONPATH"
            or (read.source.name in {"command", "args"} and _FILE.fullmatch(read.path))
            or (_is_setting(read) and not read.path.startswith(_OF_IMAGE))
            if not find_mount(self.mounts, read.path)
        ]

    @cached_property
    def words(self) -> set[str]:
        """The words of commands, variables and scripts."""
        texts = [text.text for text in list_texts(self.container.body)]
        texts += [strip_comments(file, text) for file, text in self.scripts.items()]
        return set(_WORD.findall("\n".join(texts)))

    def report(self, what: str, *keys: str, at: Text | None = None, word: str = "") -> Violation:
        """Return a violation at a field of the container, or at a word of a text."""
        text = self.scripts.get(at.name) if at else None
        quote = (text, word) if text is not None else None
        path = (*self.container.path, *(at.keys if at else keys))
        return Violation(self.container.object, path, f"{self.container.name}{what}", quote=quote)


def _is_setting(read: Read) -> bool:
    """Return whether the value of a variable, or a mounted file of settings, names a file."""
    source = read.source
    is_variable = source.keys[0] == "env" and source.text == read.path
    return (is_variable or source.name.endswith(_SETTINGS)) and bool(_FILE.fullmatch(read.path))


@lru_cache(2)
def list_places(chart: RenderedChart) -> list[Place]:
    """Return every container of the chart with its mounts."""
    sources = Sources(chart)
    return [
        Place(container, sources.list_mounts(container.pod, container.body))
        for container in chart.containers()
    ]
