"""The text of templates: the functions that they call and the values that they read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from carbon.charts.discovery import Chart
from carbon.check.engine.digests import list_files
from carbon.check.sources.lines import count_line

FORBIDDEN = re.compile(
    r"(?<![.$\w-])(lookup|rand\w+|shuffle|now|date\w*|ago|unixEpoch|uuidv4|genCA\w*|genSigned\w*|"
    r"genSelfSigned\w*|genPrivateKey|derivePassword|bcrypt|htpasswd|encryptAES|getHostByName|env|"
    r"expandenv)(?![\w-])"
)
"""Functions whose result depends on the cluster, the time or a random number."""
STATE = re.compile(r"\.Release\.(IsInstall|IsUpgrade|Revision)\b")
"""Fields that do not change under Argo CD, which renders with `helm template`."""
ACTION = re.compile(r"\{\{-?(.*?)-?\}\}", re.S)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|/\*.*?\*/', re.S)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
DEFINE = re.compile(r'\{\{-?\s*define\s+"([^"]+)"')
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`')
READ = re.compile(r"\.Values((?:\.\w+)*)")
INDEX = re.compile(r'index\s+(?:\$|\.|\$?\.?ctx|\.ctx)?\.?Values((?:\.\w+)*)((?:\s+"[^"]+")+)')
TEXT_IN_INDEX = re.compile(r'"([^"]+)"')
PASSED = re.compile(r"[.$]values((?:\.\w+)+)")
SUFFIXES = {".yaml", ".yml", ".tpl", ".txt", ".json"}


@dataclass(frozen=True)
class Action:
    """One `{{ … }}` of a template."""

    path: Path
    line: int
    text: str
    define: str
    """The named template that contains the action; empty outside of named templates."""


def list_templates(chart: Chart) -> list[Path]:
    """Return the template files of a chart, without the templates of its dependencies."""
    found = list_files(chart.folder / "templates")
    return [path for path in found if path.suffix in SUFFIXES]


def read_actions(path: Path) -> Iterator[Action]:
    """Yield all actions of a template without comments."""
    text = path.read_text("utf-8", errors="replace")
    define = ""
    depth = 0
    for found in ACTION.finditer(text):
        inner = COMMENT.sub("", found[1]).strip()
        opened = DEFINE.match(found[0])
        if opened:
            define, depth = opened[1], 0
        line = count_line(text, found.start())
        if inner:
            yield Action(path, line, inner, define)
        if re.match(r"(if|with|range|define|block)\b", inner):
            depth += 1
        if inner == "end":
            depth -= 1
            define = define if depth > 0 else ""


def strip_quotes(action: str) -> str:
    """Return an action without its quoted texts."""
    return QUOTED.sub('""', action)


def find_forbidden(template: str) -> list[str]:
    """Return the functions of FORBIDDEN that a template calls."""
    inner = (QUOTED.sub("", action) for action in ACTION.findall(template))
    return [name for action in inner for name in FORBIDDEN.findall(action)]


def find_quoted(action: str) -> Iterator[str]:
    """Return the quoted texts of an action."""
    return (one or other for one, other in TEXT.findall(action))


def find_reads(action: str) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the values that an action reads from the root."""
    for found in INDEX.finditer(action):
        yield (*_split(found[1]), *TEXT_IN_INDEX.findall(found[2]))
    for found in READ.finditer(strip_quotes(action)):
        if found[1]:
            yield _split(found[1])


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(key for key in dotted.split(".") if key)
