"""A YAML loader with the results of PyYAML's own loader, several times faster.

A check parses renders again and again. PyYAML's composer and constructor are written in Python and
would take longer than Helm. This loader makes objects of the events of PyYAML's C parser.
"""

from functools import lru_cache
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.events import (
    AliasEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from yaml.nodes import ScalarNode

_LOADER = yaml.SafeLoader("")
_MERGE = "<<"


class _UnsupportedError(Exception):
    """The document has tags or merge keys, which only PyYAML's own loader reads."""


def load(text: str) -> Any:
    """Return the document in a text.

    Raises:
        yaml.YAMLError: the text is not YAML, or has more than one document.
    """
    parser = CParser(text)
    try:
        parser.get_event()  # the stream's start
        if parser.check_event(yaml.StreamEndEvent):
            return None
        parser.get_event()  # the document's start
        found = _build(parser, {})
        parser.get_event()  # the document's end
        if not parser.check_event(yaml.StreamEndEvent):
            raise _UnsupportedError
    except _UnsupportedError:
        return yaml.load(text, yaml.CSafeLoader)
    finally:
        parser.dispose()
    return found


def _build(parser: Any, anchors: dict[str, Any]) -> Any:
    event = parser.get_event()
    kind = type(event)
    if kind is ScalarEvent:
        if event.tag is not None or event.value == _MERGE:
            raise _UnsupportedError
        value = _convert(event.value) if event.implicit[0] else event.value
    elif kind is MappingStartEvent:
        if event.tag is not None:
            raise _UnsupportedError
        value = {}
        if event.anchor:
            anchors[event.anchor] = value
        while not parser.check_event(yaml.MappingEndEvent):
            key = _build(parser, anchors)
            if isinstance(key, (dict, list)):
                raise _UnsupportedError
            value[key] = _build(parser, anchors)
        parser.get_event()
    elif kind is SequenceStartEvent:
        if event.tag is not None:
            raise _UnsupportedError
        value = []
        if event.anchor:
            anchors[event.anchor] = value
        while not parser.check_event(yaml.SequenceEndEvent):
            value.append(_build(parser, anchors))
        parser.get_event()
    elif kind is AliasEvent:
        return anchors[event.anchor]
    else:
        raise _UnsupportedError
    if event.anchor:
        anchors[event.anchor] = value
    return value


@lru_cache(maxsize=2**16)
def _convert(value: str) -> Any:
    """Return the number, boolean, null or text that a plain scalar stands for."""
    tag = _LOADER.resolve(ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return _LOADER.construct_object(ScalarNode(tag, value))
