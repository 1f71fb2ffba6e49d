"""Modes of the files in a volume: octal in documentation, a decimal number in YAML."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.volumes.mounts import find_mount
from carbon.check.rules.volumes.places import Place, list_places
from carbon.check.trees import iterate_maps

OCTAL = {400, 440, 444, 500}
"""Usual modes whose digits, read as a decimal number, are a mode that the API server accepts."""
WRITABLE = 0o022
EXECUTABLE = 0o111
_EXECUTED = re.compile(
    r"(?:^|[;&|(]|\b(?:then|do|else|exec)\s|ASKPASS=)\s*[\"']?(/[\w.-]+(?:/[\w.-]+)+)", re.M
)
"""A path that a shell executes, or that a program executes for a password."""
_SHELL = re.compile(r"#!.*sh\b|set -")


@rule("volumes/mode", "Write the mode with a leading zero, such as 0440.")
def check_mode(chart: RenderedChart) -> Iterator[Violation]:
    """A mode such as 440 is a mistake for 0440; only the owner can write a Secret's files."""
    for obj, pod in chart.pods():
        for volume in pod["spec"].get("volumes") or []:
            for source in iterate_maps(volume):
                for key in ("defaultMode", "mode"):
                    if what := _find_mistake(volume, source.get(key)):
                        path = ("volumes", f"name={volume.get('name')}", key)
                        yield Violation(
                            obj, path, f"{obj.identity}: volume {volume.get('name')}: {what}"
                        )


def _find_mistake(volume: dict[str, Any], mode: Any) -> str:
    """Return what is wrong with the mode of a volume's files; empty if nothing is."""
    if not isinstance(mode, int):
        return ""
    if mode in OCTAL:
        return f"the mode {mode} is a decimal number, which is {mode:04o} in octal"
    if "secret" in volume and mode & WRITABLE:
        return f"the mode {mode:04o} lets other users than the owner write a Secret's files"
    return ""


@rule("volumes/executable", "Write defaultMode: 0555 for the volume, or mode: 0555 for the item.")
def check_executable(chart: RenderedChart) -> Iterator[Violation]:
    """Files of a ConfigMap that a container executes have the mode of a program."""
    for place in list_places(chart):
        for path in dict.fromkeys(_list_executed(place)):
            mount = find_mount(place.mounts, path)
            if mount and mount.files and not mount.find_mode(path) & EXECUTABLE:
                mode = mount.find_mode(path)
                what = f"{place.container.name} executes {path}, whose mode is {mode:04o}"
                at = ("volumes", f"name={mount.volume}")
                yield Violation(place.container.object, at, what)


def _list_executed(place: Place) -> Iterator[str]:
    """Yield the paths that a container executes by themselves, not as the argument of a shell."""
    yield from (place.container.body.get("command") or [])[:1]
    for variable in place.container.body.get("env") or []:
        if str(variable.get("name")).endswith("ASKPASS"):
            yield str(variable.get("value"))
    for file, text in place.scripts.items():
        if file.endswith(".sh") or _SHELL.match(text):
            yield from _EXECUTED.findall(text)
