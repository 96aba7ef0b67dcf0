"""What op authors import.

An op is a plain typed function::

    from alcove import Image, Labels, op

    @op
    def segment(image: Image, sigma: float = 1.0) -> Labels:
        ...
"""

from .annotations import (
    Array,
    Axes,
    Axis,
    DTypes,
    Image,
    InOut,
    Label,
    Labels,
    Mask,
    Out,
    Points,
    Range,
    Shape,
    Shapes,
    Tracks,
    Unit,
    Vectors,
    Writable,
)
from .arrays import axes, empty, set_axes
from .caching import cached
from .calls import Cancelled, progress
from .downloads import download
from .messages import OpError
from .ops import op
from .tables import Table

__version__ = "0.1.0"

__all__ = [
    "Array",
    "Axes",
    "Axis",
    "Cancelled",
    "DTypes",
    "Image",
    "InOut",
    "Label",
    "Labels",
    "Mask",
    "OpError",
    "Out",
    "Points",
    "Range",
    "Shape",
    "Shapes",
    "Table",
    "Tracks",
    "Unit",
    "Vectors",
    "Writable",
    "axes",
    "cached",
    "download",
    "empty",
    "op",
    "progress",
    "set_axes",
]
