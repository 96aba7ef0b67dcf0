"""The axes of a view, told from where its elements lie in the array that it views.

numpy remembers of a view only who owns the memory, not how the view was taken. But each dimension of a slice has a
multiple of the stride of one dimension of the array, and that tells which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from .annotations import Axis

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]


class _Dimension(NamedTuple):
    """A dimension of the array, made to run forward in memory."""

    axis: Axis
    size: int
    stride: int


def axes_of_view(view: Array, array: Array, axes: Sequence[Axis]) -> Optional[tuple[Axis, ...]]:
    """The axes of a view of an array with these axes: of slices, with steps and backwards, of what integers are left
    out of, and transposed.

    Returns:
        None where they cannot be told: of what was reshaped or has a new axis, of a view without elements, and where a
        dimension of one element could come from several axes. Where all axes are still there, those of one element
        are taken to be in order.
    """
    if view.size == 0 or array.size == 0:
        return None
    first, dimensions = _forward(array, axes)
    starts = _starts(address(view) - first, dimensions, array.itemsize - view.itemsize)
    if starts is None or not _is_disjoint(dimensions, array.itemsize):
        return None
    origins = [_origin(size, stride, starts, dimensions) for size, stride in zip(view.shape, view.strides)]
    if not _find_single(origins, view, dimensions):
        return None
    return tuple(_moved(dimensions[origin], starts[origin], stride) for origin, stride in zip(origins, view.strides))


def address(array: Array) -> int:
    """Where the array's first element lies in this process's memory."""
    place: int = array.__array_interface__["data"][0]
    return place


def _forward(array: Array, axes: Sequence[Axis]) -> tuple[int, list[_Dimension]]:
    """The array's lowest address, and its dimensions as seen from there."""
    first = address(array)
    dimensions = []
    for axis, size, stride in zip(axes, array.shape, array.strides):
        if stride < 0:
            first += (size - 1) * stride
            end = axis.translation + axis.scale * (size - 1)
            axis, stride = axis._replace(scale=-axis.scale, translation=end), -stride
        dimensions.append(_Dimension(axis, size, stride))
    return first, dimensions


def _is_disjoint(dimensions: list[_Dimension], itemsize: int) -> bool:
    """Whether each step along one dimension leads beyond all that lies along the finer ones."""
    extent = itemsize
    for _, size, stride in sorted(dimensions, key=lambda dimension: dimension.stride):
        if size > 1:
            if stride < extent:
                return False
            extent = size * stride
    return True


def _starts(offset: int, dimensions: list[_Dimension], spare: int) -> Optional[list[int]]:
    """The position in the array at which the view begins; a part of an element may be left, as of complex numbers."""
    starts = [0] * len(dimensions)
    for index in sorted(range(len(dimensions)), key=lambda index: -dimensions[index].stride):
        if dimensions[index].size > 1 and dimensions[index].stride:
            starts[index], offset = divmod(offset, dimensions[index].stride)
            if not 0 <= starts[index] < dimensions[index].size:
                return None
    return starts if 0 <= offset <= spare else None


def _origin(size: int, stride: int, starts: list[int], dimensions: list[_Dimension]) -> int:
    """The dimension of the array along which this one of the view runs, -1 where there is none or it has no extent."""
    for index, dimension in enumerate(dimensions):
        if size > 1 and dimension.size > 1 and dimension.stride and stride % dimension.stride == 0:
            step = stride // dimension.stride
            if step and 0 <= starts[index] + step * (size - 1) < dimension.size:
                return index
    return -1


def _find_single(origins: list[int], view: Array, dimensions: list[_Dimension]) -> bool:
    """Finds origins for the view's dimensions of one element, too; false where that cannot be done for certain."""
    single = [index for index, size in enumerate(view.shape) if size == 1]
    known = [origin for index, origin in enumerate(origins) if index not in single]
    if -1 in known or len(set(known)) < len(known):
        return False
    left = [index for index in range(len(dimensions)) if index not in known]
    possible = [[origin for origin in left if _may_come(view.strides[index], dimensions[origin])] for index in single]
    if len(left) == len(single) and all(origin in origins for origin, origins in zip(left, possible)):
        possible = [[origin] for origin in left]  # nothing was left out, so they are in order
    if any(len(found) != 1 for found in possible):
        return False
    for index, found in zip(single, possible):
        origins[index] = found[0]
    return len(set(origins)) == len(origins)


def _may_come(stride: int, dimension: _Dimension) -> bool:
    """Whether a slice of one element along this dimension may have this stride; a new axis has the stride 0."""
    if dimension.stride == 0 or stride == 0:
        return stride == dimension.stride
    return stride % dimension.stride == 0


def _moved(dimension: _Dimension, start: int, stride: int) -> Axis:
    axis, step = dimension.axis, stride // dimension.stride if dimension.stride else 1
    return axis._replace(scale=axis.scale * step, translation=axis.translation + axis.scale * start)
