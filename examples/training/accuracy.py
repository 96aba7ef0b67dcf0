"""How good a segmentation is, where the answer is known. Needs numpy."""

from __future__ import annotations

import numpy


def dice(mask: numpy.ndarray, truth: numpy.ndarray) -> float:
    """Twice the common pixels of two masks among the pixels of both: 1 if they are the same, 0 if they never meet."""
    return float(2 * (mask & truth).sum() / max(mask.sum() + truth.sum(), 1))


def matches(labels: numpy.ndarray, truth: numpy.ndarray) -> tuple[int, int, int]:
    """How many true objects are found, that is, an object covers more than half of their union; how many there are; and
    how many objects."""
    numbers = [number for number in numpy.unique(truth) if number]
    found = 0
    for number in numbers:
        nucleus = truth == number
        best = numpy.bincount(labels[nucleus]).argmax()
        union = nucleus | (labels == best)
        found += bool(best) and bool((nucleus & (labels == best)).sum() > union.sum() / 2)
    return found, len(numbers), len(numpy.unique(labels[labels > 0]))
