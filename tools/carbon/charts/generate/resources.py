"""Lists the resources of Kubernetes and of CRDs, with the verbs that rules of a Role can name."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from carbon.charts.generate.crds import FOLDER, read_crds
from carbon.charts.generate.fragments import Schema
from carbon.externals import golang
from carbon.files import read_yaml
from carbon.home import ROOT

RESOURCES = FOLDER / "resources.yaml"
HEADER = """\
# Verbs of each resource and subresource, by API group. `carbon generate --crds` reads them from
# api/discovery of Kubernetes, and from the CRDs of the modules in kinds.yaml.
"""
WHOLE = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
PARTS = ("get", "patch", "update")
"""Verbs of the subresources status and scale of a custom resource."""
Table = dict[str, dict[str, set[str]]]
"""API group -> resource, such as pods or pods/log -> verbs."""


def compile_resources() -> dict[Path, str]:
    """Return path and text of the table of resources.

    Raises:
        CarbonError: a module can't be downloaded.
    """
    folder = ROOT / "tools" / "externals" / "kubernetes"
    lists = (golang.download_module(folder, "k8s.io/kubernetes") / "api" / "discovery").glob("*")
    texts = [path.read_text("utf-8") for path in sorted(lists) if path.suffix == ".json"]
    crds = [crd for module in read_yaml(FOLDER / "kinds.yaml") for crd in read_crds(module)]
    table = list_resources(map(json.loads, texts), crds)
    lines = []
    for group, resources in sorted(table.items()):
        lines.append(f"{json.dumps(group)}:")
        lines += [f"  {name}: [{', '.join(sorted(resources[name]))}]" for name in sorted(resources)]
    return {RESOURCES: HEADER + "\n".join(lines) + "\n"}


def list_resources(discovered: Iterable[Schema], crds: Iterable[Schema]) -> Table:
    """Return the table of the resources in documents of the discovery API and in CRDs."""
    table: Table = defaultdict(lambda: defaultdict(set))
    for each in discovered:
        group = each.get("groupVersion", "").rpartition("/")[0]
        for resource in each["resources"] if each["kind"] == "APIResourceList" else ():
            table[group][resource["name"]].update(resource["verbs"])
    for crd in crds:
        group, plural = table[crd["spec"]["group"]], crd["spec"]["names"]["plural"]
        group[plural].update(WHOLE)
        for version in crd["spec"]["versions"]:
            for part in version.get("subresources") or {}:
                group[f"{plural}/{part}"].update(PARTS)
    return table
