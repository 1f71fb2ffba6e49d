"""`carbon generate` fills blocks in files that are otherwise written by hand."""

import pytest

from carbon.charts.generate.blocks import fill_blocks
from carbon.errors import CarbonError

TEXT = """before
<!-- begin a: written by something -->
old
<!-- end a -->
<!-- begin ab -->
kept
<!-- end ab -->
"""


def test_only_the_named_block_changes() -> None:
    assert fill_blocks(TEXT, {"a": "new \\1\n"}) == TEXT.replace("old\n", "new \\1\n")


def test_filling_a_block_twice_gives_the_same_text() -> None:
    once = fill_blocks(TEXT, {"a": "new\n"})
    assert fill_blocks(once, {"a": "new\n"}) == once


def test_an_unknown_block_is_refused_with_its_name() -> None:
    with pytest.raises(CarbonError, match="no block b"):
        fill_blocks(TEXT, {"b": ""})
