# /// script
# requires-python = ">=3.10"
# dependencies = ["scikit-image"]  # which brings numpy and scipy
# ///
"""Finds spots, such as single molecules or vesicles, to a fraction of a pixel."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from alcove import Axes, Image, Label, Points, Range, Unit, op, progress

if TYPE_CHECKING:
    import numpy


@dataclass
class Spots:
    """What ``spots`` gives back.

    points: the centres, to a fraction of a pixel, the brightest first.
    count: how many there are.
    """

    points: Annotated[Points, Axes("z? y x")]
    count: int


@op(title="Find spots", menu="Detection", idempotent=True)
def spots(
    image: Annotated[Image, Axes("z? y x")],
    diameter: Annotated[float, Range(1.5, 50, step=0.5), Unit("pixel"), Label("Diameter of a spot")] = 5.0,
    threshold: Annotated[float, Range(1, 100, step=0.5), Label("Times brighter than noise")] = 8.0,
) -> Spots:
    """Finds bright round spots in an image or a stack.

    diameter: the width of a spot; what is much smaller or larger is passed over.
    threshold: how far a spot must stand out, in standard deviations of the noise.
    """
    import numpy
    from scipy import ndimage
    from skimage import feature

    progress(0.0, "looking for what is as wide as a spot")
    sigma = diameter / 2 / image.ndim**0.5  # where the filter answers most to a disc, or a ball, of this diameter
    response = -ndimage.gaussian_laplace(image.astype(numpy.float32), sigma)
    noise = 1.4826 * float(numpy.median(numpy.abs(response - numpy.median(response))))
    least = max(threshold * noise, 1e-4 * float(response.max()))  # the second for images without any noise

    progress(0.7, "finding the centres")
    distance = max(1, round(diameter / 2))
    peaks = feature.peak_local_max(response, min_distance=distance, threshold_abs=least, exclude_border=False)
    points = _refined(response, peaks)
    return Spots(points, len(points))


def _refined(response: "numpy.ndarray", peaks: "numpy.ndarray") -> "numpy.ndarray":
    """The summits of parabolas through each peak and its two neighbours, axis by axis."""
    import numpy

    points = peaks.astype(numpy.float64)
    padded = numpy.pad(response, 1, mode="edge")
    centre = padded[tuple(peaks.T + 1)]
    for axis in range(response.ndim):
        step = numpy.eye(response.ndim, dtype=int)[axis]
        before, after = (padded[tuple((peaks + 1 + sign * step).T)] for sign in (-1, 1))
        bend = numpy.maximum(2 * centre - before - after, 1e-12)
        points[:, axis] += ((after - before) / (2 * bend)).clip(-0.5, 0.5)
    return points
