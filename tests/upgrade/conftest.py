"""Fixtures: a copy of the charts that a test can change, as the tests of `carbon check` use."""

from tests.check.conftest import copy, original, root

__all__ = ["copy", "original", "root"]
