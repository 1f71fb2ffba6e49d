"""Schemas of the kinds that other projects define, compiled from their CRDs in Go modules."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from carbon.charts.files import documents, read_yaml, shown
from carbon.charts.fragments import Schema
from carbon.errors import CarbonError
from carbon.externals.golang import environment, go
from carbon.home import ROOT
from carbon.process import run

FOLDER = ROOT / "schemas" / "crds"
_OPEN = "x-kubernetes-preserve-unknown-fields"


def fetched() -> dict[Path, str]:
    """The schema files of all listed kinds and their texts; downloads the modules.

    Raises:
        CarbonError: a module can't be had, or does not define a listed kind.
    """
    files: dict[Path, str] = {}
    for module, listed in read_yaml(FOLDER / "kinds.yaml").items():
        found = dict(each for crd in definitions(module) for each in schemas(crd, listed["kinds"]))
        absent = [k for k in listed["kinds"] if not any(f"_{k.lower()}_" in name for name in found)]
        if absent:
            raise CarbonError(
                f"{module} defines no {', '.join(absent)} in {listed['folder']}",
                f"Correct {shown(FOLDER / 'kinds.yaml')}.",
            )
        files |= {FOLDER / name: text for name, text in found.items()}
    return files


def definitions(module: str) -> list[Schema]:
    """The CRDs of a listed module, as it holds them; downloads the module.

    Raises:
        CarbonError: it can't be had.
    """
    folder = read_yaml(FOLDER / "kinds.yaml")[module]["folder"]
    crds = sorted((source(module) / folder).glob("*.yaml"))
    texts = (path.read_text("utf-8") for path in crds)
    objects = (each for text in texts for each in documents(text) if each)
    return [each for each in objects if each.get("kind") == "CustomResourceDefinition"]


def source(module: str) -> Path:
    """The folder of a listed module, downloaded if need be.

    Raises:
        CarbonError: it can't be had.
    """
    command = [str(go()), "mod", "download", "-json", module]
    about = json.loads(run(command, cwd=FOLDER, env=environment()))
    return Path(about["Dir"])


def schemas(crd: Schema, kinds: Collection[str]) -> Iterator[tuple[str, str]]:
    """File name and text of each served version of a CRD, if its kind is wanted."""
    spec = crd["spec"]
    kind = spec["names"]["kind"]
    for version in spec["versions"] if kind in kinds else []:
        if version["served"]:
            whole = closed(version["schema"]["openAPIV3Schema"])
            # What every object has; not every CRD says so.
            every = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
            whole["properties"] |= every | {"metadata": {"type": "object"}}
            name = f"{spec['group']}_{kind.lower()}_{version['name']}.json"
            yield name, json.dumps(whole, separators=(",", ":")) + "\n"


def closed(node: Any) -> Any:
    """A CRD's schema as JSON Schema, without prose, with unknown fields refused."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {
        key: {name: closed(child) for name, child in value.items()}
        if key == "properties"
        else closed(value)
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
