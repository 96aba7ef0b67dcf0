"""Op documents in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from alcove.dialects._reading import Found, Parsed, Place, Unreadable, integer, real, text_of

_BETWEEN = re.compile(r"[\s,:]*")
_NUMBER_HINT = "write a number that fits, or a text"
# It passes over values; what they are does not matter, and integers may be longer than Python reads.
_decoder = json.JSONDecoder(parse_int=str)


def write(document: dict[str, Any]) -> str:
    """The document, indented, ended by a newline."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


class _Flaw(str):
    """Stands where the parser met something that must not be; what is wrong with it."""

    __slots__ = ()


class _Repeating(dict[str, Any]):
    """An object in which names come twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = [name for name in self if names.count(name) > 1]


def parse(content: bytes) -> Parsed:
    """Reads a document.

    Raises:
        Unreadable: when it is not JSON.
    """
    text = text_of(content, "JSON")
    decoder = json.JSONDecoder(
        object_pairs_hook=_object,
        parse_int=_or_flaw(integer),
        parse_float=_or_flaw(real),
        parse_constant=lambda name: _Flaw(f"{name} is not JSON"),
    )
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable(
            (
                error.lineno,
                f"this is not JSON: {error.msg} at column {error.colno}",
                "correct the line, or the one above",
            )
        ) from None
    except RecursionError:
        raise Unreadable(
            (1, "lists and objects are nested too deeply", "no op needs that: look for brackets")
        ) from None
    return Parsed(value, list(_flaws(value, ())), lambda place: _line_of(text, place))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _Repeating(pairs)


def _or_flaw(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def parse_number(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            return _Flaw(str(error))

    return parse_number


def _flaws(value: Any, place: Place) -> Iterator[Found]:
    if isinstance(value, _Flaw):
        yield Found(place, str(value), _NUMBER_HINT)
    elif isinstance(value, dict):
        for name in value.repeated if isinstance(value, _Repeating) else ():
            yield Found((*place, name), f"{name} stands here a second time", "keep one of them")
        for name, item in value.items():
            yield from _flaws(item, (*place, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _flaws(item, (*place, index))


def _line_of(text: str, place: Place) -> int:
    position = start = _skip(text, 0)
    for key in place:
        # The last of several, as for the parser.
        children = [child for child in _children(text, start) if child[0] == key]
        _, position, start = children[-1]
    return text.count("\n", 0, position) + 1


def _children(text: str, position: int) -> Iterator[tuple[str | int, int, int]]:
    """Key or index of each item of the object or list that begins at ``position`` of a text known to be JSON, and where
    the item and its value begin."""
    is_object = text[position] == "{"
    count = 0
    position = _skip(text, position + 1)
    while text[position] not in "]}":
        key: str | int = count
        start = position
        if is_object:
            key, position = _decoder.raw_decode(text, position)
            position = _skip(text, position)
        yield key, start, position
        position = _skip(text, _decoder.raw_decode(text, position)[1])
        count += 1


def _skip(text: str, position: int) -> int:
    """Past blanks, commas and colons."""
    match = _BETWEEN.match(text, position)
    assert match
    return match.end()
