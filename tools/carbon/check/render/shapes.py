"""Objects with a field of a type that their kind does not allow, for which a rule fails."""

from collections.abc import Iterator
from dataclasses import replace

from carbon.check.findings import Examine, Violation
from carbon.check.render.objects import RenderedChart, RenderedObject

ODD = (KeyError, TypeError, AttributeError, ValueError)
"""Errors of a rule that reads a field of another type."""
SHAPELESS = "has a field of a type that its kind does not allow"


def find_shapeless(examine: Examine, chart: RenderedChart, error: str) -> Iterator[Violation]:
    """Yield each object for which a rule ends with an error; `error` describes the first error.

    If the rule ends with an error only for several objects together, yield the first object.
    """
    alone = [obj for obj in chart.objects if _is_shapeless(examine, chart, obj)]
    for obj in alone or chart.objects[:1]:
        what = f"{obj.identity} {SHAPELESS}"
        yield Violation(obj, (), what if alone else f"{error}: this or another object {SHAPELESS}")


def _is_shapeless(examine: Examine, chart: RenderedChart, obj: RenderedObject) -> bool:
    try:
        list(examine(replace(chart, objects=(obj,))))
    except ODD:
        return True
    return False
