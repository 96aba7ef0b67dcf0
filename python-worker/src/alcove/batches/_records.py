"""The records of a CSV file as RFC 4180 has them, with every field as it was written: an empty text, which is quoted,
is not a missing one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

_FIELD = re.compile(rb'("(?:[^"]|"")*"|[^",]*)(,|\Z)')
_NEEDS_QUOTES = re.compile(r'[,"\r\n]|^\s|\s$|^$')


def records(file: BinaryIO) -> Iterator[bytes]:
    """Each record without its line end; a quoted field may hold line ends of its own. Empty lines are left out."""
    begun = b""
    for line in file:
        begun += line
        if begun.count(b'"') % 2 == 0:
            record = begun.rstrip(b"\r\n")
            begun = b""
            if record:
                yield record
    if begun:
        raise ValueError("its last field is not closed by a quote")


def fields(record: bytes) -> list[bytes]:
    """The fields of a record, quoted as they were.

    Raises:
        ValueError: a quote stands where none may be.
    """
    if b'"' not in record:
        return record.split(b",")
    found = []
    start = 0
    while True:
        match = _FIELD.match(record, start)
        if match is None:
            raise ValueError(f"a quote stands within a field: {record[start : start + 40].decode(errors='replace')}")
        found.append(match[1])
        start = match.end()
        if not match[2]:
            return found


def unquoted(field: bytes) -> str:
    """What a field says."""
    text = field.decode("utf-8")
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def quoted(text: str) -> bytes:
    """A text as a field, with quotes where it needs some."""
    return ('"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text).encode("utf-8")
