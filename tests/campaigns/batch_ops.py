"""The op of a batch in which some images are bad."""

from __future__ import annotations

import os
import time
from typing import NamedTuple

import numpy

from alcove import Image, Labels, Table, op

CRASHES = 65535
HANGS = 65534


class Cells(NamedTuple):
    labels: Labels
    cells: Table
    foreground: float


@op(grace=0.2)
def segment(image: Image, threshold: int = 30000) -> Cells:
    """Labels rows of bright pixels, and tells of each; the first pixel says whether the image is bad."""
    _leave_trace()
    if image[0, 0] == CRASHES:
        os._exit(9)
    while image[0, 0] == HANGS:
        time.sleep(0.1)
    bright = image > threshold
    labels = numpy.cumsum(bright, axis=1, dtype="uint16") * bright
    rows = numpy.arange(0, len(image), 16)
    table = {"row": rows.tolist(), "mean": [float(image[row].mean()) for row in rows]}
    return Cells(labels, table, float(bright.mean()))


def _leave_trace() -> None:
    """One byte for each time that the op runs, so that they can be counted."""
    trace = os.environ.get("BATCH_TRACE")
    if trace:
        with open(trace, "ab", buffering=0) as file:
            file.write(b"x")
