"""The same function as an op."""

from __future__ import annotations

from smoothing import smoothed

from alcove import Image, op


@op
def smooth(image: Image) -> Image:
    """The image, smoothed."""
    return smoothed(image)
