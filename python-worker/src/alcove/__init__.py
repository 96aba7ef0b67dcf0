"""What op authors import.

An op is a plain typed function::

    from alcove import Image, Labels, op

    @op
    def segment(image: Image, sigma: float = 1.0) -> Labels:
        ...
"""

import typing as _typing

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
from .array_axes import axes, set_axes
from .arrays import empty
from .caching import cached
from .calls import Cancelled, progress
from .downloads import download
from .labelled import to_xarray
from .messages import AlcoveError, OpError
from .ops import op
from .tables import Table

if _typing.TYPE_CHECKING:
    from .sharing import SharedArray, attach, share, share_empty
    from .stream_reader import StreamReader
    from .stream_writer import StreamWriter

__version__ = "0.1.0"

# Few ops have to do with these, and every worker would start later.
_LATER = {
    "SharedArray": "sharing",
    "StreamReader": "stream_reader",
    "StreamWriter": "stream_writer",
    "attach": "sharing",
    "share": "sharing",
    "share_empty": "sharing",
}

__all__ = [
    "AlcoveError",
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
    "SharedArray",
    "StreamReader",
    "StreamWriter",
    "Table",
    "Tracks",
    "Unit",
    "Vectors",
    "Writable",
    "attach",
    "axes",
    "cached",
    "download",
    "empty",
    "op",
    "progress",
    "set_axes",
    "share",
    "share_empty",
    "to_xarray",
]


if not _typing.TYPE_CHECKING:  # whose tools would believe in any name then

    def __getattr__(name: str) -> _typing.Any:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f".{_LATER[name]}", __name__), name)
