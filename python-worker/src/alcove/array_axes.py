"""Which axes arrays have: of those that an op was given, of those that somebody named, and of views of both."""

from __future__ import annotations

import functools
import math
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

from .annotations import Axis, named_axes
from .axes_of_views import address, axes_of_view

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]
    Reference = weakref.ref[Array]
else:
    Reference = weakref.ref


class _Known(Reference):
    """An array with its axes, None where it is known to have none.

    Where it lies is asked for views of it alone: numpy takes a microsecond to tell, which each call would pay.
    """

    __slots__ = ("key", "axes", "place")
    key: int
    axes: Optional[tuple[Axis, ...]]
    place: Optional[tuple[int, int]]

    def extent(self) -> tuple[int, int]:
        """From where to where its memory is; nothing for an array that is gone."""
        if self.place is None:
            array = self()
            self.place = (0, 0) if array is None else _extent(array)
        return self.place


_known: dict[int, _Known] = {}  # by id: ndarrays cannot be keys of a weak dictionary because they have no hash


def _forget(gone: weakref.ref[Array]) -> None:
    assert isinstance(gone, _Known)
    _known.pop(gone.key, None)


def axes(array: Array) -> Optional[tuple[Axis, ...]]:
    """The axes of an array that an op was given, that ``set_axes`` was called on, or that is a view of such a one.

    Those of a view are told from where it lies in memory: a slice has another translation, one with a step another
    scale as well, negative where it runs backwards; an axis that was indexed by a number is gone.

    Returns:
        None for any other array, and where the axes of a view cannot be told, as after ``reshape``.
    """
    entry = _entry_of(array)
    if entry is not None:
        return entry.axes
    if array.base is None:  # no view
        return None
    first, end = _extent(array)
    # The innermost array of which this one may be a view, and of several the one that was named last.
    around = [
        (known_end - known_first, entry)
        for entry in reversed(list(_known.values()))
        for known_first, known_end in (entry.extent(),)
        if known_first <= first and end <= known_end
    ]
    for _, entry in sorted(around, key=lambda found: found[0]):
        viewed = entry()
        if viewed is not None:
            found = None if entry.axes is None else axes_of_view(array, viewed, entry.axes)
            if found is not None or entry.axes is None:
                return found
    return None


def given_axes(array: Array) -> Optional[tuple[Axis, ...]]:
    """As ``axes``, of the array itself alone and not as a view of another."""
    entry = _entry_of(array)
    return None if entry is None else entry.axes


def set_axes(array: Array, axes: Union[str, Sequence[Axis]]) -> Array:
    """Remembers the axes of an array that an op will return, and returns the array.

    Args:
        array: any ndarray.
        axes: names in order (``"z y x"``) or ``Axis`` objects, one a dimension.
    """
    values = named_axes(axes) if isinstance(axes, str) else tuple(map(_checked_axis, axes))
    if len(values) != array.ndim:
        raise ValueError(f"{len(values)} axes for an array of {array.ndim} dimensions")
    return remember_axes(array, values)


def remember_axes(array: Array, values: Optional[tuple[Axis, ...]]) -> Array:
    """As ``set_axes``, for axes that are known to be right; None says that the array has none."""
    before = _entry_of(array)
    _remember(array, values, None if before is None else before.place)
    return array


def remember_place(array: Array, values: Optional[tuple[Axis, ...]], first: int) -> Array:
    """As ``remember_axes``, of an array in C order of which it is known where it begins."""
    _remember(array, values, (first, first + array.nbytes))
    return array


def _remember(array: Array, values: Optional[tuple[Axis, ...]], place: Optional[tuple[int, int]]) -> None:
    key = id(array)
    _known.pop(key, None)  # the one named last is behind all others
    _known[key] = entry = _Known(array, _forget)
    entry.key, entry.axes, entry.place = key, values, place


def place_of(array: Array) -> int:
    """Where the first element of an array lies that does not run backwards, as ``address``."""
    entry = _entry_of(array)
    return address(array) if entry is None else entry.extent()[0]


def _entry_of(array: Array) -> Optional[_Known]:
    entry = _known.get(id(array))
    return entry if entry is not None and entry() is array else None


def _extent(array: Array) -> tuple[int, int]:
    first = end = address(array)
    for size, stride in zip(array.shape, array.strides):
        if stride < 0:
            first += (size - 1) * stride
        else:
            end += (size - 1) * stride
    return first, end + array.itemsize


def _checked_axis(axis: Axis) -> Axis:
    """The axis with its numbers as floats; raises ValueError for one that cannot be sent."""
    if not all(isinstance(text, str) for text in (axis.name, axis.type, axis.unit or "")):
        raise ValueError(f"name, type and unit are texts: {axis}")
    checked = axis._replace(scale=float(axis.scale), translation=float(axis.translation))
    if not math.isfinite(checked.scale) or not math.isfinite(checked.translation):
        raise ValueError(f"scale and translation are finite numbers: {axis}")
    return checked


def axis_from_json(value: Any) -> Axis:
    """The axis that stands in a descriptor; raises TypeError, AttributeError or ValueError for none."""
    members = value.get
    return _axis(members("name"), members("type"), members("unit"), members("scale"), members("translation"))


@functools.lru_cache(maxsize=1024)  # images of one kind come with the same few axes again and again
def _axis(name: Any, kind: Any, unit: Any, scale: Any, translation: Any) -> Axis:
    given = {"name": name, "type": kind, "unit": unit, "scale": scale, "translation": translation}
    return _checked_axis(Axis(**{member: value for member, value in given.items() if value is not None}))


@functools.lru_cache(maxsize=1024)
def axes_to_json(axes: tuple[Axis, ...]) -> list[dict[str, Any]]:
    """The axes as they stand in a descriptor; the next one may be given the same list."""
    return [_axis_to_json(axis) for axis in axes]


def _axis_to_json(axis: Axis) -> dict[str, Any]:
    members: dict[str, Any] = {"name": axis.name, "type": axis.type}
    if axis.unit is not None:
        members["unit"] = axis.unit
    if axis.scale != 1.0:
        members["scale"] = float(axis.scale)
    if axis.translation != 0.0:
        members["translation"] = float(axis.translation)
    return members
