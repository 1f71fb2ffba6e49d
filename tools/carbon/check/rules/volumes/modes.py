"""Modes of the files in a volume: octal in documentation, a decimal number in YAML."""

from collections.abc import Iterator
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.trees import iterate_maps

OCTAL = {400, 440, 444, 500}
"""Usual modes whose digits, read as a decimal number, are a mode that the API server accepts."""
WRITABLE = 0o022


@rule("volumes/mode", "Write the mode with a leading zero, such as 0440.")
def check_mode(chart: RenderedChart) -> Iterator[Violation]:
    """The mode of a volume's files is octal, and only the owner may write a Secret's files."""
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
