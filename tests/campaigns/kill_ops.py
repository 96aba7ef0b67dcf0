# /// script
# dependencies = ["numpy"]
# ///
"""The op during whose calls processes are killed."""

from __future__ import annotations

import numpy

from alcove import Image, empty, op

_kept = []


@op
def work(image: Image, way: int = 0) -> Image:
    """The image plus one, in one of the ways in which a result can lie in memory."""
    if way == 0:
        return image + 1
    out = empty(image.shape, image.dtype)
    numpy.add(image, 1, out=out)
    if way == 1:
        return out
    _kept.append(image[:1])  # its block may not be used again
    del _kept[:-3]
    return image if way == 2 else numpy.asfortranarray(out)
