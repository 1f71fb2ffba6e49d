"""Generated parts of files that are else written by hand."""

import pytest

from carbon.charts.blocks import filled
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
    assert filled(TEXT, {"a": "new \\1\n"}) == TEXT.replace("old\n", "new \\1\n")


def test_filling_again_changes_nothing() -> None:
    once = filled(TEXT, {"a": "new\n"})
    assert filled(once, {"a": "new\n"}) == once


def test_a_block_that_is_not_there_is_named() -> None:
    with pytest.raises(CarbonError, match="no block b"):
        filled(TEXT, {"b": ""})
