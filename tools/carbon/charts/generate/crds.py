"""Compiles the JSON Schemas of custom resources from the CRDs in other projects' Go modules."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from carbon.charts.generate.fragments import Schema
from carbon.errors import CarbonError
from carbon.externals.golang import build_environment, find_go
from carbon.files import format_path, parse_documents, read_yaml
from carbon.home import ROOT
from carbon.process import run

FOLDER = ROOT / "schemas" / "crds"
_OPEN = "x-kubernetes-preserve-unknown-fields"


def compile_schemas() -> dict[Path, str]:
    """Return path and text of the schema of each kind in schemas/crds/kinds.yaml.

    Raises:
        CarbonError: a module can't be downloaded, or does not define a listed kind.
    """
    files: dict[Path, str] = {}
    for module, listed in read_yaml(FOLDER / "kinds.yaml").items():
        kinds = listed["kinds"]
        found = dict(each for crd in read_crds(module) for each in compile_crd(crd, kinds))
        absent = [k for k in kinds if not any(f"_{k.lower()}_" in name for name in found)]
        if absent:
            raise CarbonError(
                f"{module}: folder {listed['folder']} defines no CRD of the kinds "
                f"{', '.join(absent)}",
                f"Correct folder or kinds in {format_path(FOLDER / 'kinds.yaml')}.",
            )
        files |= {FOLDER / name: text for name, text in found.items()}
    return files


def read_crds(module: str) -> list[Schema]:
    """Return the CRDs in a module of schemas/crds/kinds.yaml; download it if it is missing.

    Raises:
        CarbonError: the module can't be downloaded.
    """
    folder = read_yaml(FOLDER / "kinds.yaml")[module]["folder"]
    crds = sorted((download_module(module) / folder).glob("*.yaml"))
    texts = (path.read_text("utf-8") for path in crds)
    objects = (each for text in texts for each in parse_documents(text) if each)
    return [each for each in objects if each.get("kind") == "CustomResourceDefinition"]


def download_module(module: str) -> Path:
    """Return the folder of a module; download it if it is missing.

    Raises:
        CarbonError: the module can't be downloaded.
    """
    command = [str(find_go()), "mod", "download", "-json", module]
    about = json.loads(run(command, cwd=FOLDER, env=build_environment()))
    return Path(about["Dir"])


def compile_crd(crd: Schema, kinds: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield file name and text for each served version of a CRD whose kind is in `kinds`."""
    spec = crd["spec"]
    kind = spec["names"]["kind"]
    for version in spec["versions"] if kind in kinds else []:
        if version["served"]:
            whole = convert_schema(version["schema"]["openAPIV3Schema"])
            # Every object has these fields, though not every CRD lists them.
            every = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
            whole["properties"] |= every | {"metadata": {"type": "object"}}
            name = f"{spec['group']}_{kind.lower()}_{version['name']}.json"
            yield name, json.dumps(whole, separators=(",", ":")) + "\n"


def convert_schema(node: Any) -> Any:
    """Return a CRD's schema as JSON Schema, without descriptions.

    Objects with `properties` refuse other fields, except if the CRD preserves unknown fields.
    """
    if isinstance(node, list):
        return [convert_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {
        key: {name: convert_schema(child) for name, child in value.items()}
        if key == "properties"
        else convert_schema(value)
        for key, value in node.items()
        if not (key == "description" or key.startswith("x-kubernetes-") or key == "nullable")
    }
    if node.get("x-kubernetes-int-or-string"):
        plain["type"] = ["integer", "string"]
        plain.pop("anyOf", None)
    if "properties" in node and not node.get(_OPEN):
        plain.setdefault("additionalProperties", False)
    if node.get("nullable") and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
    return plain
