"""The requests of a Python script to the API server, as verbs and resources of RBAC."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from carbon.check.rules.access.expressions import UNKNOWN, Expressions

MODULE = "apiserver"
"""The Python module from common.apiserverModule with which scripts call the API server."""
FUNCTIONS = ("call", "changes", "send")
VERBS = {"POST": "create", "PATCH": "patch", "PUT": "update"}
"""The verb of RBAC for a method of HTTP; that of GET and DELETE depends on the path."""


@dataclass(frozen=True)
class Request:
    """A request to the API server."""

    verbs: tuple[str, ...]
    """The verbs of which a role must allow one."""
    group: str
    resource: str
    """The resource, with a subresource such as deployments/scale; UNKNOWN if not known."""
    is_named: bool
    """True if the path names one object."""
    words: str
    """The first line of the call in the script."""


@lru_cache(256)
def list_requests(script: str) -> tuple[Request, ...]:
    """Return the requests of a script; none if it does not import the module, or is not Python."""
    try:
        tree = ast.parse(script)
    except SyntaxError:
        return ()
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == MODULE
        for alias in node.names
        if alias.name in FUNCTIONS
    }
    expressions = Expressions(tree)
    found: dict[Request, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in imported and node.args:
            found |= dict.fromkeys(_read_call(node, expressions, script))
    return tuple(found)


def _read_call(node: ast.Call, expressions: Expressions, script: str) -> Iterator[Request]:
    watches = getattr(node.func, "id", "") == "changes"
    if not watches and len(node.args) < 2:
        return
    methods = ["WATCH"] if watches else sorted(expressions.find_texts(node.args[0]))
    words = (ast.get_source_segment(script, node) or "").partition("\n")[0]
    for method in methods:
        for path in sorted(expressions.find_texts(node.args[0 if watches else 1])):
            yield _read_path(method, path, words)


def _read_path(method: str, path: str, words: str) -> Request:
    """Return the request of a path: /api/v1/namespaces/*/pods/*, or /apis/apps/v1/..."""
    path, _, query = path.partition("?")
    root, *parts = path.strip("/").split("/")
    group = "" if root == "api" else UNKNOWN
    if root == "apis" and parts:
        group, *parts = parts
    rest = parts[1:]
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        rest = rest[2:]
    resource = "/".join([*rest[:1], *rest[2:3]])
    named = len(rest) > 1
    if UNKNOWN in group + resource or not resource:
        group = resource = UNKNOWN
    is_list = resource != UNKNOWN and not named
    watches = method == "WATCH" or "watch=true" in query
    if method == "GET" and not watches:
        verbs: tuple[str, ...] = ("list",) if is_list else ("get",) if named else ("get", "list")
    elif method == "DELETE":
        verbs = ("deletecollection",) if is_list else ("delete",)
        verbs = verbs if resource != UNKNOWN else ("delete", "deletecollection")
    else:
        verbs = ("watch",) if watches else (VERBS.get(method, UNKNOWN),)
    return Request(verbs, group, resource, named, words)
