"""Op documents in YAML 1.2, written so that readers of YAML 1.1 understand the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.reader import ReaderError

from alcove.dialects._reading import Found, Parsed, Place, Unreadable, integer, line_among, real, text_of

_MAX_DEPTH = 200

# ---- Writing

# Texts that no reader takes for anything but texts. All others are written in quotes.
_PLAIN = re.compile(r"[^\W\d_](?:[\w ._/()+;'-]|,(?= ))*")
_WORDS_OF_1_1 = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
# Characters that YAML forbids unescaped, or that readers of 1.1 take for line breaks.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_LONGEST_SIMPLE_KEY = 1000


def write(document: dict[str, Any]) -> str:
    """The document in block style, ended by a newline."""
    return "\n".join(_block(document, "")) + "\n"


def _block(value: dict[str, Any] | list[Any], indent: str) -> Iterator[str]:
    """The lines of a mapping or sequence that is not empty."""
    if isinstance(value, list):
        for item in value:
            yield from _entry(f"{indent}-", item, indent + "  ", is_item=True)
        return
    for key, item in value.items():
        name = _plain_or_quoted(key)
        if len(name) > _LONGEST_SIMPLE_KEY:
            yield f"{indent}? {name}"
            name = ""
        yield from _entry(f"{indent}{name}:", item, indent + "  ", is_item=False)


def _entry(start: str, value: Any, indent: str, *, is_item: bool) -> Iterator[str]:
    if isinstance(value, (dict, list)) and value:
        first, *rest = _block(value, indent)
        if is_item:
            yield f"{start} {first.removeprefix(indent)}"
        else:
            yield start
            yield first
        yield from rest
    elif isinstance(value, str) and _is_readable_as_lines(value):
        yield f"{start} |{'' if value.endswith(chr(10)) else '-'}"
        yield from (indent + line if line else "" for line in value.removesuffix("\n").split("\n"))
    else:
        yield f"{start} {_scalar(value)}"


def _is_readable_as_lines(text: str) -> bool:
    lines = text.removesuffix("\n").split("\n")
    return (
        "\n" in text
        and lines[0] != ""
        and lines[-1] != ""
        and not lines[0].startswith(" ")
        and not any(line != line.rstrip() or "\t" in line or "\r" in line or _ESCAPED.search(line) for line in lines)
    )


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _plain_or_quoted(value)
    if isinstance(value, float):
        # A reader of 1.1 takes 1e-07 for a text, for want of a point.
        digits, exponent, power = repr(value).partition("e")
        return (digits if "." in digits else f"{digits}.0") + exponent + power
    return json.dumps(value)


def _plain_or_quoted(text: str) -> str:
    if _PLAIN.fullmatch(text) and text == text.rstrip() and text.lower() not in _WORDS_OF_1_1:
        return text
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


# ---- Reading

# The core schema of YAML 1.2.
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_UNKNOWN = object()


def parse(content: bytes) -> Parsed:
    """Reads a document.

    Raises:
        Unreadable: when it is not YAML, or uses what op documents have no use for: tags, anchors, several documents.
    """
    text = text_of(content, "YAML")
    reader = _Reader()
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            reader.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Unreadable((line, f"this is not YAML: {error.problem or error.context}", "correct the line")) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"this is not YAML: the character {chr(error.character)!r}"
        raise Unreadable((line, message, "remove it, or write it in quotes as an escape")) from None
    except (ValueError, OverflowError) as error:
        raise Unreadable((1, f"this is not YAML: {error}", "look for numbers in escapes and directives")) from None
    return Parsed(reader.root, reader.found, lambda place: line_among(reader.lines, place))


class _Level:
    """A mapping or sequence whose end has not come; ``key`` is that of the value that comes next, if it is known."""

    def __init__(self, value: Any, place: Place) -> None:
        self.value = value
        self.place = place
        self.key: Any = _UNKNOWN


class _Reader:
    """Makes values of the parser's events. Without recursion, so that no text is too deep for it."""

    def __init__(self) -> None:
        self.root: Any = None
        self.found: list[Found] = []
        self.lines: dict[Place, int] = {(): 1}
        self._open: list[_Level] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        """The next event."""
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _unreadable(event, "a second document", "put all ops into one")
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._open.pop()
        elif isinstance(event, NodeEvent):
            self._take_node(event)

    def _take_node(self, event: Any) -> None:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise _unreadable(event, "an anchor or alias (& or *)", "write the value itself, or put it in quotes")
        if event.tag is not None and event.tag != "!":
            raise _unreadable(event, f"the tag {event.tag}", "leave it out, or put the value in quotes")
        level = self._open[-1] if self._open else None
        if level is None:
            self.root = self._value(event, ())
        elif isinstance(level.value, list):
            place = (*level.place, len(level.value))
            self.lines[place] = _line(event)
            level.value.append(self._value(event, place))
        elif level.key is _UNKNOWN:
            self._take_key(event, level)
        else:
            key, level.key = level.key, _UNKNOWN
            level.value[key] = self._value(event, (*level.place, key))

    def _take_key(self, event: Any, level: _Level) -> None:
        if not isinstance(event, ScalarEvent):
            raise _unreadable(event, "a key that is no text", "write name: value")
        place = (*level.place, event.value)
        self.lines[place] = _line(event)
        if event.value in level.value:
            self.found.append(Found(place, f"{event.value} stands here a second time", "keep one of them"))
        elif not _is_text(event):
            self.found.append(Found(place, f"the key {event.value} is no text", "put it in quotes"))
        level.key = event.value

    def _value(self, event: Any, place: Place) -> Any:
        if isinstance(event, ScalarEvent):
            try:
                return _resolved(event)
            except ValueError as error:
                self.found.append(Found(place, str(error), "write a number that fits, or put it in quotes"))
                return None
        self._open.append(_Level({} if isinstance(event, MappingStartEvent) else [], place))
        if len(self._open) > _MAX_DEPTH:
            raise _unreadable(event, f"what is nested deeper than {_MAX_DEPTH}", "no op needs that: look for brackets")
        return self._open[-1].value


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _is_text(event: Any) -> bool:
    try:
        return isinstance(_resolved(event), str)
    except ValueError:
        return False


def _resolved(event: Any) -> Any:
    text = event.value
    if event.style is not None or event.tag == "!":
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return integer(text)
    if _OTHER_BASE.fullmatch(text):
        return integer(text, 0)
    if _REAL.fullmatch(text):
        return real(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is no number that JSON has")
    return text


def _unreadable(event: Any, what: str, hint: str) -> Unreadable:
    return Unreadable((_line(event), f"{what} is not read in op documents", hint))
