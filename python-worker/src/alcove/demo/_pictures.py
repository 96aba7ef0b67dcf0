"""Pixels as a screen and a PNG file want them: 8 bits, grey or red, green and blue."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]


def shown(pixels: Array) -> Array:
    """8 bits for each pixel or colour. Values that are not of 8 bits anyway are stretched from their smallest to their
    largest; of more than two dimensions but no colours the first plane is taken."""
    import numpy

    has_colours = pixels.ndim == 3 and pixels.shape[-1] in (3, 4)
    while pixels.ndim > (3 if has_colours else 2):
        pixels = pixels[0]
    pixels = numpy.atleast_2d(pixels[..., :3] if has_colours else pixels)
    if pixels.dtype == numpy.uint8:
        return pixels
    values = numpy.abs(pixels) if pixels.dtype.kind == "c" else pixels.astype(numpy.float32)
    values = numpy.nan_to_num(values, posinf=0, neginf=0)
    least, most = float(values.min()), float(values.max())
    stretched: Array = ((values - least) * (255 / (most - least or 1.0))).astype(numpy.uint8)
    return stretched


def portable_pixmap(picture: Array) -> bytes:
    """What ``shown`` returned, in the format that Tk reads quickest."""
    kind = b"P6" if picture.ndim == 3 else b"P5"
    return kind + b" %d %d 255\n" % (picture.shape[1], picture.shape[0]) + picture.tobytes()


def png(picture: Array) -> bytes:
    """What ``shown`` returned, as a PNG file."""
    import numpy

    height, width = picture.shape[:2]
    colour_type = 2 if picture.ndim == 3 else 0
    rows = picture.reshape(height, -1)
    # Each row is preceded by the number of its filter: none.
    filtered = numpy.zeros((height, rows.shape[1] + 1), numpy.uint8)
    filtered[:, 1:] = rows
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(filtered.tobytes(), 1)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
