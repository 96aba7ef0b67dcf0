"""``receive``: the pixels that another process shares, without a copy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from alcove import attach

from ._changes import Watched
from ._failures import DemoError
from ._words import axis_names, described, java_place, pixel

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_CHUNK_ELEMENTS = 1 << 20


def receive(
    name: str,
    dtype: str,
    shape: tuple[int, ...],
    offset: int,
    axes: Optional[str],
    change: Optional[tuple[tuple[int, ...], str]],
    watch: bool,
) -> int:
    """Opens the pixels, prints what they are, changes one if that is wanted, and stays to watch if that is.

    Args:
        name: the block's, or its file.
        change: an index and what stands there from now on.
    """
    block = Path(name)
    directory = block.parent if len(block.parts) > 1 else None
    with _attached(block.name, dtype, shape, offset, axes, directory) as shared:
        names = axis_names(shape, axes.split() if axes else None)
        print(f"{block.name}: {described(dtype, shape, names)}")
        print(_statistics(shared.array))
        for index in [tuple(0 for _ in shape), tuple(size // 2 for size in shape)]:
            print(f"{pixel(index)} is {shared.array[index]}")
        if change is not None:
            before, after = _set(shared.array, *change)
            print(f"{pixel(change[0])}  {before} -> {after}   ({java_place(change[0], names)})")
        file = shared.file
    if watch and file is not None:
        watched = Watched(file, offset, dtype, shape)
        print("It is too large to look for changes." if watched.is_too_large else "Waiting for changes; Ctrl-C ends.")
        try:
            watched.report_until(_never_within, names)
        except KeyboardInterrupt:
            pass
    return 0


def _attached(
    block: str, dtype: str, shape: tuple[int, ...], offset: int, axes: Optional[str], directory: Optional[Path]
) -> Any:
    if axes and len(axes.split()) != len(shape):
        raise DemoError(f"{len(axes.split())} names of axes for {len(shape)} sizes", "give as many, in the same order")
    try:
        return attach(block, dtype, shape, offset=offset, axes=axes, directory=directory)
    except (TypeError, ValueError) as error:
        raise DemoError(str(error), "copy the line that the sharing program printed") from error


def _never_within(seconds: float) -> bool:
    import time

    time.sleep(seconds)
    return False


def _statistics(array: Array) -> str:
    """Smallest, largest and mean value, without a temporary copy of the whole; of the magnitudes of complex numbers."""
    import numpy

    flat = array.reshape(-1)
    least, most, total = [], [], 0.0
    for first in range(0, flat.size, _CHUNK_ELEMENTS):
        part = flat[first : first + _CHUNK_ELEMENTS]
        part = numpy.abs(part) if part.dtype.kind == "c" else part
        least.append(part.min())
        most.append(part.max())
        total += float(part.sum(dtype=numpy.float64))
    return f"min {min(least)}, max {max(most)}, mean {total / flat.size:.6g}"


def _set(array: Array, index: Sequence[int], text: str) -> tuple[Any, Any]:
    if len(index) != array.ndim or any(at >= size for at, size in zip(index, array.shape)):
        raise DemoError(f"there is no {pixel(index)} in an image of {array.shape}", "indices are counted from 0")
    before = array[tuple(index)]
    array[tuple(index)] = _value(array.dtype, text)
    return before, array[tuple(index)]


def _value(dtype: Any, text: str) -> Any:
    import numpy

    try:
        if dtype.kind == "b":
            return {"0": False, "1": True, "false": False, "true": True}[text.lower()]
        if dtype.kind in "iu":
            value, limits = int(text), numpy.iinfo(dtype)
            if not limits.min <= value <= limits.max:
                raise ValueError
            return value
        return complex(text) if dtype.kind == "c" else float(text)
    except (KeyError, ValueError):
        raise DemoError(f"{text!r} is no value of {dtype.name}", "give a number that the dtype holds") from None
