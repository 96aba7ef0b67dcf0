# /// script
# dependencies = ["numpy"]
# ///
"""What the tests see through from menu to pixel: an op with every kind of field, and ops for stacks, points, tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from alcove import Axes, DTypes, Image, InOut, Label, Labels, Mask, Points, Range, Table, Unit, op


@dataclass
class Found:
    """What ``threshold`` gives back.

    labels: one number for each row of blobs
    count: how many pixels
    """

    labels: Labels
    count: int


@op(title="Levels", menu="Tests")
def threshold(
    image: Annotated[Image, DTypes("uint8 uint16")],
    level: Annotated[int, Range(0, 255), Unit("grey"), Label("Lowest value")] = 100,
    side: Literal["above", "below"] = "above",
    number: Annotated[float, Range(minimum=1)] = 7.5,
    doubled: bool = True,
    note: str = "none",
) -> Found:
    """Marks pixels by their value.

    level: where the line is drawn
    side: which pixels are meant
    """
    import numpy

    chosen = numpy.asarray(image) > level if side == "above" else numpy.asarray(image) <= level
    labels = chosen * (int(number) * (2 if doubled else 1))
    return Found(labels.astype("uint16"), int(chosen.sum()))


@op(title="Brightest", menu="Tests")
def brightest(image: Annotated[Image, DTypes("uint8")], highest: Annotated[int, Range(0, 255)] = 200) -> Image:
    """Cuts off what is brighter."""
    import numpy

    return numpy.asarray(image).clip(0, highest)


@op(title="Mark Bright", menu="Tests")
def mark(image: Image) -> Mask:
    import numpy

    return numpy.asarray(image) > 100


@op(title="Peaks", menu="Tests")
def peaks(image: Image, count: Annotated[int, Range(1, 50)] = 3) -> Points:
    import numpy

    places = numpy.argsort(numpy.asarray(image).ravel(), kind="stable")[-count:]
    return numpy.stack(numpy.unravel_index(places, image.shape), axis=1).astype(float)


@op(title="Rows", menu="Tests")
def rows(image: Image, count: int = 3) -> Table:
    return Table({"row": list(range(count)), "mean": [float(line.mean()) for line in image[:count]]})


@op(title="Brighten", menu="Tests")
def brighten(image: Annotated[InOut[Image], DTypes("uint8")], by: Annotated[int, Range(0, 50)] = 10) -> None:
    image[...] = image.clip(0, 255 - by) + by


@op(title="Depth", menu="Tests")
def depth(stack: Annotated[Image, Axes("z y x")]) -> Image:
    """Wants a stack."""
    import numpy

    return numpy.asarray(stack).max(axis=0)


@op(title="Wait", menu="Tests")
def wait(image: Image, folder: Path) -> Image:
    """Goes on when there is a file ``go`` in the folder."""
    import time

    from alcove import progress

    (folder / "began").touch()
    while not (folder / "go").exists():
        progress(0.5, "waiting for a file")
        time.sleep(0.02)
    return image + 1


@op(title="Hang", menu="Tests")
def hang(image: Image, folder: Path) -> Image:
    """Reacts to nothing, as code in C may."""
    import ctypes

    (folder / "began").touch()
    while True:
        ctypes.PyDLL(None).sleep(1)


@op(title="Raise", menu="Tests")
def fail(image: Image, text: str = "no nuclei in here") -> Image:
    values: dict[str, Any] = {}
    print("something on stderr before it fails")
    return values[text]  # the line that fails


@op(title="Crash", menu="Tests")
def crash(image: Image, hard: bool = True) -> Image:
    import ctypes

    ctypes.string_at(0)
    return image
