"""Fragments of schemas: `$ref: "FILE.yaml#/KEY"` replaced by what stands there.

Helm resolves no reference out of a chart, so shared fragments are inlined.
"""

from pathlib import Path
from typing import Any

from carbon.charts.files import read_yaml, shown
from carbon.errors import CarbonError
from carbon.home import ROOT

FOLDER = ROOT / "schemas"
MARK = "x-fragment"
"""Kept in an inlined fragment until the end: the README gives a fragment one line only."""

Schema = dict[str, Any]


class Fragments:
    """Reads fragment files once each and inlines references to them."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._read: dict[Path, Schema] = {}

    def file(self, path: Path) -> Schema:
        """The content of one schema file."""
        if path not in self._read:
            self._read[path] = read_yaml(path)
        return self._read[path]

    def compiled(self, path: Path) -> Schema:
        """A whole schema file with every reference replaced.

        Raises:
            CarbonError: a reference leads nowhere, or round in a circle; names file and path.
        """
        inlined: Schema = self._inline(self.file(path), path, "", ())
        return inlined

    def _inline(self, node: Any, file: Path, at: str, behind: tuple[str, ...]) -> Any:
        if isinstance(node, list):
            return [self._inline(n, file, f"{at}/{i}", behind) for i, n in enumerate(node)]
        if not isinstance(node, dict):
            return node
        for key in node:
            if not isinstance(key, str):
                raise CarbonError(f"{shown(file)}#{at}: the key {key!r} is no text", "Quote it.")
        inlined = {k: self._inline(v, file, f"{at}/{k}", behind) for k, v in node.items()}
        if not isinstance(node.get("$ref"), str):
            return inlined  # no reference, or a property of that name
        reference = inlined.pop("$ref")
        return self._target(reference, file, at, behind) | inlined

    def _target(self, reference: str, file: Path, at: str, behind: tuple[str, ...]) -> Schema:
        name, mark, pointer = reference.partition("#")
        target = self.folder / name if name else file
        here, there = f"{shown(file)}#{at}", f"{shown(target)}#{pointer}"
        if not mark or not pointer.startswith("/"):
            raise CarbonError(f"{here}: $ref: {reference}", 'Write "FILE.yaml#/KEY".')
        if there in behind:
            circle = " → ".join([*behind[behind.index(there) :], there])
            raise CarbonError(f"{here}: $ref goes round in a circle: {circle}")
        node: Any = self.file(target)
        for step in pointer[1:].split("/"):
            if not isinstance(node, dict) or step not in node:
                near = ", ".join(node) if isinstance(node, dict) else "nothing"
                raise CarbonError(f"{here}: $ref: {there} is not there", f"There is: {near}.")
            node = node[step]
        inlined = self._inline(node, target, pointer, (*behind, there))
        if not isinstance(inlined, dict):
            raise CarbonError(f"{here}: $ref: {there} is no schema", "A schema is a map.")
        return {MARK: reference, **inlined}
