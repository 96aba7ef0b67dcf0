"""The ops whose calls ``benchmarks/images`` measures."""

from __future__ import annotations

from typing import Any

import numpy

from alcove import Image, InOut, empty, op

_results: dict[Any, Any] = {}


@op
def add_one(image: Image) -> Image:
    """As authors write it: the result is an array of numpy's own."""
    return image + 1


@op
def add_one_into(image: Image) -> Image:
    """The result is made where it can be sent without a copy."""
    out = empty(image.shape, image.dtype)
    numpy.add(image, 1, out=out)
    return out


@op
def add_one_in_place(image: InOut[Image]) -> None:
    """The host's own array is changed."""
    numpy.add(image, 1, out=image)


@op
def same(image: Image) -> Image:
    """Does nothing, and its result lies in shared memory already: what a call costs beside its copies."""
    return image


@op
def result_elsewhere(image: Image) -> Image:
    """Does nothing, but its result lies in memory of numpy's own and has to be copied, as ``add_one``'s."""
    key = image.shape, image.dtype
    if key not in _results:
        _results[key] = numpy.array(image)
    result: Image = _results[key]
    return result
