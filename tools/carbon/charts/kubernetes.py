"""Validating objects against Kubernetes' own schemas, offline, by kubeconform.

The schemas come from the package kubernetes-validate. Their references lead to one big file by its
address on the web, so copies that stand alone, without prose, are made in the cache once.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from carbon import externals
from carbon.errors import CarbonError
from carbon.home import ROOT, home

MINORS = ("1.33", "1.34", "1.35", "1.36", "1.37")
"""The supported versions of Kubernetes."""
PACKAGE = "kubernetes-validate"
CRDS = ROOT / "schemas" / "crds" / "{{.Group}}_{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"


def faults(things: str, minor: str) -> list[str]:
    """What is wrong with objects, one a line; an object without a schema is wrong too.

    Raises:
        CarbonError: `things` is no YAML.
    """
    known = schemas(minor) / "{{.ResourceKind}}{{.KindSuffix}}.json"
    command = [str(externals.ensure_program("kubeconform")), "-strict", "-output", "json"]
    command += ["-kubernetes-version", f"{minor}.0"]
    command += [part for each in (known, CRDS) for part in ("-schema-location", str(each))]
    done = subprocess.run(command, input=things, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)["resources"] or []
    except ValueError as wrong:
        raise CarbonError(f"kubeconform: {done.stderr.strip() or done.stdout}") from wrong
    return [f"{each['kind']}/{each['name']}: {each['msg']}" for each in found]


def schemas(minor: str) -> Path:
    """The folder with the strict schemas of a Kubernetes minor; made if it is not there yet.

    Raises:
        CarbonError: the package has none of that version.
    """
    kept = home() / "schemas" / f"{PACKAGE}-{version(PACKAGE)}" / minor
    if kept.exists():
        return kept
    package = find_spec(PACKAGE.replace("-", "_"))
    folders = package.submodule_search_locations if package else None
    source = Path((folders or ["."])[0]) / "kubernetes-json-schema" / f"v{minor}.0-local-strict"
    if not source.is_dir():
        raise CarbonError(f"{PACKAGE} has no schemas of Kubernetes {minor}", "Raise its pin.")
    kept.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=kept.parent))
    try:
        shared = _terse((source / "_definitions.json").read_text("utf-8"))["$defs"]
        for path in source.glob("*-v*.json"):
            schema = alone(_terse(path.read_text("utf-8")), shared)
            (new / path.name).write_text(json.dumps(schema), "utf-8")
        if not kept.exists():
            new.rename(kept)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return kept


def alone(schema: dict[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with those of the shared definitions that it leads to."""
    needed: dict[str, Any] = {}
    ahead = _references(schema)
    while ahead:
        name = ahead.pop()
        if name not in needed:
            needed[name] = shared[name]
            ahead |= _references(shared[name])
    return {k: v for k, v in schema.items() if k != "$id"} | {"$defs": needed}


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for each in node for name in _references(each)}
    if not isinstance(node, dict):
        return set()
    own = node.get("$ref")
    found = {own.rpartition("/")[2]} if isinstance(own, str) else set()
    return found.union(*map(_references, node.values()))


def _terse(text: str) -> dict[str, Any]:
    """A schema without its prose, its references pointing into itself."""

    def drop(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {k: v for k, v in pairs if k != "description" or not isinstance(v, str)}

    local = text.replace('"/api/_definitions.json#', '"#')
    terse: dict[str, Any] = json.loads(local, object_pairs_hook=drop)
    return terse
