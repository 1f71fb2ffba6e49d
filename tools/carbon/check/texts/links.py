"""Check of the links and paths in Markdown: the files and headings that they name exist."""

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_file
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.check.sources.lines import count_line
from carbon.check.texts.code import find_code, list_documents, list_pages
from carbon.check.texts.words import list_names

LINKS = declare(
    "prose/links",
    "Every relative link in Markdown leads to a file or folder, and to a heading of the page.",
    "Correct the path, or the part after `#`: the heading in lower case with `-` for each space.",
    house=True,
)
PATHS = declare(
    "prose/paths",
    "Every path in code of Markdown that begins with a folder of the checkout exists.",
    "Correct the path, or write the part that the reader chooses in capitals, such as NAME.",
    house=True,
)
_PATH = re.compile(r"(?<![\w./:@$~*-])(?:\./)?([\w.-]+(?:/[\w.*-]+)+)(?![\w/<{$…-])")
_CHOSEN = re.compile(r"(^|[/._-])[A-Z]{3,}([/._-]|$)")
_CODE = re.compile(
    r"^(```|~~~).*?^\1|(?<=\n\n)(?: {4}[^\n]*\n?)+|`[^`\n]*`|<!--.*?-->", re.S | re.M
)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_DEFINED = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)", re.M)
_HTML = re.compile(r"""<(?:a|img)\s[^>]*?\b(?:href|src)=["']([^"']+)""")
_EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)
_HEADING = re.compile(r"^ {0,3}#{1,6} +(.+?)(?: +#+)?$", re.M)
_ANCHOR = re.compile(r"""\b(?:id|name)=["']([^"']+)""")


def hash_inputs(root: Path) -> str:
    """Return the hash of all pages, and of the names of all files that a link can lead to."""
    pages = (part for path in list_pages(root) for part in (path, hash_file(path)))
    return combine([*list_names(root), *pages])


def check_links(root: Path) -> Result:
    """Check the links of every page of a checkout."""
    checkout, found = Checkout(root), []
    tops = {name.partition("/")[0] for name in list_names(root) if "/" in name}
    for page in list_pages(root):
        text = page.read_text("utf-8", errors="replace")
        chart = next((c.name for c in checkout.charts if page.is_relative_to(c.folder)), "")
        for at, target in find_links(text):
            if (what := find_error(root, page, target)) is not None:
                line = count_line(text, at)
                file = checkout.format_path(page)
                found.append(make_finding(LINKS, what, file, line, chart=chart, case="links"))
    for page in list_documents(root):
        text = page.read_text("utf-8", errors="replace")
        chart = next((c.name for c in checkout.charts if page.is_relative_to(c.folder)), "")
        folders = [root, page.parent, *(chart.folder for chart in checkout.charts)]
        for at, path in find_paths(text, tops):
            if not any(any(folder.glob(path)) for folder in folders):
                line, file = count_line(text, at), checkout.format_path(page)
                what = f"no file or folder matches {path}"
                found.append(make_finding(PATHS, what, file, line, chart=chart, case="links"))
    return Result(found)


def find_paths(text: str, tops: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield the position and each path in code that begins with one of some folders."""
    for code in find_code(text):
        for match in _PATH.finditer(code.text):
            path = match[1].rstrip(".")
            is_chosen = _CHOSEN.search(path) and "README" not in path
            if path.partition("/")[0] in tops and not is_chosen:
                yield code.start + match.start(1), path


def find_links(text: str) -> Iterator[tuple[int, str]]:
    """Yield the position and the target of each link outside of code, without external links."""
    prose = _CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)
    for pattern in (_LINK, _DEFINED, _HTML):
        for match in pattern.finditer(prose):
            if not _EXTERNAL.match(match[1]):
                yield match.start(1), match[1]


def find_error(root: Path, page: Path, target: str) -> str | None:
    """Return what is wrong with a link of a page; None if the link is correct."""
    name, _, anchor = unquote(target).partition("#")
    start = root if name.startswith("/") else page.parent
    file = (start / name.lstrip("/")).resolve() if name else page
    if not file.is_relative_to(root.resolve()):
        return f"the link {target} leaves the checkout"
    if not file.exists():
        return f"the link {target} leads to no file"
    if anchor and file.suffix == ".md" and anchor not in list_anchors(file):
        return f"the link {target} leads to no heading of {file.name}"
    return None


@cache
def list_anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page: those that GitHub gives to headings, and those in HTML."""
    text = page.read_text("utf-8", errors="replace")
    prose = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.S | re.M)
    found: dict[str, int] = {}
    anchors = set(_ANCHOR.findall(prose))
    for heading in _HEADING.findall(prose):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = found.setdefault(slug, 0)
        found[slug] += 1
        anchors.add(f"{slug}-{number}" if number else slug)
    return frozenset(anchors)
