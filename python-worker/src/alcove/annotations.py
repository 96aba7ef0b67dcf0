"""What an op's signature is written with: array roles, refinements and axes.

Nothing here imports numpy: an op file must load, and be described, before its environment exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Optional, TypedDict, TypeVar, Union


class Shape(TypedDict):
    """One outline, as it stands in a list of ``Shapes``.

    ``vertices`` is float64 of shape (N, D), columns in axis order, in pixels; an integer is a pixel's centre. A polygon
    is closed and a path is open; a line has two vertices; a rectangle and an ellipse have the four corners of the box
    around them, in order.
    """

    type: Literal["polygon", "rectangle", "ellipse", "line", "path"]
    vertices: Array


if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]
    Image: TypeAlias = numpy.ndarray[Any, Any]
    Labels: TypeAlias = numpy.ndarray[Any, Any]
    Mask: TypeAlias = numpy.ndarray[Any, Any]
    Points: TypeAlias = numpy.ndarray[Any, Any]
    Vectors: TypeAlias = numpy.ndarray[Any, Any]
    Tracks: TypeAlias = numpy.ndarray[Any, Any]
    Shapes: TypeAlias = list[Shape]
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

    class Vectors(Array):
        """float64 of shape (N, 2, D): each a start and its displacement, columns in axis order, in pixels."""

        role = "vectors"
        axes = None

    class Tracks(Array):
        """float64 of shape (N, 2+D): one row a position: number of the track, time, then as in ``Points``."""

        role = "tracks"
        axes = None

    class Shapes:
        """Outlines: a list of ``Shape``."""


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


class _Refinement:
    """Equal to what is written alike, and to nothing else.

    typing keeps the types it has made, by their arguments. Were these tuples or numbers, ``Unit("s")`` would come back
    where ``Label("s")`` was written, and ``Range(0)`` for ``Range(0.0)``.
    """

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class Range(_Refinement):
    """``Annotated[float, Range(0, 1, step=0.1)]``: both ends belong to it; None leaves an end open."""

    def __init__(
        self, minimum: Optional[float] = None, maximum: Optional[float] = None, step: Optional[float] = None
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.step = step


class Unit(_Refinement):
    """``Annotated[float, Unit("micrometer")]``: shown beside the value."""

    def __init__(self, name: str) -> None:
        self.name = name


class Label(_Refinement):
    """``Annotated[float, Label("Blur")]``: what dialogs show instead of the parameter's name."""

    def __init__(self, text: str) -> None:
        self.text = text


class Axes(_Refinement):
    """``Annotated[Image, Axes("c? z? y x")]``: the axes an op wants, in order; ``?`` marks one that may be absent."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def names(self) -> list[str]:
        """All names, optional ones included, in order."""
        return [item.rstrip("?") for item in self.pattern.split()]

    def required(self) -> list[str]:
        """The names that must be there, in order."""
        return [item for item in self.pattern.split() if not item.endswith("?")]


class DTypes(_Refinement):
    """``Annotated[Image, DTypes("uint8 uint16")]``: the dtypes an op takes."""

    def __init__(self, names: str) -> None:
        self.names = names


class Writable:
    """``Annotated[Image, Writable]``: the op gets a copy of its own, which it may change."""


class Direction(_Refinement):
    """What ``Out`` and ``InOut`` say of a parameter."""

    def __init__(self, name: Literal["out", "inout"]) -> None:
        self.name = name


Kind = TypeVar("Kind")

Out = Annotated[Kind, Direction("out")]
"""``out: Out[Image]``: an array that the host has allocated and the op fills. To type checkers it is the ``Image``."""

InOut = Annotated[Kind, Direction("inout")]
"""``image: InOut[Image]``: an array of the host's that the op changes. To type checkers it is the ``Image``."""
