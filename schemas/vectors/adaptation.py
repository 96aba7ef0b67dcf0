"""The ops of adaptation.json. Each counts its calls, for the op ``calls`` to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy

import alcove
from alcove import (
    Array,
    Axes,
    Axis,
    DTypes,
    Image,
    InOut,
    Labels,
    Mask,
    Out,
    Points,
    Table,
    Tracks,
    Vectors,
    Writable,
    op,
)

_calls = 0


def count() -> None:
    global _calls
    _calls += 1


@op
def calls() -> int:
    """How often the ops of this file were called since this one was."""
    global _calls
    number, _calls = _calls, 0
    return number


@op
def plane(image: Image) -> Image:
    count()
    return image + image.dtype.type(1)


@op
def flipped(image: Annotated[Image, Axes("x y")]) -> Annotated[Image, Axes("x y")]:
    count()
    return image


@op
def volume(image: Annotated[Image, Axes("z y x")]) -> Annotated[Image, Axes("z y x")]:
    count()
    return image


@op
def projected(image: Annotated[Image, Axes("z y x")]) -> Image:
    count()
    return image.max(axis=0)


@op
def with_channels(image: Annotated[Image, Axes("c? z? y x")]) -> list[str]:
    """The axes that the op sees."""
    count()
    return [axis.name for axis in alcove.axes(image) or ()]


@op
def same_channels(image: Annotated[Image, Axes("c? z? y x")]) -> Annotated[Image, Axes("c? z? y x")]:
    count()
    return image + image.dtype.type(1)


@op
def shape_of(image: Image) -> list[int]:
    count()
    return list(image.shape)


@op
def add(first: Image, second: Image) -> Image:
    count()
    return first + second


@dataclass
class Found:
    labels: Labels
    count: int


@op
def found(image: Image) -> Found:
    count()
    return Found((image > 2).astype("uint16"), int(image.max()))


@op
def centre(image: Image) -> Points:
    count()
    return numpy.array([[(size - 1) / 2 for size in image.shape]])


@op
def measured(image: Image) -> Table:
    count()
    return Table({"mean": [float(image.mean())]})


@op
def cropped(image: Image) -> Image:
    count()
    return image[1:, 1:]


@op
def sampled(image: Image) -> Image:
    count()
    return image[::2, ::2]


@op
def mirrored(image: Image) -> Image:
    count()
    return image[::-1]


@op
def turned(image: Image) -> Image:
    count()
    return image.T


@op
def recalibrated(image: Image) -> Image:
    count()
    return alcove.set_axes(image + image.dtype.type(0), (Axis("y", scale=2), Axis("x", scale=3, unit="metre")))


@op
def half_of_them(image: Image) -> Image:
    """Returns fewer rows for some slices than for others."""
    count()
    return image[: 1 + int(image.max()) % 2]


@op
def bytes_if_dark(image: Image) -> Image:
    """Returns another dtype for some slices than for others."""
    count()
    return image / 2 if image.any() else image


# dtypes


@op
def any_dtype(array: Array) -> str:
    count()
    return str(array.dtype.name)


@op
def bytes_or_words(image: Annotated[Image, DTypes("uint8 uint16")]) -> Annotated[Image, DTypes("uint8 uint16")]:
    count()
    return image


@op
def signed_bytes(array: Annotated[Array, DTypes("int8")]) -> Array:
    count()
    return array


@op
def words(array: Annotated[Array, DTypes("uint16")]) -> Array:
    count()
    return array


@op
def longs(array: Annotated[Array, DTypes("int64")]) -> Array:
    count()
    return array


@op
def unsigned_longs(array: Annotated[Array, DTypes("uint64")]) -> Array:
    count()
    return array


@op
def halves(array: Annotated[Array, DTypes("float16")]) -> Array:
    count()
    return array


@op
def singles(array: Annotated[Array, DTypes("float32")]) -> Array:
    count()
    return array


@op
def doubles(array: Annotated[Array, DTypes("float64")]) -> Array:
    count()
    return array


@op
def singles_or_doubles(array: Annotated[Array, DTypes("float32 float64")]) -> Array:
    count()
    return array


@op
def complex_singles(array: Annotated[Array, DTypes("complex64")]) -> Array:
    count()
    return array


@op
def complex_doubles(array: Annotated[Array, DTypes("complex128")]) -> Array:
    count()
    return array


@op
def booleans(array: Annotated[Array, DTypes("bool")]) -> Array:
    count()
    return array


@op
def masked(mask: Mask) -> Mask:
    count()
    return mask


# roles with a shape of their own


@op
def points(points: Points) -> Points:
    count()
    return points


@op
def vectors(vectors: Vectors) -> Vectors:
    count()
    return vectors


@op
def tracks(tracks: Tracks) -> Tracks:
    count()
    return tracks


# what the op writes


@op
def emptied(image: Annotated[Image, Writable]) -> Image:
    count()
    image[...] = 0
    return image


@op
def plus_one(image: Image, out: Out[Image]) -> None:
    count()
    out[...] = image + 1


@op
def doubled(image: InOut[Image]) -> None:
    count()
    image *= 2


@op
def filled(image: Image, out: Out[Annotated[Image, DTypes("uint16")]]) -> None:
    count()
    out[...] = image


@op
def filled_flipped(image: Image, out: Out[Annotated[Image, Axes("x y")]]) -> None:
    count()
    out[...] = image.T


@op
def labelled(image: Image, out: Out[Labels]) -> None:
    count()
    out[...] = image > 2


# results that are not what was declared


@op
def wrong_mask(kind: str) -> Mask:
    count()
    return returned(kind)


@op
def wrong_labels(kind: str) -> Labels:
    count()
    return returned(kind)


@op
def wrong_points(kind: str) -> Points:
    count()
    return returned(kind)


@op
def wrong_number(kind: str) -> float:
    count()
    return returned(kind)


@op
def wrong_integer(kind: str) -> int:
    count()
    return returned(kind)


@op
def wrong_table(kind: str) -> Table:
    count()
    return returned(kind)


@op
def wrong_list(kind: str) -> list[int]:
    count()
    return returned(kind)


def returned(kind: str) -> Any:
    return {
        "none": lambda: None,
        "text": lambda: "text",
        "true": lambda: True,
        "integer": lambda: 3,
        "float": lambda: 3.0,
        "numpy integer": lambda: numpy.int64(3),
        "numpy float": lambda: numpy.float32(0.5),
        "integers": lambda: [1, 2],
        "numpy integers": lambda: [numpy.uint8(1), 2],
        "floats": lambda: [1, 2.5],
        "mask": lambda: numpy.ones((2, 2), "bool"),
        "bytes": lambda: numpy.ones((2, 2), "uint8"),
        "doubles": lambda: numpy.ones((2, 2)),
        "line": lambda: numpy.ones(2),
        "large integers": lambda: numpy.full((2, 2), 2**62),
        "columns": lambda: {"a": [1, 2], "b": [3, 4]},
        "unequal columns": lambda: {"a": [1, 2], "b": [3]},
    }[kind]()
