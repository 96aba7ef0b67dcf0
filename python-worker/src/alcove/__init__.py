"""What op authors import.

An op is a plain typed function::

    from alcove import Image, Labels, op

    @op
    def segment(image: Image, sigma: float = 1.0) -> Labels:
        ...
"""

from .annotations import Array, Axes, Axis, DTypes, Image, Label, Labels, Mask, Points, Range, Unit
from .arrays import axes, empty, set_axes
from .calls import Cancelled, progress
from .messages import OpError
from .ops import op

__version__ = "0.1.0"

__all__ = [
    "Array",
    "Axes",
    "Axis",
    "Cancelled",
    "DTypes",
    "Image",
    "Label",
    "Labels",
    "Mask",
    "OpError",
    "Points",
    "Range",
    "Unit",
    "axes",
    "empty",
    "op",
    "progress",
    "set_axes",
]
