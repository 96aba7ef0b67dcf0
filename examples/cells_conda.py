# /// script
# requires-python = ">=3.10"
# [tool.alcove]
# conda = ["numpy"]  # from conda-forge, as is Python then; channels = ["bioconda", "conda-forge"] names others
# ///
"""Finds nuclei with numpy alone, in an environment of conda packages. ``cells.py`` finds more of them.

What conda has not may come from Python's package index as well: ``dependencies = [...]`` above ``[tool.alcove]``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from alcove import Axes, Image, Label, Labels, Range, Unit, op, progress

if TYPE_CHECKING:
    import numpy


@dataclass
class Nuclei:
    """What ``segment`` gives back: one output for each field."""

    labels: Labels
    count: int


@op(title="Segment nuclei (numpy)", menu="Segmentation")
def segment(
    image: Image,
    diameter: Annotated[float, Range(3, 500), Unit("pixel"), Label("Diameter of a nucleus")] = 20.0,
    minimum_area: Annotated[int, Range(0, 100_000), Unit("pixel"), Label("Smallest area")] = 30,
) -> Nuclei:
    """Finds bright nuclei on a dark background and separates those that touch.

    diameter: the width of a typical nucleus; what is brighter than its surroundings on this scale is a nucleus.
    minimum_area: smaller objects are left out.
    """
    import numpy

    progress(0.0, "finding what is brighter than its surroundings")
    smooth = _mean(image.astype(numpy.float64), diameter / 7)
    floor = (_threshold(smooth) + numpy.median(smooth)) / 2
    foreground = (smooth > floor) & (smooth > _mean(smooth, 2.4 * diameter))

    progress(0.5, "separating nuclei that touch")
    summits = _summits(_mean(smooth, diameter / 3))
    labels = numpy.where(foreground, summits + 1, 0)

    progress(0.8, "leaving out small objects")
    areas = numpy.bincount(labels.ravel())
    kept = numpy.flatnonzero(areas >= max(minimum_area, 1))
    kept = kept[kept > 0]
    numbers = numpy.zeros(len(areas), numpy.uint16 if len(kept) < 2**16 else numpy.uint32)
    numbers[kept] = numpy.arange(1, len(kept) + 1)
    return Nuclei(numbers[labels], len(kept))


@op(title="Overlay (numpy)", menu="Segmentation", output="overlay")
def overlay(image: Image, labels: Labels) -> Annotated[Image, Axes("y x c")]:
    """Draws the outlines of labels over a grey image, as an 8-bit picture in colours.

    image: its contrast is stretched, so that any range of values shows.
    """
    import numpy

    low, high = numpy.percentile(image, (0.5, 99.8))
    grey = ((image - low) / (high - low or 1)).clip(0, 1) * 255
    picture = numpy.repeat(grey.astype(numpy.uint8)[..., None], 3, axis=2)
    inside = labels > 0
    outline = numpy.zeros(labels.shape, bool)
    outline[:, 1:] |= (labels[:, 1:] != labels[:, :-1]) & inside[:, 1:]
    outline[1:, :] |= (labels[1:, :] != labels[:-1, :]) & inside[1:, :]
    outline[:, :-1] |= (labels[:, 1:] != labels[:, :-1]) & inside[:, :-1]
    outline[:-1, :] |= (labels[1:, :] != labels[:-1, :]) & inside[:-1, :]
    picture[outline] = (255, 217, 0)
    return picture


def _mean(image: "numpy.ndarray", width: float) -> "numpy.ndarray":
    """The mean over a square, twice, so that it comes near to a round blur."""
    import numpy

    radius = max(1, round(width / 2))
    for axis in (0, 1, 0, 1):
        edges = [(0, 0), (0, 0)]
        edges[axis] = (radius + 1, radius)
        sums = numpy.pad(image, edges, mode="edge").cumsum(axis=axis)
        ahead, behind = [slice(None)] * 2, [slice(None)] * 2
        ahead[axis], behind[axis] = slice(2 * radius + 1, None), slice(None, -2 * radius - 1)
        image = (sums[tuple(ahead)] - sums[tuple(behind)]) / (2 * radius + 1)
    return image


def _threshold(image: "numpy.ndarray") -> float:
    """Otsu's: where the two sides differ most."""
    import numpy

    counts, edges = numpy.histogram(image, 256)
    centres = (edges[:-1] + edges[1:]) / 2
    below = counts.cumsum()
    above = below[-1] - below
    sums = (counts * centres).cumsum()
    means = sums / below.clip(min=1) - (sums[-1] - sums) / above.clip(min=1)
    return float(centres[numpy.argmax(below * above * means**2)])


def _summits(image: "numpy.ndarray") -> "numpy.ndarray":
    """For each pixel the index of the summit that one comes to who always climbs to the brightest neighbour."""
    import numpy

    height, width = image.shape
    padded = numpy.pad(image, 1, constant_values=-numpy.inf)
    best = image.copy()
    goal = numpy.arange(image.size).reshape(image.shape)
    own = goal.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            neighbour = padded[1 + down : 1 + down + height, 1 + right : 1 + right + width]
            brighter = neighbour > best
            best[brighter] = neighbour[brighter]
            goal[brighter] = own[brighter] + down * width + right
    flat = goal.ravel()
    while not numpy.array_equal(flat, flat[flat]):
        flat = flat[flat]
    return flat.reshape(image.shape)
