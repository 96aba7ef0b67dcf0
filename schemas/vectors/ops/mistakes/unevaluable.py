from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from alcove import Image, op

if TYPE_CHECKING:
    import numpy


class Result(NamedTuple):
    image: Image
    other: Unknown


@op
def names(
    missing: Nothing,
    path: Path,
    table: Table,
    choice: Literal["a", "b"],
    array: numpy.ndarray,
    nested: list[Missing],
) -> Nowhere: ...


@op
def expressions(
    unfinished: "int +",
    raises: "1 / 0",
    number: "int | 5",
) -> None: ...


@op
def result() -> Result: ...
