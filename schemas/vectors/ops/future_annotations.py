"""Annotations that are texts, because none is evaluated or because they are quoted."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Optional

from alcove import Axes, Image, InOut, Labels, Out, Range, Table, op

if TYPE_CHECKING:
    from collections.abc import Callable  # noqa: F401


@op
def postponed(
    image: Annotated[Image, Axes("z? y x")],
    method: Method,
    sigma: Annotated[float, Range(0, 20)] = 1.0,
    sizes: Optional[list[Size]] = None,
    table: Optional[Table] = None,
) -> Result:
    """Refers to what is defined below."""
    return Result(image, method)


@op
def quoted(image: "Image", mode: 'Literal["a", "b"]' = "a") -> "Labels":  # noqa: UP037
    return image


@op
def filled(image: Image, out: Out[Annotated[Image, Axes("y x")]]) -> None:
    pass


@op
def changed(image: InOut[Image]) -> None:
    pass


Size = Annotated[int, Range(1, 100)]


class Method(enum.Enum):
    OTSU = 1
    LI = 2


class Result(NamedTuple):
    """image: as it was"""

    image: Image
    method: Method
