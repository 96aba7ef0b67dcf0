"""Arrays: their roles, axes and dtypes."""

from typing import Annotated, Optional

from alcove import Array, Axes, DTypes, Image, Label, Labels, Mask, Points, Tracks, Unit, Vectors, Writable, op


@op
def roles(
    array: Array, image: Image, labels: Labels, mask: Mask, points: Points, vectors: Vectors, tracks: Tracks
) -> Array:
    """One of each role."""
    return array


@op
def refined(
    image: Annotated[Image, Axes("c? z? y x"), DTypes("uint8 uint16")],
    labels: Annotated[Labels, Axes("t z y x"), DTypes("uint32")],
    mask: Annotated[Mask, Axes("x")],
    array: Annotated[Array, Axes("wavelength? y x"), DTypes("float32 float64 complex64")],
    points: Annotated[Points, DTypes("float64"), Unit("pixel"), Label("Seeds")],
    every: Annotated[
        Image,
        DTypes("bool float16 float32 float64 complex64 complex128 int8 int16 int32 int64 uint8 uint16 uint32 uint64"),
    ],
) -> Annotated[Image, Axes("z y x"), DTypes("float32")]:
    """Axes and dtypes."""
    return image


@op
def optional(
    image: Optional[Image],
    labels: Optional[Annotated[Labels, Axes("z y x")]] = None,
    mask: Annotated[Optional[Mask], DTypes("bool")] = None,
) -> Optional[Image]:
    """Arrays that need not be there."""
    return image


@op
def own_copy(
    image: Annotated[Image, Writable], labels: Optional[Annotated[Labels, Axes("z y x"), Writable]] = None
) -> Image:
    """Arrays of which the op gets a copy; the host need not know."""
    image[0] = 0
    return image
