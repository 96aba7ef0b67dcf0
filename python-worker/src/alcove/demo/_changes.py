"""Which pixels somebody else has changed: a look at the block's file now and then, against a copy from before.

It reads the file instead of a mapping: when the sharer takes the memory away, a read comes back short, where touching a
mapping may end the process.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any, Callable, NamedTuple

from ._words import java_place, pixel

_CHUNK_BYTES = 1 << 20
_LARGEST_BYTES = 1 << 30
_SECONDS_BETWEEN_LOOKS = 0.2
_SHARE_OF_THE_TIME = 0.1
_SHOWN = 5


class Change(NamedTuple):
    """One pixel: where it is, what it was and what it has become."""

    place: tuple[int, ...]
    before: Any
    after: Any


class Changes(NamedTuple):
    """How many pixels have changed, and the first of them."""

    total: int
    first: list[Change]


class Watched:
    """An array in a file, as it was when it was last looked at.

    Args:
        offset: where the array begins, in bytes.
        dtype: its name.
    """

    def __init__(self, file: Path, offset: int, dtype: str, shape: tuple[int, ...]) -> None:
        import numpy

        self._file = file
        self._offset = offset
        self._dtype = numpy.dtype(dtype)
        self._shape = shape
        self._size = math.prod(shape) * self._dtype.itemsize
        self._chunks: list[bytes] = []
        self.is_there = True
        self.look()

    @property
    def is_too_large(self) -> bool:
        """Whether nothing is looked at, because the copy would take too much memory."""
        return self._size > _LARGEST_BYTES

    def look(self) -> Changes:
        """What has changed since the last look. ``is_there`` is false when the file was gone."""
        count = 0
        first: list[Change] = []
        try:
            with open(self._file, "rb", buffering=0) as file:
                file.seek(self._offset)
                for number in range(0 if self.is_too_large else math.ceil(self._size / _CHUNK_BYTES)):
                    chunk = _read(file, min(_CHUNK_BYTES, self._size - number * _CHUNK_BYTES))
                    if number == len(self._chunks):
                        self._chunks.append(chunk)
                    elif chunk != self._chunks[number]:
                        positions = self._differences(number, chunk)
                        count += len(positions)
                        first += [self._change(number, at, chunk) for at in positions[: _SHOWN - len(first)]]
                        self._chunks[number] = chunk
        except (FileNotFoundError, EOFError):
            self.is_there = False
        return Changes(count, first)

    def report_until(self, comes_within: Callable[[float], bool], names: list[str]) -> None:
        """Prints what changes until the end comes, or the memory is taken away."""
        pause = _SECONDS_BETWEEN_LOOKS
        while not comes_within(pause):
            began = time.monotonic()
            count, first = self.look()
            if not self.is_there:
                print("The process that shared the memory has taken it away.")
                return
            for change in first:
                print(f"{pixel(change.place)}  {change.before} -> {change.after}   ({java_place(change.place, names)})")
            if count > len(first):
                print(f"... and {count - len(first)} more pixels")
            pause = max(_SECONDS_BETWEEN_LOOKS, (time.monotonic() - began) / _SHARE_OF_THE_TIME)

    def _differences(self, number: int, chunk: bytes) -> list[int]:
        """The elements of a chunk that have changed. By their bytes: a NaN differs from itself."""
        import numpy

        before, after = (
            numpy.frombuffer(data, numpy.uint8).reshape(-1, self._dtype.itemsize)
            for data in (self._chunks[number], chunk)
        )
        positions: list[int] = numpy.flatnonzero((before != after).any(axis=1)).tolist()
        return positions

    def _change(self, number: int, at: int, chunk: bytes) -> Change:
        import numpy

        size = self._dtype.itemsize
        index = numpy.unravel_index(number * (_CHUNK_BYTES // size) + at, self._shape)
        before, after = (numpy.frombuffer(data, self._dtype, 1, at * size)[0] for data in (self._chunks[number], chunk))
        return Change(tuple(int(position) for position in index), before, after)


def _read(file: Any, size: int) -> bytes:
    """So many bytes; raises EOFError when the file has fewer."""
    data = file.read(size)
    if len(data) < size:
        raise EOFError
    return bytes(data)
