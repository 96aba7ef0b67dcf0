"""What the readers of all dialects share."""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from alcove.messages import MAX_INTEGER_DIGITS

_LARGEST_INTEGER = 10**MAX_INTEGER_DIGITS

Place = tuple[str | int, ...]
"""Where something stands: the keys and indices that lead to it from the document's root."""


class Found(NamedTuple):
    """Something wrong at a place of a document."""

    place: Place
    message: str
    hint: str


class Parsed(NamedTuple):
    """A document as values, what is wrong with them, and the line on which the value at a place begins."""

    value: Any
    found: list[Found]
    line_of: Callable[[Place], int]


class Unreadable(Exception):
    """A text that is not of its dialect; ``mistakes`` has (line, message, hint) of each mistake."""

    def __init__(self, *mistakes: tuple[int, str, str]) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes


def line_among(lines: dict[Place, int], place: Place) -> int:
    """The line of a place, or of the nearest around it."""
    while place not in lines:
        place = place[:-1]
    return lines[place]


def text_of(content: bytes, dialect: str) -> str:
    """The characters of a JSON or YAML document: UTF-8, or UTF-16 with a byte order mark.

    Raises:
        Unreadable: when it is neither.
    """
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable((line, f"this is not {dialect}: it is not written in UTF-8", "save it as UTF-8")) from None
    return text


def integer(text: str, base: int = 10) -> int:
    """The integer that is written there; raises ValueError when it has too many digits."""
    # By length first: Python itself refuses very long ones, with a text about Python.
    number = int(text, base) if len(text) <= MAX_INTEGER_DIGITS + 1 else _LARGEST_INTEGER
    if not -_LARGEST_INTEGER < number < _LARGEST_INTEGER:
        raise ValueError(f"an integer has more than {MAX_INTEGER_DIGITS} digits")
    return number


def real(text: str) -> float:
    """The float that is written there; raises ValueError when it is too large for one."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number
