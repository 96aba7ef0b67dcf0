"""What an op returned: named, checked against what it declares, collected over slices, and its axes given back."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Callable, Optional

from .alignment import Aligned, Pattern, pattern_of
from .annotations import Axis, named_axes
from .array_axes import axes, given_axes, remember_axes, set_axes
from .arrays import DTYPES, empty
from .conversion import in_words, made_dtypes
from .descriptors import Description
from .fitting import PLAIN_TYPES, checker, expected, is_array
from .labelled import is_labelled, unlabelled, way_to_ndarray
from .messages import AlcoveError
from .tables import Table, is_frame

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_LARGEST_INTEGER = 1 << 53  # up to which a double holds every one
_RANGES = {"minimum", "maximum", "items"}  # where there may be a range
_COORDINATES = ("points", "vectors", "tracks")


class Output:
    """An output of an op, with all that can be known before a call about how it is checked.

    Values of exactly the type ``plain`` are what the op declares and are sent as they are; None where there is no such
    type.
    """

    __slots__ = ("name", "plain", "pattern", "_descriptor", "_without_range", "_fits")

    def __init__(self, descriptor: dict[str, Any]) -> None:
        self.name: str = descriptor["name"]
        self.plain = PLAIN_TYPES.get(descriptor["type"])  # ranges of outputs are not looked at
        self.pattern: Optional[str] = descriptor.get("axes")
        self._descriptor = descriptor
        self._without_range = _without_range(descriptor)
        self._fits = checker(self._without_range)

    def checked(self, value: Any) -> Any:
        """The output as it is sent, if it is what the descriptor declares; ranges are not looked at."""
        if type(value) is self.plain:
            return value
        try:
            found = _as_sent(value, self._descriptor)
        except _NoTable as error:
            raise _misfit(self.name, f"a table with {error}", "a table", None) from None
        wanted = _mismatch(found, self._without_range, self._fits)
        if wanted is not None:
            raise _misfit(self.name, _what(found), wanted, way_to_ndarray(found))
        return found


class Naming:
    """An op's outputs, prepared once for all its calls."""

    def __init__(self, description: Description) -> None:
        self.outputs = [Output(described.descriptor) for described in description.outputs]
        self._names = [output.name for output in self.outputs]
        self._only = self.outputs[0] if len(self.outputs) == 1 else None

    def named(self, result: Any) -> dict[str, Any]:
        """What the function returned, by the names of the op's outputs, each checked.

        Raises:
            AlcoveError: ``op_failed`` of type TypeError for what the op does not declare.
        """
        if self._only is not None and type(result) is self._only.plain:
            return {self._only.name: result}
        values = self._values(result)
        return {output.name: output.checked(value) for output, value in zip(self.outputs, values)}

    def _values(self, result: Any) -> Sequence[Any]:
        """The values of the outputs, in their order."""
        names = self._names
        if not names:
            return ()
        if hasattr(result, "__dataclass_fields__") or (isinstance(result, tuple) and hasattr(result, "_fields")):
            if all(hasattr(result, name) for name in names):
                return [getattr(result, name) for name in names]
        if len(names) == 1:
            return (result,)
        if isinstance(result, tuple) and len(result) == len(names):
            return result
        returned = type(result).__name__
        raise _failed("TypeError", f"the op returned {returned}, but declares the outputs {', '.join(names)}")


class _NoTable(Exception):
    """The message says what is wrong with the columns."""


def _as_sent(value: Any, descriptor: dict[str, Any]) -> Any:
    """The value in the form that its type has on the wire; one that has none is left for the check."""
    kind = descriptor["type"]
    if type(value) is PLAIN_TYPES.get(kind):  # in a list, say
        return value
    if is_labelled(value):
        value = unlabelled(value)
    if kind == "table" and (isinstance(value, dict) or is_frame(value)):
        try:
            return Table(value)
        except (TypeError, ValueError) as error:
            raise _NoTable(error) from None
    if kind == "array":
        return _as_array(value, descriptor)
    if kind == "shapes" and isinstance(value, (list, tuple)):
        return [_with_coordinates(shape) for shape in value]
    if kind == "list" and "items" in descriptor and isinstance(value, (list, tuple)):
        return [_as_sent(item, descriptor["items"]) for item in value]
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    return value.item() if _is_number_of_numpy(value) else value


def _as_array(value: Any, descriptor: dict[str, Any]) -> Any:
    # numpy makes numbers of arrays without dimensions as soon as it calculates with them.
    if "axes" not in descriptor and _is_number_of_numpy(value):
        value = sys.modules["numpy"].asarray(value)
    return _as_coordinates(value) if descriptor.get("role") in _COORDINATES and "dtypes" not in descriptor else value


def _as_coordinates(value: Any) -> Any:
    """The numbers as float64, which coordinates are, if that changes none of them."""
    if not is_array(value) or value.dtype.kind not in "iuf" or value.dtype.itemsize > 8:
        return value
    if value.dtype.kind in "iu" and value.size and max(value.max(), -int(value.min())) > _LARGEST_INTEGER:
        return value
    return value if value.dtype.name == "float64" else value.astype("float64")


def _with_coordinates(shape: Any) -> Any:
    if not isinstance(shape, dict) or "vertices" not in shape:
        return shape
    vertices = shape["vertices"]
    return {**shape, "vertices": _as_coordinates(unlabelled(vertices) if is_labelled(vertices) else vertices)}


def _is_number_of_numpy(value: Any) -> bool:
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.generic) and value.dtype.name in DTYPES


