"""The files in the mounts of a container, as far as rendered objects and values show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from carbon.charts.render import Object
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.trees import iterate_maps

Files = dict[str, str | None]
"""The text of each file by its path below a mount; None if the text is not known."""
FILES = ("configMap", "secret", "projected")
"""The volumes whose files have a mode."""
CERTIFICATE = ("ca.crt", "tls.crt", "tls.key")
"""The keys of a Secret that cert-manager creates."""


@dataclass(frozen=True)
class Mount:
    """A volume in the file system of a container."""

    path: str
    source: str
    """What is mounted, such as ConfigMap/web; the volume if that is unknown."""
    files: Files | None
    """The files of a ConfigMap or Secret; None if the volume can hold any files."""
    volume: str = ""
    """The name of the volume."""
    selected: bool = False
    """True if the volume names its files in `items`."""
    mode: int = 0o644
    """The mode of the files of a ConfigMap or Secret that have none of their own."""
    modes: Mapping[str, int] = field(default_factory=dict)
    """The modes of single files, by their path below the mount."""

    def resolve(self, path: str) -> str | None:
        """Return `path` relative to the mount: `.` for the mount itself, None if it is outside."""
        if path == self.path:
            return "."
        return path[len(self.path) + 1 :] if path.startswith(f"{self.path}/") else None

    def has(self, path: str) -> bool:
        """Return whether a path of the mount is a file, a folder, or a pattern that matches one."""
        name = self.resolve(path)
        if self.files is None or name == ".":
            return True
        folders = {str(folder) for file in self.files for folder in PurePosixPath(file).parents}
        return any(fnmatchcase(each, str(name)) for each in {*self.files, *folders})

    def find_mode(self, path: str) -> int:
        """Return the mode of a file."""
        return self.modes.get(str(self.resolve(path)), self.mode)


def find_mount(mounts: list[Mount], path: str) -> Mount | None:
    """Return the innermost mount that contains a path."""
    around = [mount for mount in mounts if mount.resolve(path) is not None]
    return max(around, key=lambda mount: len(mount.path), default=None)


class Sources:
    """The files of all ConfigMaps and Secrets that a chart renders or names in its values."""

    def __init__(self, chart: RenderedChart) -> None:
        self._maps = {obj.name: _read_data(obj) for obj in chart.of_kind("ConfigMap")}
        self._secrets: dict[str, Files] = {}
        for name, keys in _find_secrets(chart):
            self._secrets.setdefault(name, {}).update(dict.fromkeys(keys))

    def list_mounts(self, pod: Object, container: Object) -> list[Mount]:
        """Return the mounts of a container."""
        volumes = {v.get("name"): v for v in pod["spec"].get("volumes") or []}
        found = []
        for each in container.get("volumeMounts") or []:
            volume = volumes.get(each.get("name")) or {}
            source, files = self._read_volume(volume)
            path = str(PurePosixPath(str(each.get("mountPath"))))
            modes = _read_modes(volume)
            if part := each.get("subPath"):
                modes = {".": modes[part]} if part in modes else {}
                files = None if files is None else {".": files[part]} if part in files else {}
            name = str(each.get("name"))
            given = next((v for key in FILES if isinstance(v := volume.get(key), dict)), {})
            mode = given.get("defaultMode", Mount.mode)
            source = source or f"volume {name}"
            found.append(Mount(path, source, files, name, bool(given.get("items")), mode, modes))
        return found

    def _read_volume(self, volume: Mapping[str, Any]) -> tuple[str, Files | None]:
        """Return the source and the files of a volume."""
        if isinstance(projected := volume.get("projected"), dict):
            parts = [self._read_volume(part) for part in projected.get("sources") or []]
            known = [files for _, files in parts if files is not None]
            whole = {name: text for files in known for name, text in files.items()}
            names = ", ".join(filter(None, (source for source, _ in parts)))
            return names, whole if len(known) == len(parts) else None
        if isinstance(token := volume.get("serviceAccountToken"), dict):
            return "", {str(token.get("path")): None}
        if isinstance(fields := volume.get("downwardAPI"), dict):
            return "", {str(item.get("path")): None for item in fields.get("items") or []}
        if isinstance(given := volume.get("configMap"), dict):
            name = str(given.get("name"))
            return f"ConfigMap/{name}", _select(given, self._maps.get(name))
        if isinstance(given := volume.get("secret"), dict):
            name = str(given.get("secretName") or given.get("name"))
            return f"Secret/{name}", _select(given, self._secrets.get(name))
        return "", None


def _select(volume: Mapping[str, Any], files: Files | None) -> Files | None:
    """Return the files that a volume takes from a ConfigMap or Secret: all, or its `items`."""
    items = volume.get("items")
    if not items:
        return files
    return {str(item.get("path")): (files or {}).get(str(item.get("key"))) for item in items}


def _read_modes(volume: Mapping[str, Any]) -> dict[str, int]:
    """Return the modes that the `items` of a volume set, by the path of the file."""
    items = [item for each in iterate_maps(volume) for item in each.get("items") or []]
    return {str(item.get("path")): item["mode"] for item in items if "mode" in item}


def _read_data(obj: RenderedObject) -> Files:
    binary = dict.fromkeys(obj.body.get("binaryData") or {})
    return binary | {str(k): str(v or "") for k, v in (obj.body.get("data") or {}).items()}


def _find_secrets(chart: RenderedChart) -> Iterator[tuple[str, list[str]]]:
    """Yield name and keys of every Secret that an object creates or the values name."""
    for obj in chart.objects:
        if obj.kind == "Secret":
            yield obj.name, [*(obj.body.get("data") or {}), *(obj.body.get("stringData") or {})]
        elif obj.kind == "ExternalSecret":
            name = (obj.spec.get("target") or {}).get("name") or obj.name
            yield name, [str(each.get("secretKey")) for each in obj.spec.get("data") or []]
        elif obj.kind == "Certificate":
            yield str(obj.spec.get("secretName")), list(CERTIFICATE)
    yield from _find_named(chart.values)


def _find_named(node: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield every `{name, keys: {…}}` in values."""
    for each in iterate_maps(node):
        if isinstance(each.get("keys"), dict) and isinstance(each.get("name"), str):
            yield each["name"], [str(key) for key in each["keys"].values()]
