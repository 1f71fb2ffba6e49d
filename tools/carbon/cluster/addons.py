"""Reads add-ons: programs and Kubernetes objects for the node. Each add-on is a folder.

`addon.yaml` names the external programs to build, the users that call the API server, the
programs that run on the node and the objects to wait for. `manifests.yaml` is applied to the API
server, after the CRDs and before the objects of charts, which are in the Go module of an external
program. `etc` has files that the programs read. The add-on `core` is the node itself; its folder
is `files/` here. The folders of other add-ons are in `tools/addons/`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from typing import Any

from carbon import externals
from carbon.cluster.layout import Layout
from carbon.errors import CarbonError
from carbon.externals import golang
from carbon.externals.table import FOLDER
from carbon.files import parse_documents
from carbon.home import ROOT
from carbon.process import run

CORE = Path(__file__).parent / "files"
ADDONS = ROOT / "tools" / "addons"


@dataclass(frozen=True)
class NodeProgram:
    """An external program that runs on the node under supervisord."""

    name: str
    flags: Mapping[str, object]
    needs: Sequence[str] = ()
    """Names of the programs that this program waits for."""
    health: str = ""
    """URL, or `unix:` and the path of a socket, that answers when the program is ready.

    Empty: the program is ready when it runs.
    """
    verb: str = ""
    """Subcommand of the program: the argument before the flags, such as start."""
    arguments: tuple[str, ...] = ()
    """The arguments after the flags."""
    environment: Mapping[str, str] = field(default_factory=dict)
    program: str = ""
    """The external program, if it has another name."""
    runs: Sequence[str] = ()
    """External programs that this program runs."""


@dataclass(frozen=True)
class Crds:
    """CRDs in the Go module of an external program."""

    external: str
    module: str
    folder: str

    def read(self) -> str:
        """Return the CRDs as YAML documents; download the module if it is missing.

        Raises:
            CarbonError: the module can't be downloaded.
        """
        return "\n---\n".join(file.read_text("utf-8") for file in self._list_files())

    def list_names(self) -> list[str]:
        """Return the names of the CRDs, such as `schedules.velero.io`."""
        return [crd["metadata"]["name"] for crd in parse_documents(self.read()) if crd]

    def _list_files(self) -> list[Path]:
        folder = golang.download_module(FOLDER / self.external, self.module) / self.folder
        files = sorted(folder.rglob("*.yaml"))
        return [file for file in files if "kind: CustomResourceDefinition" in file.read_text()]


@dataclass(frozen=True)
class Charts:
    """Helm charts in the Go module of an external program."""

    external: str
    module: str
    namespace: str
    releases: Mapping[str, Mapping[str, Any]]
    """Name of a release -> `chart`, the chart's folder in the module, and its `values`."""

    def render(self) -> str:
        """Return the objects of all releases as YAML documents.

        Raises:
            CarbonError: the module can't be downloaded, or Helm refuses the values.
        """
        module = golang.download_module(FOLDER / self.external, self.module)
        helm = externals.ensure_program("helm")
        documents = []
        for name, release in self.releases.items():
            command = [helm, "template", name, module / release["chart"], "--values", "-"]
            command += ["--namespace", self.namespace]
            documents.append(run(command, stdin=json.dumps(release.get("values", {}))))
        return "\n---\n".join(documents)


@dataclass(frozen=True)
class Addon:
    """An add-on, with the settings in addon.yaml of its folder."""

    name: str
    purpose: str
    externals: tuple[str, ...]
    users: Mapping[str, str]
    """Name of a kubeconfig that the programs need -> the user in it."""
    programs: tuple[NodeProgram, ...]
    ready: Mapping[str, str]
    """Object, as KIND/NAME or NAMESPACE/KIND/NAME -> the condition for `kubectl wait --for`."""
    manifests: str
    images: tuple[str, ...] = ()
    debian: tuple[str, ...] = ()
    """Packages of Debian that the programs run."""
    undo: tuple[str, ...] = ()
    """Commands that undo on the node what the programs leave there when they end."""
    folders: tuple[Path, ...] = ()
    """Folders of the programs, below the cluster's data."""
    crds: Crds | None = None
    charts: Charts | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    """Path of a configuration file, relative to the cluster's folder for them -> its text."""

    def read_objects(self) -> str:
        """Return the objects of the manifests and of the charts as YAML documents.

        Raises:
            CarbonError: the module of the charts can't be downloaded, or Helm refuses the values.
        """
        return "\n---\n".join([self.manifests, *([self.charts.render()] if self.charts else [])])


def read_core(placeholders: Mapping[str, object]) -> Addon:
    """Return the add-on `core`, the node itself, with its `$placeholders` filled."""
    return _read("core", CORE, placeholders)


def read_addon(name: str, placeholders: Mapping[str, object]) -> Addon:
    """Return an add-on with its `$placeholders` filled.

    Raises:
        CarbonError: no add-on has that name.
    """
    if name not in list_addons():
        raise CarbonError(f"unknown add-on: {name}", f"Choose one of: {', '.join(list_addons())}.")
    files = (ADDONS / name / "etc").glob("*")
    texts = {f"{name}/{file.name}": fill(file, placeholders) for file in files}
    return replace(_read(name, ADDONS / name, placeholders), files=texts)


def list_addons() -> list[str]:
    """Return the names of all add-ons except `core`."""
    return sorted(path.parent.name for path in ADDONS.glob("*/addon.yaml"))


def read_purpose(name: str) -> str:
    """Return the purpose of an add-on on one line."""
    text = (ADDONS / name / "addon.yaml").read_text(encoding="utf-8")
    return str(_parse(text)["for"])


def _read(name: str, folder: Path, placeholders: Mapping[str, object]) -> Addon:
    raw = _parse(fill(folder / "addon.yaml", placeholders))
    return Addon(
        name=name,
        purpose=raw["for"],
        externals=tuple(raw.get("externals", ())),
        users=raw.get("users", {}),
        programs=tuple(NodeProgram(n, **p) for n, p in raw.get("programs", {}).items()),
        ready=raw.get("ready", {}),
        manifests=fill(folder / "manifests.yaml", placeholders),
        images=tuple(raw.get("images", ())),
        debian=tuple(raw.get("debian", ())),
        undo=tuple(raw.get("undo", ())),
        folders=tuple(map(Path, raw.get("folders", ()))),
        crds=Crds(**raw["crds"]) if "crds" in raw else None,
        charts=Charts(**raw["charts"]) if "charts" in raw else None,
    )


def _parse(text: str) -> dict[str, Any]:
    content: dict[str, Any]
    [content] = parse_documents(text)
    return content


def fill(file: Path, placeholders: Mapping[str, object]) -> str:
    """Return the text of a file with each `$placeholder` replaced by its value."""
    return Template(file.read_text(encoding="utf-8")).substitute(placeholders)


def read_installed(place: Layout) -> list[str]:
    """Return the names of the installed add-ons, which a restarted node also runs."""
    try:
        names = json.loads(_get_record(place).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [name for name in names if name in list_addons()]


def write_installed(place: Layout, names: list[str]) -> None:
    """Record the names of the installed add-ons."""
    _get_record(place).write_text(json.dumps(sorted(names)), encoding="utf-8")


def _get_record(place: Layout) -> Path:
    return place.data / "addons.json"