def _mismatch(value: Any, descriptor: dict[str, Any], fits: Callable[[Any], bool]) -> Optional[str]:
    """What the descriptor expects when a value does not fit it; also of dtypes, at which a checker does not look."""
    if not fits(value):
        return expected(descriptor)
    if value is None:
        return None
    if descriptor["type"] == "list" and "items" in descriptor:
        items = descriptor["items"]
        fits_item = checker(items)
        inner = next(filter(None, (_mismatch(item, items, fits_item) for item in value)), None)
        return inner and f"a list, each item {inner}"
    dtypes = made_dtypes(descriptor) if descriptor["type"] == "array" else ()
    return f"{expected(descriptor)} with {in_words(dtypes)}" if dtypes and value.dtype.name not in dtypes else None


def _without_range(descriptor: dict[str, Any]) -> dict[str, Any]:
    if not descriptor.keys() & _RANGES:
        return descriptor
    plain = {key: value for key, value in descriptor.items() if key not in ("minimum", "maximum")}
    return {**plain, "items": _without_range(plain["items"])} if "items" in plain else plain


def _what(value: Any) -> str:
    if is_array(value):
        return f"an array of dtype {value.dtype} and shape {value.shape}"
    return "None" if value is None else type(value).__name__


class Collected:
    """One output over all positions: images of one shape in one array, anything else in a list.

    Args:
        descriptor: of the output.
        outer: the axes along which the op is run.
        sizes: the number of positions along each.
    """

    def __init__(self, descriptor: dict[str, Any], outer: tuple[Axis, ...], sizes: tuple[int, ...]) -> None:
        self._pattern: Optional[str] = descriptor.get("axes")
        self._outer = outer
        self._sizes = sizes
        self._stack: Optional[Array] = None
        self._axes: Optional[tuple[Axis, ...]] = None
        self._values: list[Any] = []

    def add(self, value: Any, position: tuple[int, ...]) -> None:
        """Takes what the op returned for one position.

        Raises:
            AlcoveError: ``op_failed`` for an image unlike the one before.
        """
        if self._pattern is None or (value is None and self._stack is None):
            self._values.append(value)
            return
        if self._stack is None and not self._values:
            self._stack = empty(self._sizes + value.shape, value.dtype)
            self._axes = _own_axes(value, pattern_of(self._pattern))
        same = self._stack is not None and value is not None and self._stack.dtype == value.dtype
        if self._stack is None or not same or self._stack.shape[len(self._sizes) :] != value.shape:
            before = "None" if self._stack is None else _what(self._stack[(0,) * len(self._sizes)])
            raise _failed("ValueError", f"the op returned {_what(value)} for one slice and {before} for another")
        self._stack[position] = value

    def result(self) -> Any:
        """Over all positions: one image with the outer axes in front, None if all were, else the list of the values."""
        if self._stack is None:
            return None if self._pattern is not None else self._values
        if self._axes is not None:
            set_axes(self._stack, self._outer + self._axes)
        return self._stack


def give_axes(
    outputs: dict[str, Any], described: list[Output], outer: tuple[Axis, ...], reference: Optional[Aligned]
) -> None:
    """Names the axes of images as declared, calibrated like the axes of the same names of the reference."""
    for output in described:
        value = outputs[output.name]
        if output.pattern is None or not is_array(value):
            continue
        given, wanted = given_axes(value), pattern_of(output.pattern)
        if given is not None and len(given) == value.ndim:
            continue
        own = _own_axes(value, wanted)
        if own is not None:
            set_axes(value, own)
        elif reference is not None and not outer and _is_like(value, reference, wanted):  # as nearly always
            remember_axes(value, reference.inner)
        else:
            _give_declared_axes(value, wanted, outer, reference)


def _is_like(value: Array, reference: Aligned, wanted: Pattern) -> bool:
    return value.ndim == len(wanted.names) and tuple([axis.name for axis in reference.inner]) == wanted.names


def _give_declared_axes(value: Array, wanted: Pattern, outer: tuple[Axis, ...], reference: Optional[Aligned]) -> None:
    known = {axis.name: axis for axis in (reference.outer + reference.inner if reference else ())}
    with_known = tuple(name for name in wanted.names if name in wanted.required or name in known)
    patterns = (wanted.names, wanted.required, with_known)
    inner = next((names for names in patterns if len(names) == value.ndim - len(outer)), None)
    if inner is not None:
        remember_axes(value, outer + tuple(known.get(axis.name, axis) for axis in named_axes(inner)))


def _own_axes(value: Array, wanted: Pattern) -> Optional[tuple[Axis, ...]]:
    """The axes that the op has set, or that a view of an image has which it was given: one that is cropped or sampled.
    What was turned or mirrored is another image, as the op declares it."""
    own = given_axes(value)
    if own is not None:
        return own
    found = axes(value) or ()
    names = [axis.name for axis in found]
    as_declared = [name for name in wanted.names if name in names] == names and set(wanted.required) <= set(names)
    return found if as_declared and all(axis.scale > 0 for axis in found) else None


def _misfit(name: str, returned: str, declared: str, hint: Optional[str]) -> AlcoveError:
    message = f"the op returned {returned} for its output {name}, which is declared as {declared}"
    return _failed("TypeError", message, hint)


def _failed(kind: str, message: str, hint: Optional[str] = None) -> AlcoveError:
    more = {} if hint is None else {"hint": hint}
    return AlcoveError("op_failed", message, type=kind, traceback="", frames=[], **more)
