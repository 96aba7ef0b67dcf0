"""What is played: views of an image whose size changes now and then, each with its number and a checksum.

One row behind the pixels carries them: the bytes ``ALCF``, the CRC-32 of the pixels (4 bytes), the number of the frame
from 1 (8 bytes), little-endian, then zeros. A frame of which one half is older than the other fits no checksum.
"""

from __future__ import annotations

import math
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from alcove import Axis

from ._failures import DemoError

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_STAMP = struct.Struct("<4sIQ")
_MAGIC = b"ALCF"
_FRACTIONS = (1.0, 0.75, 0.5, 0.875)
_FRAMES_OF_ONE_SIZE = 30


class Film:
    """The frames of an image: its planes one after the other, seen through a frame that wanders and changes its size.

    Args:
        image: axes y, x and perhaps colours last; all others in front are time.
        axes: its axes, or none.
    """

    def __init__(self, image: Array, axes: list[Axis]) -> None:
        has_colours = axes[-1].type == "channel" if axes else False
        dimensions = 3 if has_colours else 2
        if image.ndim < dimensions:
            raise DemoError("a line of pixels cannot be played", "take an image with the axes y and x")
        self.planes = image.reshape(-1, *image.shape[image.ndim - dimensions :])
        self._row_bytes = math.prod(self.planes.shape[3:]) * image.dtype.itemsize
        self._least_width = -(-_STAMP.size // self._row_bytes)
        if self.planes.shape[2] < self._least_width:
            raise DemoError("the image is too narrow to be played", f"it needs {self._least_width} columns")

    def shape(self, number: int) -> tuple[int, ...]:
        """The shape of a frame with its stamp."""
        height, width = self._size(number)
        return (height + 1, width, *self.planes.shape[3:])

    def draw(self, number: int, target: Array) -> None:
        """Puts a frame and its stamp into memory of that shape."""
        plane = self.planes[(number - 1) % len(self.planes)]
        height, width = self._size(number)
        top = _swing(plane.shape[0] - height, number / 40)
        left = _swing(plane.shape[1] - width, number / 60)
        target[:-1] = plane[top : top + height, left : left + width]
        target[-1] = 0
        _bytes_of(target[-1])[: _STAMP.size] = list(_STAMP.pack(_MAGIC, zlib.crc32(_bytes_of(target[:-1])), number))

    def _size(self, number: int) -> tuple[int, int]:
        fraction = _FRACTIONS[(number - 1) // _FRAMES_OF_ONE_SIZE % len(_FRACTIONS)]
        height, width = self.planes.shape[1:3]
        return max(1, round(height * fraction)), max(self._least_width, round(width * fraction))


class Seen(NamedTuple):
    """A frame as it arrived.

    Attributes:
        pixels: without the stamp, if there is one.
        number: the player's; None for a frame without a stamp, which somebody else wrote.
        is_whole: whether the checksum fits.
    """

    pixels: Array
    number: Optional[int]
    is_whole: bool


def seen(frame: Array) -> Seen:
    """Looks at a frame's stamp."""
    last = _bytes_of(frame[-1]) if frame.ndim >= 2 and len(frame) >= 2 else b""
    if len(last) < _STAMP.size:
        return Seen(frame, None, True)
    magic, checksum, number = _STAMP.unpack(bytes(last[: _STAMP.size]))
    if magic != _MAGIC:
        return Seen(frame, None, True)
    return Seen(frame[:-1], number, zlib.crc32(_bytes_of(frame[:-1])) == checksum)


def _bytes_of(array: Array) -> Any:
    import numpy

    return array.reshape(-1).view(numpy.uint8)


def _swing(room: int, phase: float) -> int:
    return int(room * (1 + math.sin(phase)) / 2)
