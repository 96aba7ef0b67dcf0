"""Every type that a signature can have."""

# ruff: noqa: UP045 (Python 3.9 cannot evaluate X | None)
from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional

from alcove import Array, Axes, DTypes, Image, Label, Labels, Mask, Points, Range, Unit, op


class Method(enum.Enum):
    OTSU = 1
    LI = "li"


class Measured(NamedTuple):
    count: int
    mean: float
    where: Optional[Path] = None


@dataclass
class Found:
    labels: Labels
    points: Points
    note: str


@op
def everything(
    image: Annotated[Image, Axes("c? z? y x"), DTypes("uint8 uint16")],
    array: Array,
    mask: Optional[Mask] = None,
    points: Optional[Points] = None,
    flag: bool = True,
    count: Annotated[int, Range(0, 10)] = 3,
    sigma: Annotated[float, Range(0, 20, step=0.5), Unit("pixel"), Label("Blur")] = 1,
    factor: complex = 1j,
    name: str = "cell",
    data: bytes = b"\x00",
    path: Path = Path("a b/ü.tif"),
    method: Literal["otsu", "li"] = "li",
    level: Literal[1, 2] = 2,
    choice: Method = Method.OTSU,
    sizes: Sequence[float] = (1, 2.5),
    names: list[str] = ["a"],  # noqa: B006
    paths: Optional[list[Path]] = None,
    options: dict[str, int] = {},  # noqa: B006
    anything: Any = None,
    limit: Annotated[Optional[float], Range(minimum=0)] = None,
) -> None:
    """Take everything.

    A second paragraph,
    of two lines.

    Args:
        image: what to segment
        sigma (float): blur before
            thresholding, in pixels

        nothing: is no parameter of this op

    method: which threshold

    This is not part of method's text.
    """


@op(
    name="measure it",
    title="Measure a thing",
    menu="Measure>Thing",
    version="1.2",
    idempotent=True,
    gpu=True,
    grace=2.5,
)
def measure(paths: Sequence[Path], choice: Method = Method.LI) -> Measured:
    assert all(isinstance(path, Path) for path in paths)
    return Measured(len(paths), float(choice.value == "li"), paths[0] if paths else None)


@op
def find(shape: list[int]) -> Found:
    import numpy

    return Found(numpy.zeros(shape, "int32"), numpy.zeros((0, len(shape))), "nothing")


@op(output="nuclei")
def named_output(image: Image) -> Labels:
    return image.astype("int32")


@op
def one_image(image: Image) -> Image:
    return image


@op
def one_number() -> Optional[float]:
    return None


@op
def kinds(
    path: Path, choice: Method, number: float, maybe: Optional[Path] = None, many: Sequence[Path] = ()
) -> list[str]:
    return [type(value).__name__ for value in (path, choice, number, maybe, *many)]
