"""Ops that fill arrays of the host's."""

from typing import Annotated

from alcove import Array, Axes, DTypes, Image, InOut, Label, Labels, Out, Points, op


@op
def invert(image: Annotated[Image, DTypes("uint8")], out: Out[Image]) -> None:
    """Inverts an image.

    image: what to invert
    out: of the image's shape
    """
    out[...] = 255 - image


@op
def several(
    labels: Out[Annotated[Labels, Axes("z y x"), DTypes("uint16")]],
    points: Annotated[Out[Points], Label("Centres")],
    factor: float = 2.0,
    *,
    array: Out[Array],
) -> None:
    """Fills three arrays."""


# The other form, in a file with the first.
@op
def double(image: InOut[Image]) -> None:
    image *= 2
