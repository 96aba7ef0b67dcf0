"""What a batch computes: the function alone, without Alcove."""

from __future__ import annotations

import numpy

PASSES = 100
ROWS = 16
"""Of a piece that stays in a core's own cache: cores that wait for one memory do not show what a second one brings."""


def smoothed(image: numpy.ndarray) -> numpy.ndarray:
    """About a twentieth of a second of one core for half a megapixel, as a filter or a small model takes."""
    result = image.astype(numpy.float32)
    for first in range(0, len(result), ROWS):
        piece = result[first : first + ROWS]
        for _ in range(PASSES):
            piece = (piece + numpy.roll(piece, 1, 1) + numpy.roll(piece, -1, 1)) / 3
        result[first : first + ROWS] = piece
    return result
