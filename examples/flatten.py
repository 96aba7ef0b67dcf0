# /// script
# requires-python = ">=3.10"
# dependencies = ["scikit-image"]  # which brings numpy and scipy
# ///
"""An inplace op: it changes the image that it is given, and gives nothing back."""

from typing import Annotated

from alcove import Image, InOut, Label, Range, Unit, op, progress


# Done twice it would go further, so nothing may repeat it by itself.
@op(title="Flatten illumination", menu="Filter", idempotent=False)
def flatten(
    image: InOut[Image],
    width: Annotated[float, Range(5, 1000, step=5), Unit("pixel"), Label("Size of what to keep")] = 100.0,
) -> None:
    """Makes an unevenly lit image even, in place: divides it by itself, blurred, and keeps its mean brightness.

    width: details up to this size stay as they are, slower changes are taken for the illumination.
    """
    import numpy
    from scipy import ndimage

    progress(0.0, "blurring")
    light = ndimage.gaussian_filter(image.astype(numpy.float32), width / 2, mode="nearest")
    floor = max(float(light.max()) * 1e-3, 1e-12)  # nothing to divide by where it is dark
    progress(0.8, "dividing")
    flat = image * (float(light.mean()) / light.clip(min=floor))
    if numpy.issubdtype(image.dtype, numpy.integer):
        limits = numpy.iinfo(image.dtype)
        flat = numpy.rint(flat).clip(limits.min, limits.max)
    image[...] = flat
