"""A YAML loader with the results of PyYAML's own loader, several times faster.

Rendering is read again and again; the composer and the constructor, which PyYAML has in Python
only, would take longer than Helm. Here its C parser's events become objects at once.
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


class _TooMuchError(Exception):
    """Something that only PyYAML's own loader knows: tags, merged keys."""


def load(text: str) -> Any:
    """The one document of a text.

    Raises:
        yaml.YAMLError: it is no YAML, or more than one document.
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
            raise _TooMuchError
    except _TooMuchError:
        return yaml.load(text, yaml.CSafeLoader)
    finally:
        parser.dispose()
    return found


def _build(parser: Any, anchors: dict[str, Any]) -> Any:
    event = parser.get_event()
    kind = type(event)
    if kind is ScalarEvent:
        if event.tag is not None or event.value == _MERGE:
            raise _TooMuchError
        value = _scalar(event.value) if event.implicit[0] else event.value
    elif kind is MappingStartEvent:
        if event.tag is not None:
            raise _TooMuchError
        value = {}
        if event.anchor:
            anchors[event.anchor] = value
        while not parser.check_event(yaml.MappingEndEvent):
            key = _build(parser, anchors)
            if isinstance(key, (dict, list)):
                raise _TooMuchError
            value[key] = _build(parser, anchors)
        parser.get_event()
    elif kind is SequenceStartEvent:
        if event.tag is not None:
            raise _TooMuchError
        value = []
        if event.anchor:
            anchors[event.anchor] = value
        while not parser.check_event(yaml.SequenceEndEvent):
            value.append(_build(parser, anchors))
        parser.get_event()
    elif kind is AliasEvent:
        return anchors[event.anchor]
    else:
        raise _TooMuchError
    if event.anchor:
        anchors[event.anchor] = value
    return value


@lru_cache(maxsize=2**16)
def _scalar(value: str) -> Any:
    """What a plain scalar stands for: a number, a truth value, a text."""
    tag = _LOADER.resolve(ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return _LOADER.construct_object(ScalarNode(tag, value))
