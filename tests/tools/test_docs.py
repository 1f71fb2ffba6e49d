"""The documentation: the index lists every page, and every link leads to a file and a heading."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from carbon.home import ROOT

DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
READERS = ("Data scientists", "Platform engineers", "Contributors")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def links(text: str) -> Iterator[str]:
    """The targets of a page's relative links, without those in code."""
    prose = re.sub(r"^```.*?^```$|^ {4}.*$|`[^`\n]*`", "", text, flags=re.S | re.M)
    return (target for target in LINK.findall(prose) if "://" not in target)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> Iterator[str]:
    """The relative links of a page that lead to no file, or to no heading of a page."""
    for target in links(page.read_text("utf-8")):
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            yield target


def sections() -> dict[str, set[Path]]:
    """The pages that the index links, by the heading above the link."""
    _, *parts = re.split(r"^## (.+)$", INDEX.read_text("utf-8"), flags=re.M)
    return {
        reader: {(DOCS / target.partition("#")[0]).resolve() for target in links(text)}
        for reader, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_the_index_sorts_pages_by_their_readers() -> None:
    assert tuple(sections()) == READERS


def test_the_index_links_every_page() -> None:
    linked = set().union(*sections().values())
    missing = [page for page in PAGES if page.parent != ROOT and page not in {*linked, INDEX}]
    assert [str(page.relative_to(DOCS)) for page in missing] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert list(broken(page)) == []


@pytest.mark.parametrize("target", ["missing.md", "README.md#no-such-heading"])
def test_a_broken_link_is_found(tmp_path: Path, target: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"[a]({target}) and `[code](nowhere.md)`\n", "utf-8")
    (tmp_path / "README.md").write_text("# A heading\n", "utf-8")
    assert list(broken(page)) == [target]


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_first_sentence_names_the_readers(page: Path) -> None:
    lines = [line for line in page.read_text("utf-8").splitlines() if line]
    text = " ".join(line for line in lines if not line.startswith(("#", "<!--")))
    first = re.split(r"(?<=\w)\. ", text)[0].lower()
    assert page == INDEX or any(reader.lower() in first for reader in READERS), first
