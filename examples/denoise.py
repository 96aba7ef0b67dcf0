# /// script
# requires-python = ">=3.10"
# dependencies = ["scikit-image"]  # which brings numpy and scipy
# ///
"""Takes noise out of a stack, plane by plane, and tells how far it is."""

from typing import TYPE_CHECKING, Annotated, Literal

from alcove import Axes, Image, Label, Range, empty, op, progress

if TYPE_CHECKING:
    import numpy


@op(title="Denoise stack", menu="Filter", idempotent=True)
def denoise(
    image: Annotated[Image, Axes("z? y x")],
    method: Literal["non-local means", "total variation", "median"] = "non-local means",
    strength: Annotated[float, Range(0.2, 5, step=0.1), Label("Strength")] = 1.0,
) -> Annotated[Image, Axes("z? y x")]:
    """Takes noise out of an image or a stack and keeps the edges.

    method: non-local means averages what looks alike; total variation makes plain surfaces; the median removes single
        bright and dark pixels and takes the planes above and below into account.
    strength: how much noise is expected, as a multiple of what is found in the image. It says nothing to the median.
    """
    import numpy

    stack = image if image.ndim == 3 else image[None]
    noise = strength * float(numpy.mean([_noise(plane) for plane in stack]))
    result = empty(image.shape, image.dtype)  # in shared memory, so that returning it copies nothing
    planes = result if result.ndim == 3 else result[None]
    for index in progress.over(range(len(stack)), f"{method}, plane by plane"):
        smooth = _median(stack, index) if method == "median" else _smooth(stack[index], method, noise)
        planes[index] = _fitting(smooth, image.dtype)
    return result


def _noise(plane: "numpy.ndarray") -> float:
    """The standard deviation of the noise: what is left of a plane without its steps and slopes (Immerkær 1996)."""
    import numpy
    from scipy import ndimage

    mask = [[1, -2, 1], [-2, 4, -2], [1, -2, 1]]
    rest = ndimage.convolve(plane.astype(numpy.float32), numpy.array(mask, numpy.float32))
    return float(numpy.median(numpy.abs(rest)) / 0.6745 / 6)


def _smooth(plane: "numpy.ndarray", method: str, noise: float) -> "numpy.ndarray":
    import numpy
    from skimage import restoration

    if noise == 0:
        return plane
    scaled = plane.astype(numpy.float32) / noise  # both count in units of the range otherwise, not of the noise
    if method == "total variation":
        smooth = restoration.denoise_tv_chambolle(scaled, weight=1.0)
    else:
        smooth = restoration.denoise_nl_means(
            scaled, patch_size=7, patch_distance=6, h=1.0, sigma=1.0, fast_mode=True, preserve_range=True
        )
    return numpy.asarray(smooth * noise)


def _median(stack: "numpy.ndarray", index: int) -> "numpy.ndarray":
    """The median of a pixel and its neighbours in three planes, or as many as there are."""
    import numpy
    from scipy import ndimage

    first = max(index - 1, 0)
    neighbours = stack[first : index + 2]
    return numpy.asarray(ndimage.median_filter(neighbours, size=3, mode="nearest")[index - first])


def _fitting(plane: "numpy.ndarray", dtype: "numpy.dtype") -> "numpy.ndarray":
    """As the image's own dtype, rounded and clipped where that is one of integers."""
    import numpy

    if numpy.issubdtype(dtype, numpy.integer):
        limits = numpy.iinfo(dtype)
        plane = numpy.rint(plane).clip(limits.min, limits.max)
    return plane.astype(dtype)
