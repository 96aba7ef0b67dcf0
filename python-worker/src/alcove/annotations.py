"""What an op's signature is written with: array roles, refinements and axes.

Nothing here imports numpy: an op file must load, and be described, before its environment exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Union

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]
    Image = numpy.ndarray[Any, Any]
    Labels = numpy.ndarray[Any, Any]
    Mask = numpy.ndarray[Any, Any]
    Points = numpy.ndarray[Any, Any]
else:

    class Array:
        """Any ndarray, taken and returned as it is."""

        role = "array"
        axes = None

    class Image(Array):
        """Intensities. Axes are ``y x`` unless ``Axes`` says otherwise."""

        role = "image"
        axes = "y x"

    class Labels(Array):
        """Integers: 0 is background, every other number one object. Axes as for ``Image``."""

        role = "labels"
        axes = "y x"

    class Mask(Array):
        """Booleans: true is foreground. Axes as for ``Image``."""

        role = "mask"
        axes = "y x"

    class Points(Array):
        """float64 of shape (N, D): one row a point, columns in axis order, in pixels."""

        role = "points"
        axes = None


class Axis(NamedTuple):
    """One axis of an array, in the terms of OME-NGFF.

    ``type`` is ``space`` (x, y, z), ``time`` (t) or ``channel`` (c); ``scale`` is the step between two elements and
    ``translation`` the position of element 0, both in ``unit`` ("micrometer", "second") or in elements when it is None.
    """

    name: str
    type: str = "space"
    unit: Optional[str] = None
    scale: float = 1.0
    translation: float = 0.0


_TYPE_OF_AXIS = {"t": "time", "c": "channel"}


def named_axes(names: Union[str, tuple[str, ...], list[str]]) -> tuple[Axis, ...]:
    """Axes without calibration from their names: ``"z y x"`` or a sequence of names."""
    return tuple(
        Axis(name, _TYPE_OF_AXIS.get(name, "space")) for name in (names.split() if isinstance(names, str) else names)
    )


class Range(NamedTuple):
    """``Annotated[float, Range(0, 1, step=0.1)]``: both ends belong to it; None leaves an end open."""

    minimum: Optional[float] = None
    maximum: Optional[float] = None
    step: Optional[float] = None


class Unit(NamedTuple):
    """``Annotated[float, Unit("micrometer")]``: shown beside the value."""

    name: str


class Label(NamedTuple):
    """``Annotated[float, Label("Blur")]``: what dialogs show instead of the parameter's name."""

    text: str


class Axes(NamedTuple):
    """``Annotated[Image, Axes("c? z? y x")]``: the axes an op wants, in order; ``?`` marks one that may be absent."""

    pattern: str

    def names(self) -> list[str]:
        """All names, optional ones included, in order."""
        return [item.rstrip("?") for item in self.pattern.split()]

    def required(self) -> list[str]:
        """The names that must be there, in order."""
        return [item for item in self.pattern.split() if not item.endswith("?")]


class DTypes(NamedTuple):
    """``Annotated[Image, DTypes("uint8 uint16")]``: the dtypes an op takes."""

    names: str
