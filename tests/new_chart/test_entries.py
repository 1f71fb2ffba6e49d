"""Entries in maps, lists and tables, with all other lines unchanged."""

from pathlib import Path

import pytest

from carbon.errors import CarbonError
from carbon.scaffold.entries import Entry, insert, remove

YAML = """\
# A comment.
top:
  list:
    - name: one
      version: 1
  # About the map.
  map:
    first: {a: 1}
    last:
      text: >-
        more
        lines

# The next section.
next: {flow: {}}
"""
MARKDOWN = """\
## Notes

- One note
  of two lines.

## Tables

| name | content |
|---|---|
| a | b |

Text.
"""


@pytest.mark.parametrize(
    ("content", "under", "text", "before"),
    [
        (YAML, ["top", "list"], "    - name: two\n", "  # About the map.\n"),
        (YAML, ["top", "map"], "    more: 1\n", "\n# The next section.\n"),
        (YAML, ["top", "map", "last"], "      more: 1\n", "\n# The next section.\n"),
        (YAML, ["top"], "  more: 1\n", "\n# The next section.\n"),
        (YAML, [], "more: 1\n", ""),
        (MARKDOWN, "## Notes", "- Another note.\n", "\n## Tables\n"),
        (MARKDOWN, "| name |", "| c | d |\n", "\nText.\n"),
        (MARKDOWN, "## Tables", "More.\n", ""),
    ],
)
def test_an_entry_follows_the_last_item(
    content: str, under: list[str] | str, text: str, before: str
) -> None:
    changed = insert(content, Entry(Path("file"), under, text.lstrip()))
    assert text + before in changed
    assert changed.replace(text + before, before, 1) == content or changed == content + text


def test_an_entry_of_an_empty_section_is_added_and_removed() -> None:
    content = "## Unreleased\n\n## 0.2.0\n\n- A note.\n"
    entry = Entry(Path("file"), "## Unreleased", "- A chart.\n")
    added = insert(content, entry)
    assert added == "## Unreleased\n\n- A chart.\n\n## 0.2.0\n\n- A note.\n"
    assert remove(added, entry) == content


@pytest.mark.parametrize("under", [["no"], ["next"], ["next", "flow"], "## No", "| no |"])
def test_a_file_without_the_map_or_table_is_refused(under: list[str] | str) -> None:
    with pytest.raises(CarbonError, match=r"^file: "):
        insert(YAML, Entry(Path("file"), under, "more: 1\n"))
