"""Finds the template line that passes a value to a helper, or that sets a rendered variable."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from carbon.charts.discovery import Chart
from carbon.check.causes import callers, fields
from carbon.check.causes.marks import Occurrence
from carbon.check.causes.tracer import Tracer
from carbon.check.render.objects import RenderedObject
from carbon.check.sources.lines import find_in_template, find_template

Place = tuple[Path, int]


@dataclass(frozen=True)
class Field:
    """A field of an object, and the template line that renders the field or a map with it."""

    object: RenderedObject
    path: fields.Path
    key: str
    """The key on the line."""
    line: Occurrence


def find_argument(tracer: Tracer, field: Field, wrong: set[str]) -> Place:
    """Return the line that passes a field's value to the helper that renders it.

    If the rendered value is a variable, this is the line that sets the variable.

    The helper's line itself is returned if it reads no argument, or if all objects that it renders
    are `wrong` and come from several templates.
    """
    one, source = field.line, field.object.source
    texts = tracer.read_texts(source)
    template = find_template(tracer.copies.chart, source)
    at = callers.find_below(texts[one.file], one.line, str(field.path[-1]))
    is_passed = one.file != template and callers.is_computed(texts[one.file], at)
    if is_passed and not _is_shared(tracer, field, wrong):
        hit = tracer.find_quoted_key(source, field.object.workload, field.path)
        if hit is not None:
            return hit.file, hit.line
        call = callers.find_caller(texts, template, one.file, at, field.path)
        if call is not None:
            return template, call
    return one.file, callers.find_definition(texts[one.file], at) or at


def _is_shared(tracer: Tracer, field: Field, wrong: set[str]) -> bool:
    """Return whether all objects that a helper's line renders are wrong, in several templates."""
    place = field.line.file, field.line.line
    users = {
        user
        for user, found in tracer.mark(field.object.source, field.key).items()
        if any((each.file, each.line) == place for _, each in found)
    }
    sources = {tracer.copies.base[user].source for user in users & tracer.copies.base.keys()}
    return len(sources) > 1 and users <= wrong


def find_metadata(chart: Chart, obj: RenderedObject, path: Sequence[str]) -> Place | None:
    """Return the line of a template that passes the name, the namespace or labels of an object."""
    if path[:1] != ("metadata",) or len(path) == 1:
        return None
    template = find_template(chart, obj.source)
    line = find_in_template(template, ("metadata",), obj.kind)
    at = callers.find_metadata(template.read_text("utf-8"), line, path[1])
    return (template, at) if at else None
