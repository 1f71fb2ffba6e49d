"""Mistakes in single fields, of rendered objects and of values alike.

A mistake that values state is reported in the values file, once, whether a template uses the value
or not (`carbon.check.sources.stated_values`). The rules report only mistakes of templates.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from carbon.check.findings import KeyPath, Violation, declare
from carbon.check.render.objects import RenderedChart


@dataclass(frozen=True)
class Mistake:
    """A field with a value that Kubernetes refuses, or that is an obvious mistake."""

    rule: str
    path: KeyPath
    text: str
    """The value; where several values contradict each other, all of them."""
    what: str

    @property
    def name(self) -> str:
        """The named list item that has the field, if any, and the field: main: limits.memory."""
        named = [key.removeprefix("name=") for key in self.path if key.startswith("name=")]
        keys = [key for key in self.path[-2:] if not key.startswith("name=")]
        return ": ".join([*named[-1:], ".".join(keys)])


Find = Callable[[Any, str], Iterator[Mistake]]
"""Yields the mistakes in an object of a kind; with an empty kind, in values."""


def add_rule(name: str, about: str, remedy: str, find: Find, house: bool = False) -> None:
    """Register a rule that reports those mistakes from `find` that carry the rule's name."""
    declare(name, about, remedy, house, partial(_report, rule=name, find=find))


def _report(chart: RenderedChart, rule: str, find: Find) -> Iterator[Violation]:
    """Yield a violation of a rule for each mistake that the objects have and the values do not."""
    for obj in chart.objects:
        for mistake in find(obj.body, obj.kind):
            if mistake.rule == rule and mistake.text not in _list_stated(chart, rule, find):
                what = f"{obj.identity}: {mistake.name}: {mistake.what}"
                yield Violation(obj, mistake.path, what)


def _list_stated(chart: RenderedChart, rule: str, find: Find) -> set[str]:
    return {each.text for each in find(chart.values, "") if each.rule == rule}
