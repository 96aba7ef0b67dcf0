# /// script
# dependencies = ["scikit-image"]
# ///
from typing import Annotated

from alcove import Image, Labels, Range, Unit, op


@op(title="Find blobs", menu="Segmentation")
def blobs(image: Image, sigma: Annotated[float, Range(0, 10), Unit("pixel")] = 2.0) -> Labels:
    """Numbers the bright blobs of an image.

    sigma: blur before thresholding, against noise
    """
    from skimage import filters, measure

    smooth = filters.gaussian(image, sigma)
    labels: Labels = measure.label(smooth > filters.threshold_otsu(smooth))
    return labels.astype("uint16")
