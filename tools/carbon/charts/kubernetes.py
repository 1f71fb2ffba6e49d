"""Prepares the schemas of Kubernetes objects for kubeconform, without a network.

The schemas are those of the Python package kubernetes-validate. Their references name one large
file by its URL. `prepare_schemas` writes a copy of each object's schema to the cache: the copy
contains the definitions that it refers to, and no descriptions.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from carbon.errors import CarbonError
from carbon.home import ROOT, home

MINORS = ("1.33", "1.34", "1.35", "1.36", "1.37")
"""The supported minor versions of Kubernetes."""
PACKAGE = "kubernetes-validate"
CRDS = ROOT / "schemas" / "crds" / "{{.Group}}_{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
"""Template for the path at which kubeconform finds the schema of a custom resource."""


def prepare_schemas(minor: str) -> Path:
    """Return the folder with the strict schemas of a Kubernetes minor; create it if missing.

    Raises:
        CarbonError: the package has no schemas of that version.
    """
    target = home() / "schemas" / f"{PACKAGE}-{version(PACKAGE)}" / minor
    if target.exists():
        return target
    package = find_spec(PACKAGE.replace("-", "_"))
    folders = package.submodule_search_locations if package else None
    source = Path((folders or ["."])[0]) / "kubernetes-json-schema" / f"v{minor}.0-local-strict"
    if not source.is_dir():
        raise CarbonError(
            f"{PACKAGE} has no schemas of Kubernetes {minor}",
            "Raise the version of the package in pyproject.toml and requirements.lock.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        definitions = _parse((source / "_definitions.json").read_text("utf-8"))["$defs"]
        references = {name: _find_references(each) for name, each in definitions.items()}
        for path in source.glob("*-v*.json"):
            schema = _parse(path.read_text("utf-8"))
            if "kind" in schema.get("properties", {}):  # others describe parts of objects
                needed = _list_needed(schema, references)
                own = {key: value for key, value in schema.items() if key != "$id"}
                inlined = own | {"$defs": {name: definitions[name] for name in needed}}
                (new / path.name).write_text(json.dumps(inlined), "utf-8")
        if not target.exists():
            new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return target


def _list_needed(schema: dict[str, Any], references: Mapping[str, set[str]]) -> set[str]:
    """Return the definitions to which a schema refers, directly or by another definition."""
    needed: set[str] = set()
    ahead = _find_references(schema)
    while ahead:
        needed |= ahead
        ahead = {each for name in ahead for each in references[name]} - needed
    return needed


def _find_references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for each in node for name in _find_references(each)}
    if not isinstance(node, dict):
        return set()
    own = node.get("$ref")
    found = {own.rpartition("/")[2]} if isinstance(own, str) else set()
    return found.union(*map(_find_references, node.values()))


def _parse(text: str) -> dict[str, Any]:
    """Return a schema without descriptions, with references into itself."""

    def drop(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {k: v for k, v in pairs if k != "description" or not isinstance(v, str)}

    local = text.replace('"/api/_definitions.json#', '"#')
    schema: dict[str, Any] = json.loads(local, object_pairs_hook=drop)
    return schema
