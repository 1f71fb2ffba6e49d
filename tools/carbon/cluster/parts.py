"""The parts of a cluster: the node itself and its add-ons, declared alike.

`part.yaml` names what to build, who calls the API server, the programs that run on the node and
what to wait for; `manifests.yaml` is applied to the API server, once the CRDs that a program's own
Go module brings are there. The node's own part is in `files/`, an add-on's in `tools/addons/NAME/`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from carbon.charts.files import documents
from carbon.cluster.layout import Layout
from carbon.errors import CarbonError
from carbon.externals import golang
from carbon.externals.table import FOLDER
from carbon.home import ROOT

CORE = Path(__file__).parent / "files"
ADDONS = ROOT / "tools" / "addons"


@dataclass(frozen=True)
class Program:
    """One supervised program; `order` says who starts first and stops last."""

    name: str
    order: int
    flags: Mapping[str, object]
    verb: str = ""
    arguments: tuple[str, ...] = ()
    """What follows the flags."""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Crds:
    """CRDs in the Go module of an external program."""

    external: str
    module: str
    folder: str

    def read(self) -> str:
        """Their texts, as manifests; the module is downloaded if it is not there.

        Raises:
            CarbonError: it can't be had.
        """
        return "\n---\n".join(file.read_text("utf-8") for file in self._files())

    def names(self) -> list[str]:
        """Their names, such as `schedules.velero.io`."""
        return [_yaml(file.read_text("utf-8"))["metadata"]["name"] for file in self._files()]

    def _files(self) -> list[Path]:
        folder = golang.module(FOLDER / self.external, self.module) / self.folder
        return sorted(folder.rglob("*.yaml"))


@dataclass(frozen=True)
class Part:
    """One part, as its folder describes it."""

    name: str
    purpose: str
    externals: tuple[str, ...]
    users: Mapping[str, str]
    """Kubeconfigs it needs, by name -> user."""
    programs: tuple[Program, ...]
    ready: Mapping[str, str]
    """Object, as KIND/NAME or NAMESPACE/KIND/NAME -> what must hold before the part is there, as
    `kubectl wait --for` takes it."""
    manifests: str
    images: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    """Folders that its programs need, below the cluster's data."""
    crds: Crds | None = None


def core(facts: Mapping[str, object]) -> Part:
    """The node itself, its `$placeholders` filled from `facts`."""
    return _load("core", CORE, facts)


def addon(name: str, facts: Mapping[str, object]) -> Part:
    """An add-on.

    Raises:
        CarbonError: there is none of that name.
    """
    if name not in addons():
        raise CarbonError(f"there is no add-on {name}", f"There are: {', '.join(addons())}")
    return _load(name, ADDONS / name, facts)


def addons() -> list[str]:
    """Every add-on there is."""
    return sorted(path.parent.name for path in ADDONS.glob("*/part.yaml"))


def purpose(name: str) -> str:
    """What an add-on is for, in a line."""
    text = (ADDONS / name / "part.yaml").read_text(encoding="utf-8")
    return str(_yaml(text)["for"])


def _load(name: str, folder: Path, facts: Mapping[str, object]) -> Part:
    raw = _yaml(fill(folder / "part.yaml", facts))
    return Part(
        name=name,
        purpose=raw["for"],
        externals=tuple(raw.get("externals", ())),
        users=raw.get("users", {}),
        programs=tuple(Program(n, **p) for n, p in raw.get("programs", {}).items()),
        ready=raw.get("ready", {}),
        manifests=fill(folder / "manifests.yaml", facts),
        images=tuple(raw.get("images", ())),
        folders=tuple(map(Path, raw.get("folders", ()))),
        crds=Crds(**raw["crds"]) if "crds" in raw else None,
    )


def _yaml(text: str) -> dict[str, Any]:
    loaded: dict[str, Any]
    [loaded] = documents(text)
    return loaded


def fill(file: Path, facts: Mapping[str, object]) -> str:
    """A file with its `$placeholders` filled."""
    return Template(file.read_text(encoding="utf-8")).substitute(facts)


def installed(place: Layout) -> list[str]:
    """The add-ons of this cluster; they come back when it is started again."""
    try:
        kept = json.loads(_record(place).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [name for name in kept if name in addons()]


def record(place: Layout, names: list[str]) -> None:
    """Remember which add-ons this cluster has."""
    _record(place).write_text(json.dumps(sorted(names)), encoding="utf-8")


def _record(place: Layout) -> Path:
    return place.data / "addons.json"
