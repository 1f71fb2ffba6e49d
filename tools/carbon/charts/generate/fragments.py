"""Inlines fragments of schemas: replaces `$ref: "FILE.yaml#/KEY"` by the content at that path.

Helm resolves no reference to a file outside of a chart.
"""

from pathlib import Path
from typing import Any

from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml
from carbon.home import ROOT

FOLDER = ROOT / "schemas"
MARK = "x-fragment"
"""Key that `compile` adds to an inlined fragment, with its reference.

A map of properties gets none, since the key would be one of the properties.

A chart's README has one row for a fragment; the umbrella's has one for each of its keys.
"""

Schema = dict[str, Any]


class Fragments:
    """Reads fragment files once each and inlines references to them."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._read: dict[Path, Schema] = {}

    def read_file(self, path: Path) -> Schema:
        """Return the content of a schema file."""
        if path not in self._read:
            self._read[path] = read_yaml(path)
        return self._read[path]

    def compile(self, path: Path) -> Schema:
        """Return a schema file with every reference replaced.

        Raises:
            CarbonError: a reference leads nowhere or to itself; the message names file and path.
        """
        inlined: Schema = self._inline(self.read_file(path), path, "", ())
        return inlined

    def _inline(self, node: Any, file: Path, at: str, behind: tuple[str, ...]) -> Any:
        if isinstance(node, list):
            return [self._inline(n, file, f"{at}/{i}", behind) for i, n in enumerate(node)]
        if not isinstance(node, dict):
            return node
        for key in node:
            if not isinstance(key, str):
                where = f"{format_path(file)}#{at}"
                raise CarbonError(f"{where}: the key {key!r} is not text", "Quote the key.")
        inlined = {k: self._inline(v, file, f"{at}/{k}", behind) for k, v in node.items()}
        if not isinstance(node.get("$ref"), str):
            return inlined  # no reference, or a property of that name
        reference = inlined.pop("$ref")
        return self._resolve(reference, file, at, behind) | inlined

    def _resolve(self, reference: str, file: Path, at: str, behind: tuple[str, ...]) -> Schema:
        name, mark, pointer = reference.partition("#")
        target = self.folder / name if name else file
        here, there = f"{format_path(file)}#{at}", f"{format_path(target)}#{pointer}"
        if not mark or not pointer.startswith("/"):
            raise CarbonError(f"{here}: $ref: {reference} has no #/KEY", 'Write "FILE.yaml#/KEY".')
        if there in behind:
            circle = " → ".join([*behind[behind.index(there) :], there])
            raise CarbonError(
                f"{here}: circular $ref: {circle}", "Remove one of the references in the cycle."
            )
        node: Any = self.read_file(target)
        for step in pointer[1:].split("/"):
            if not isinstance(node, dict) or step not in node:
                known = f"Write one of: {', '.join(node)}." if isinstance(node, dict) else ""
                shorter = "Remove the last part of the path after #."
                raise CarbonError(f"{here}: $ref: {there} does not exist", known or shorter)
            node = node[step]
        inlined = self._inline(node, target, pointer, (*behind, there))
        if not isinstance(inlined, dict):
            raise CarbonError(f"{here}: $ref: {there} is not a map", "Refer to a schema.")
        return inlined if pointer.endswith("/properties") else {MARK: reference, **inlined}
