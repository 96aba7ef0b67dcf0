# /// script
# requires-python = ">=3.10"
# dependencies = ["scikit-image"]  # which brings numpy and scipy
# ///
# With conda's packages instead, write in place of "dependencies":
#     [tool.alcove]
#     conda = ["scikit-image"]
"""Finds nuclei by classical means: stain separation, thresholds, watershed.

Loading this file needs Alcove alone. What an op needs is imported in its body, when the op's environment exists.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from alcove import Axes, DTypes, Image, Label, Labels, Range, Unit, op, progress


@dataclass
class Nuclei:
    """What ``segment`` gives back: one output for each field."""

    labels: Labels
    count: int


@op(title="Segment nuclei", menu="Segmentation")
def segment(
    image: Image,
    sigma: Annotated[float, Range(0, 20, step=0.5), Unit("pixel"), Label("Blur")] = 1.0,
    diameter: Annotated[float, Range(3, 500), Unit("pixel"), Label("Diameter of a nucleus")] = 20.0,
    minimum_area: Annotated[int, Range(0, 100_000), Unit("pixel"), Label("Smallest area")] = 30,
) -> Nuclei:
    """Finds bright nuclei on a dark background and separates those that touch.

    sigma: blur before thresholding, against noise.
    diameter: the width of a typical nucleus; what is brighter than its surroundings on this scale is a nucleus.
    minimum_area: smaller objects are left out.
    """
    import numpy
    from scipy import ndimage
    from skimage import filters, measure, morphology, segmentation

    progress(0.0, "finding what is brighter than its surroundings")
    smooth = filters.gaussian(image, sigma, preserve_range=True)
    otsu = filters.threshold_otsu(smooth)
    floor = (otsu + numpy.median(smooth[smooth <= otsu])) / 2
    surroundings = filters.threshold_local(smooth, 2 * round(1.4 * diameter) + 1)
    foreground = (smooth > floor) & (smooth > surroundings)
    foreground = ndimage.binary_fill_holes(ndimage.binary_opening(foreground, iterations=2))

    progress(0.4, "separating nuclei that touch")
    distance = filters.gaussian(ndimage.distance_transform_edt(foreground), 1.0)
    centres = measure.label(morphology.h_maxima(distance, 0.5))
    labels = segmentation.watershed(-distance, centres, mask=foreground)

    progress(0.8, "leaving out small objects")
    labels[numpy.bincount(labels.ravel())[labels] < minimum_area] = 0
    labels, _, _ = segmentation.relabel_sequential(labels)
    count = int(labels.max())
    return Nuclei(labels.astype(numpy.uint16 if count < 2**16 else numpy.uint32), count)


@op(menu="Segmentation", output="overlay")
def overlay(image: Annotated[Image, Axes("y x c?")], labels: Labels) -> Annotated[Image, Axes("y x c")]:
    """Draws the outlines of labels over an image, grey or in colours, as an 8-bit picture in colours.

    image: its contrast is stretched, so that any range of values shows.
    """
    import numpy
    from skimage import segmentation

    if image.ndim == 3:
        image = image[..., :3]  # without opacity
    low, high = numpy.percentile(image, (0.5, 99.8))
    picture = ((image - low) / (high - low or 1)).clip(0, 1)
    outlined = segmentation.mark_boundaries(picture, labels, color=(1, 0.85, 0), mode="inner")
    return numpy.array(255 * outlined + 0.5, dtype=numpy.uint8)


@op(menu="Color", output="amount")
def separate_stains(
    image: Annotated[Image, Axes("y x c"), DTypes("uint8")], stain: Literal["haematoxylin", "DAB"] = "haematoxylin"
) -> Image:
    """How much of a stain there is in a colour image of a tissue section, from 0 to 255 at the strongest spot.

    stain: haematoxylin is blue and marks nuclei, DAB is brown and marks the antibody.
    """
    import numpy
    from skimage import color

    amounts = color.separate_stains(image[..., :3], color.hdx_from_rgb)
    amount = amounts[..., ("haematoxylin", "DAB").index(stain)].clip(min=0)
    return numpy.array(255 * amount / (amount.max() or 1) + 0.5, dtype=numpy.uint8)
