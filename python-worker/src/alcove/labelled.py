"""xarray's DataArrays, and what else is like an ndarray and is none.

xarray is looked for where somebody imported it: importing it takes longer than many an op.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, Optional

from .annotations import Axis, named_axes
from .array_axes import axes, remember_axes
from .messages import OpError

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_TOLERANCE = 1e-6  # of the step between two coordinates
_WAYS = {
    "torch": "call .detach().cpu().numpy() on it",
    "dask": "call .compute() on it",
    "cupy": "call .get() on it",
    "tensorflow": "call .numpy() on it",
    "xarray": "take one of its arrays",
}


def to_xarray(array: Array) -> Any:
    """An xarray.DataArray over the same memory, for ops that work by the names of axes. It may be returned as it is.

    Args:
        array: an ndarray whose axes ``alcove.axes`` knows; any other gets xarray's own names for its dimensions.

    Returns:
        A DataArray with the axes as dims. Of axes with a unit, a scale or a translation it has coordinates, with the
        unit as ``units`` in their attributes.

    Raises:
        OpError: where xarray is not installed.
    """
    try:
        xarray: Any = importlib.import_module("xarray")
    except ImportError as error:
        hint = f"add {error.name} to the dependencies in the op file's header"
        raise OpError("alcove.to_xarray needs xarray, which this Python lacks", hint=hint) from None
    known = axes(array)
    if known is None:
        return xarray.DataArray(array)
    coordinates = {
        axis.name: _coordinate(xarray, axis, size) for axis, size in zip(known, array.shape) if _is_calibrated(axis)
    }
    return xarray.DataArray(array, coordinates, [axis.name for axis in known])


def _is_calibrated(axis: Axis) -> bool:
    return axis.unit is not None or axis.scale != 1.0 or axis.translation != 0.0


def _coordinate(xarray: Any, axis: Axis, size: int) -> Any:
    # The scale would be lost of one position alone.
    attributes = {"scale": axis.scale, **({} if axis.unit is None else {"units": axis.unit})}
    return xarray.Variable(axis.name, _positions(axis.translation, axis.scale, size), attributes)


def _positions(first: float, step: float, count: int) -> Array:
    import numpy

    positions: Array = first + step * numpy.arange(count, dtype="float64")
    return positions


def is_labelled(value: Any) -> bool:
    """Whether it is a DataArray."""
    return isinstance(value, getattr(sys.modules.get("xarray"), "DataArray", ()))


def unlabelled(labelled: Any) -> Any:
    """The ndarray in a DataArray, not copied, with the axes that the dims and their coordinates tell; what is in it
    when that is no ndarray."""
    import numpy

    array = labelled.data
    dims = list(map(str, labelled.dims))
    if not isinstance(array, numpy.ndarray):
        return array
    array = array.view()  # what the op was given keeps its own names
    if dims == [f"dim_{index}" for index in range(array.ndim)]:  # nobody has named them
        return array
    return remember_axes(array, tuple(_axis(labelled, dim) for dim in labelled.dims))


def _axis(labelled: Any, dim: Any) -> Axis:
    axis = named_axes([str(dim)])[0]
    coordinate = labelled.coords.get(dim)
    if coordinate is None:
        return axis
    unit = coordinate.attrs.get("units")
    axis = axis._replace(unit=unit if isinstance(unit, str) else None)
    if coordinate.size == 0:
        return axis
    spacing = _spacing(coordinate.values, coordinate.attrs.get("scale", 1.0))
    if spacing is None:
        import logging

        logging.getLogger("alcove").warning("the coordinates of %s are not evenly spaced, and are left out", dim)
        return axis
    return axis._replace(translation=spacing[0], scale=spacing[1])


def _spacing(coordinates: Array, step_of_one: Any) -> Optional[tuple[float, float]]:
    """The first of the coordinates and the step between them; None where they are no numbers, or not evenly spaced."""
    import numpy

    if coordinates.dtype.kind not in "iuf" or not numpy.isfinite(coordinates).all():
        return None
    first, last, count = float(coordinates[0]), float(coordinates[-1]), len(coordinates)
    if count == 1:
        return first, float(step_of_one) if isinstance(step_of_one, (int, float)) else 1.0
    step = (last - first) / (count - 1)
    precision = numpy.finfo(coordinates.dtype).eps if coordinates.dtype.kind == "f" else 0.0
    error = abs(coordinates - _positions(first, step, count)).max()
    if step == 0 or error > _TOLERANCE * abs(step) + 4 * precision * max(abs(first), abs(last)):
        return None
    rounded = float(f"{step:.12g}")  # what was meant, where that gives the very same coordinates
    return first, rounded if (coordinates == _positions(first, rounded, count)).all() else step


def way_to_ndarray(value: Any) -> Optional[str]:
    """What the author can do about a value that is like an ndarray and is none; None for one that is not like it."""
    kind = type(value)
    if not any(hasattr(kind, name) for name in ("__array__", "__array_interface__", "__dlpack__")):
        return None
    way = _WAYS.get(kind.__module__.partition(".")[0], "numpy.asarray makes one of it")
    return f"return an ndarray: {way}"
