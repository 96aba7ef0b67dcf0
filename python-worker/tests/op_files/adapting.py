"""Ops for what the vectors of adaptation leave out."""

from __future__ import annotations

from typing import Annotated

import numpy

from alcove import Array, DTypes, Image, Out, Shapes, Writable, op


@op
def sum_all(images: list[Annotated[Image, DTypes("uint16")]]) -> list:
    return [[*image.shape, image.dtype.name, image.sum()] for image in images]


@op
def may_change(
    private: Annotated[Image, Writable, DTypes("uint16")], shared: Annotated[Image, DTypes("uint16")]
) -> list[bool]:
    private[...] = 0
    return [private.flags.writeable, shared.flags.writeable]


@op
def eat(image: Image, names: list[str], private: Annotated[Array, Writable], arrays: list[Array]) -> list[float]:
    names.append("another")
    private += 1
    return [len(names), float(private[0]), len(arrays)]


@op
def fill(out: Out[Image]) -> None:
    out[...] = 7


@op
def bright_or_none(image: Image) -> Image | None:
    return image if image.any() else None


@op
def outline(dtype: str, type: str = "polygon") -> Shapes:
    return [{"type": type, "vertices": numpy.zeros((3, 2), dtype)}]
