"""Variables that scripts use: the container, or the script itself, sets them."""

import ast
import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.volumes.places import Place, list_places
from carbon.check.rules.volumes.reading import Text, list_texts, parse, strip_comments

OF_SHELLS = {
    *("BASHPID", "BASH_SOURCE", "BASH_VERSION", "EUID", "FUNCNAME", "HOME", "HOSTNAME", "IFS"),
    *("LANG", "LINENO", "NF", "NR", "OLDPWD", "OPTARG", "OPTIND", "OSTYPE", "PATH", "PIPESTATUS"),
    *("PPID", "PWD", "RANDOM", "REPLY", "SECONDS", "SHELL", "TERM", "TMPDIR", "UID"),
    "USER",
}
"""Variables of shells, images and awk."""
_OF_SERVICES = re.compile(r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\w+)?)")
_USED = re.compile(r"\$(?:\{([A-Z][A-Z0-9_]*)(:?[-+=])?|([A-Z][A-Z0-9_]*))")
_OF_PSQL = re.compile(r"^\\getenv\s+\w+\s+(\w+)", re.M)
_SET = re.compile(
    r"(?<![\w$])([A-Z][A-Z0-9_]*)\+?=|\bfor ([A-Z][A-Z0-9_]*) in\b"
    r"|\bread (?:-\w+ )*((?:[A-Z][A-Z0-9_]* ?)+)|\bmapfile (?:-\w+ )*([A-Z][A-Z0-9_]*)"
)
_TESTED = re.compile(r"(?:-[nzv] \"?|\[\[ )\$?\{?([A-Z][A-Z0-9_]*)")


@rule("variables/set", "Set the variable in `env`, or correct its name.", house=True)
def check_set(chart: RenderedChart) -> Iterator[Violation]:
    """The container sets every variable that its shell scripts use, unless they have a default."""
    for place in list_places(chart):
        if place.container.body.get("envFrom"):
            continue
        texts = [Text(("command",), file, text) for file, text in place.scripts.items()]
        texts = [text for text in texts if text.name.endswith((".sh", ".sql", ".py"))]
        texts += _find_inline(place)
        entries = {str(entry.get("name")) for entry in place.container.body.get("env") or []}
        unset = {name: text for text in texts for name in list_used(text.name, text.text)}
        known = (
            entries
            | OF_SHELLS
            | {name for text in texts for name in list_set(text.name, text.text)}
        )
        for name, text in unset.items():
            if name in known or _OF_SERVICES.fullmatch(name):
                continue
            unused = [each for each in entries if each not in place.words]
            alike = get_close_matches(name, unused, 1, 0.8)
            # Some functions of a Python module read variables that other containers have.
            if alike or not text.name.endswith(".py"):
                more = f"; {alike[0]} is set" if alike else ""
                what = f": {text.name} uses {name}, which is not set{more}"
                yield place.report(what, at=text, word=name)


def _find_inline(place: Place) -> Iterator[Text]:
    """Yield the script that a command passes to a shell."""
    texts = [text for text in list_texts(place.container.body) if text.is_command]
    for before, text in pairwise(texts):
        if re.fullmatch(r"-\w*c", before.text):
            yield text


@lru_cache(512)
def list_used(file: str, script: str) -> frozenset[str]:
    """Return the variables that a script uses without a default, and without a test."""
    if file.endswith(".py"):
        return _list_environ(script, ast.Load)
    script = strip_comments(file, script)
    if file.endswith(".sql"):
        return frozenset(_OF_PSQL.findall(script))
    found = {plain or braced for braced, default, plain in _USED.findall(script) if not default}
    optional = {braced for braced, default, _ in _USED.findall(script) if default}
    return frozenset(found - optional - set(_TESTED.findall(script)))


@lru_cache(512)
def list_set(file: str, script: str) -> frozenset[str]:
    """Return the variables that a script sets."""
    if file.endswith(".py"):
        return _list_environ(script, ast.Store)
    groups = _SET.findall(script)
    return frozenset(name for names in groups for each in names for name in each.split())


def _list_environ(script: str, context: type[ast.expr_context]) -> frozenset[str]:
    """Return the names in os.environ["NAME"] of a Python script that are read or set."""
    return frozenset(
        node.slice.value
        for node in parse(script)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, context)
        and getattr(node.value, "attr", "") == "environ"
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    )
