"""Check of the objects and addresses that Markdown names: charts render them."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from carbon.check.engine.cases import NAMESPACE
from carbon.check.engine.checkout import Checkout
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.sources.lines import count_line
from carbon.check.texts.code import Code, find_code, list_documents
from carbon.check.texts.objects import commands
from carbon.check.texts.objects.commands import Names, Problem, suggest
from carbon.check.texts.objects.kubectl import KINDS
from carbon.check.texts.objects.rendered import Rendered
from carbon.check.texts.shell import Word

OBJECTS = declare(
    "prose/objects",
    "Charts render every object that Markdown names; an address in Markdown has a port of its "
    "Service, or a port that the page forwards.",
    "Correct the name or the port, or write a name that the reader chooses in capitals.",
    house=True,
)
_CODE = r"`[^`\n]+`"
_SPACE = r"(?:[^\S\n]+|[^\S\n]*\n(?!\s*\n)\s*)"
_NAMED = re.compile(
    rf"\b([A-Z][A-Za-z]+?|[Pp]od|[Nn]amespace)s?{_SPACE}"
    rf"({_CODE}(?:(?:,|,?{_SPACE}(?:and|or)){_SPACE}{_CODE})*)"
)
"""A kind, and the names that follow it."""
_ADDRESS = re.compile(
    r"(?:://|(?<![\w.:/@-]))([a-z][a-z0-9-]*[a-z0-9])((?:\.[a-z0-9-]+)*):(\d{2,5})\b"
)
_LOCAL = "localhost"
_REFERENCE = re.compile(
    r"\b(?:name|\w*Secret|secretName|claimName): *[\"']?([a-z0-9]+(?:-[a-z0-9]+)+)\b"
)
"""A key of YAML that names an object, and a name of several words."""
_WORDS = 3
_LIKE = 0.5
"""An unknown name is taken for a misspelt one if a known name has at least this many words, and
if the share of the words that both have is at least this large."""


def check_objects(root: Path, rendered: Rendered) -> list[Finding]:
    """Check the commands, the objects and the addresses in every page of a checkout."""
    checkout, found = Checkout(root), []
    for page in list_documents(root):
        text = page.read_text("utf-8", errors="replace")
        file = checkout.format_path(page)
        chart = next((c.name for c in checkout.charts if page.is_relative_to(c.folder)), "")
        for rule, at, what in find_errors(text, rendered):
            line = count_line(text, at)
            found.append(make_finding(rule, what, file, line, chart=chart, case="objects"))
    return found


def find_errors(text: str, rendered: Rendered) -> Iterator[tuple[str, int, str]]:
    """Yield the rule, the position in the page and the message of each error in a page."""
    codes = find_code(text)
    names = commands.read_names(text, codes, rendered)
    for at, what in commands.find_errors(codes, names):
        yield commands.RULE, at, what
    for at, what in _find_unknown(text, codes, names, rendered):
        yield OBJECTS, at, what
    for at, what in _find_addresses(text, codes, rendered):
        yield OBJECTS, at, what
    for at, what in _find_references(codes, names, rendered):
        yield OBJECTS, at, what


def _find_references(codes: list[Code], names: Names, rendered: Rendered) -> Iterator[Problem]:
    """Yield each name in a block of YAML that no object has, and that is like an object's name."""
    known = rendered.list_all_names() | {name for _, name in names.created}
    for code in codes:
        for match in _REFERENCE.finditer(code.text) if code.is_block else ():
            words = match[1].split("-")
            like = [
                each
                for each in sorted(known if match[1] not in known else ())
                if len(own := each.split("-")) >= _WORDS
                and SequenceMatcher(None, words, own).ratio() >= _LIKE
            ]
            if like:
                write = " or ".join(like[:4])
                yield code.start + match.start(1), f"there is no object {match[1]}; write {write}"


def _find_unknown(
    text: str, codes: list[Code], names: Names, rendered: Rendered
) -> Iterator[Problem]:
    """Yield each unknown name after a kind, such as the CronJob `drill`."""
    inline = {code.start for code in codes if not code.is_block}
    for match in _NAMED.finditer(text):
        kind = match[1][0].upper() + match[1][1:]
        kind += "s" if f"{kind}s" in KINDS else ""  # Ingress
        for name in re.finditer(_CODE, match[2]):
            word = Word(name[0].strip("`"), match.start(2) + name.start() + 1)
            if word.at not in inline:
                continue
            if kind == "Namespace":
                yield from names.check_namespace(word)
            elif kind in rendered.by_kind or rendered.list_known(kind):
                yield from names.check_name(kind, word)


def _find_addresses(text: str, codes: list[Code], rendered: Rendered) -> Iterator[Problem]:
    """Yield each address of a Service, or of this machine, with a port that leads nowhere."""
    forwarded = commands.list_forwarded(codes)
    services = rendered.list_names("Service")
    for match in _ADDRESS.finditer(text):
        host, domain, port = match.groups()
        if host == _LOCAL and not domain:
            if forwarded and port not in forwarded:
                listed = ", ".join(sorted(forwarded))
                yield match.start(3), f"the page uses local port {port}, but forwards {listed}"
        elif domain.partition(".svc")[0] in ("", f".{NAMESPACE}"):
            if known := rendered.find("Service", host):
                ports = {str(each) for facts in known for each in facts.get("ports", ())}
                if ports and port not in ports:
                    listed = ", ".join(sorted(each for each in ports if each.isdigit()))
                    yield (
                        match.start(3),
                        f"Service/{host} has no port {port}; its ports are {listed}",
                    )
            elif match[0].startswith("://") and (write := suggest(host, services)):
                yield match.start(1), f"no chart renders Service/{host}{write}"
