"""The paths that a container reads: in its command, its environment, and the scripts it runs."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from carbon.charts.render import Object
from carbon.check.findings import KeyPath
from carbon.check.rules.volumes.mounts import Mount, find_mount

_PATH = re.compile(r"(?<![\w$})\]/.*?>%\\-])/[\w.*-]+(?:/[\w.*-]+)*")
"""An absolute path that is not the end of a URL, a pattern, or the target of a redirection."""
_BESIDE = re.compile(r"(?:\$\{0%/\*\}|\$\(dirname \"?\$0\"?\))/([\w.-]+)")
"""A file beside the shell script that is running."""
_TESTED = re.compile(r"-[defrsx] [\"']?$")
"""What stands before a path in a test of the shell whether the path exists."""
_COMMENTS = ("#", "//", "--")
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


@dataclass(frozen=True)
class Text:
    """A text in a field of a container, or in a script that the field names."""

    keys: KeyPath
    """The path of the field in the container."""
    name: str
    """The field, such as command, the name of the variable, or the path of the script."""
    text: str

    @property
    def is_command(self) -> bool:
        """True if the text is a word of a command."""
        return self.name in self.keys


@dataclass(frozen=True)
class Read:
    """A path that a container reads, and the text that names the path."""

    path: str
    source: Text


def list_texts(container: Object) -> Iterator[Text]:
    """Yield the text of each field of a container that can name a path."""
    for key in ("command", "args"):
        for at, word in enumerate(container.get(key) or []):
            yield Text((key, str(at)), key, str(word))
    for variable in container.get("env") or []:
        if isinstance(variable.get("value"), str):
            name = str(variable.get("name"))
            yield Text(("env", f"name={name}", "value"), name, variable["value"])
    hooks = container.get("lifecycle") or {}
    handlers: list[tuple[KeyPath, Any]] = [((key,), container.get(key)) for key in PROBES]
    handlers += [(("lifecycle", key), hook) for key, hook in hooks.items()]
    for keys, handler in handlers:
        for at, word in enumerate(((handler or {}).get("exec") or {}).get("command") or []):
            yield Text((*keys, "exec", "command", str(at)), keys[-1], str(word))


def list_reads(container: Object, mounts: list[Mount]) -> Iterator[Read]:
    """Yield every path that a container reads, also in the scripts and settings that it reads."""
    ahead = [Read(path, text) for text in list_texts(container) for path in _find(text.text)]
    opened: set[str] = set()
    while ahead:
        read = ahead.pop()
        yield read
        mount = find_mount(mounts, read.path)
        for file, text in _open(mount, read.path) if mount else ():
            if file not in opened:
                opened.add(file)
                script = Text(read.source.keys, file, text)
                ahead += [Read(path, script) for path in _find_in_file(file, text, mounts)]


def list_scripts(reads: Iterable[Read], mounts: list[Mount]) -> dict[str, str]:
    """Return the text of every mounted script and file of settings among some reads, by path."""
    found: dict[str, str] = {}
    for read in reads:
        mount = find_mount(mounts, read.path)
        found |= dict(_open(mount, read.path)) if mount else {}
    return found


def _open(mount: Mount, path: str) -> list[tuple[str, str]]:
    """Return path and text of the file at a path; of all files if the path is the mount."""
    name, files = mount.resolve(path), mount.files or {}
    chosen = [name] if name in files else list(files) if name == "." else []
    return [(f"{mount.path}/{each}", text) for each in chosen if (text := files[each]) is not None]


@lru_cache(1024)
def _find(text: str, pattern: re.Pattern[str] = _PATH) -> tuple[str, ...]:
    """Return the absolute paths in a text, without those whose existence a shell script tests."""
    matches = list(pattern.finditer(text))
    tested = {m[m.lastindex or 0] for m in matches if _TESTED.search(text[: m.start()][-5:])}
    names = (match[match.lastindex or 0] for match in matches)
    return tuple(dict.fromkeys(name.rstrip(".-") for name in names if name not in tested))


def _find_in_file(file: str, text: str, mounts: list[Mount]) -> Iterator[str]:
    """Yield the paths that a script or a file of settings names."""
    yield from _find(strip_comments(file, text))
    folder = file.rpartition("/")[0]
    yield from (f"{folder}/{name}" for name in _find(text, _BESIDE))
    for module in list_imports(text) if file.endswith(".py") else ():
        path = f"{folder}/{module}.py"
        mount = find_mount(mounts, path)
        if mount and mount.resolve(path) in (mount.files or {}):
            yield path


def strip_comments(file: str, text: str) -> str:
    """Return a script without its comments; of a Python script, the texts that it contains."""
    if not file.endswith(".py"):
        lines = text.splitlines()
        return "\n".join(line for line in lines if not line.lstrip().startswith(_COMMENTS))
    constants = (node for node in parse(text) if isinstance(node, ast.Constant))
    return "\n".join(node.value for node in constants if isinstance(node.value, str))


@lru_cache(256)
def list_imports(script: str) -> frozenset[str]:
    """Return the modules that a Python script imports, without those below a package."""
    names = set()
    for node in parse(script):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return frozenset(names)


@lru_cache(256)
def parse(script: str) -> tuple[ast.AST, ...]:
    """Return the nodes of a Python script without its docstrings; none if it is not Python."""
    try:
        nodes = list(ast.walk(ast.parse(script)))
    except SyntaxError:
        return ()
    documented = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    bodies = [node.body for node in nodes if isinstance(node, documented)]
    firsts = [body[0].value for body in bodies if body and isinstance(body[0], ast.Expr)]
    return tuple(node for node in nodes if not any(node is first for first in firsts))
