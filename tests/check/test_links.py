"""Links in Markdown lead to files and headings."""

from pathlib import Path

import pytest

from carbon.check.texts.links import LINKS, PATHS, check_links


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one page to link to."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(
        '# A `heading`, twice\n\n## Twice\n\n## Twice\n\n<a id="own"></a>\n'
    )
    return tmp_path


def find_wrong_lines(checkout: Path, link: str) -> list[int]:
    """Return the line of each finding about a page with a link in line 4."""
    (checkout / "README.md").write_text(f"# Title\n\nText.\n{link}\n")
    findings = check_links(checkout).findings
    assert {(finding.rule, finding.file) for finding in findings} <= {(LINKS, "README.md")}
    return [finding.line for finding in findings]


@pytest.mark.parametrize(
    "link",
    [
        "[a](missing.md)",
        "[a](docs/page.md#nothing)",
        "[a](#nothing)",
        "[![image](docs/page.md)](missing.md)",
        "[a](../outside.md)",
        "[a]: missing.md",
        '<a href="missing.md">a</a>',
        '[a](missing.md "A title")',
    ],
)
def test_reports_a_link_to_a_missing_file_or_heading(checkout: Path, link: str) -> None:
    assert find_wrong_lines(checkout, link) == [4]


@pytest.mark.parametrize(
    "link",
    [
        "[a](docs/page.md)",
        "[a](docs)",
        "[a](/docs/page.md#twice-1)",
        "[a](docs/page.md#a-heading-twice)",
        "[a](docs/page.md#own)",
        "[a](#title)",
        "[a](https://example.com/missing.md)",
        "[a](mailto:a@example.com)",
        "`[a](missing.md)`",
        "```\n[a](missing.md)\n```",
        "\n    [a](missing.md)",
    ],
)
def test_accepts_a_correct_link_and_links_in_code(checkout: Path, link: str) -> None:
    assert find_wrong_lines(checkout, link) == []


def test_reports_a_link_below_indented_code(checkout: Path) -> None:
    text = "# Title\n\n    [a](missing.md)\n\n[b](missing.md)\n"
    (checkout / "README.md").write_text(text)
    (finding,) = check_links(checkout).findings
    assert finding.line == 5


@pytest.mark.parametrize("text", ["`docs/{}`", "    cat docs/{}", "```\ntool --file=docs/{}\n```"])
def test_reports_a_missing_path_in_code(checkout: Path, text: str) -> None:
    (checkout / "README.md").write_text(f"# Title\n\n{text.format('pages.md')}\n")
    (finding,) = check_links(checkout).findings
    assert (finding.rule, finding.line) == (PATHS, 4 if "```" in text else 3)
    assert finding.what == "no file or folder matches docs/pages.md"


@pytest.mark.parametrize(
    "path",
    [
        "docs/page.md",
        "./docs/page.md",
        "docs/*.md",
        "docs/NAME.md",
        "docs/<name>/page.md",
        "docs/$NAME/page.md",
        "other/page.md",
        "example.com/docs/page.md",
        "~/docs/other.md",
        "/docs/other.md",
    ],
)
def test_accepts_existing_paths_placeholders_and_other_folders_in_code(
    checkout: Path, path: str
) -> None:
    (checkout / "README.md").write_text(f"`{path}`\n\n    cat {path}\n\nIn prose: docs/none.md\n")
    assert check_links(checkout).findings == []
