"""What op authors import.

An op is a plain typed function::

    from alcove import Image, Labels, op

    @op
    def segment(image: Image, sigma: float = 1.0) -> Labels:
        ...
"""

TYPE_CHECKING = False  # typing's own takes longer to import than a worker takes to say that it is there
if TYPE_CHECKING:
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
    from .sharing import SharedArray, attach, share, share_empty
    from .stream_reader import StreamReader
    from .stream_writer import StreamWriter
    from .tables import Table

__version__ = "0.1.0"

# By module, what is imported when somebody asks for it: no op needs all, and every worker would start later.
_NAMES = {
    "annotations": (
        "Array Axes Axis DTypes Image InOut Label Labels Mask Out Points Range Shape Shapes Tracks Unit Vectors"
        " Writable"
    ),
    "array_axes": "axes set_axes",
    "arrays": "empty",
    "caching": "cached",
    "calls": "Cancelled progress",
    "downloads": "download",
    "labelled": "to_xarray",
    "messages": "AlcoveError OpError",
    "ops": "op",
    "sharing": "SharedArray attach share share_empty",
    "stream_reader": "StreamReader",
    "stream_writer": "StreamWriter",
    "tables": "Table",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

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


if not TYPE_CHECKING:  # whose tools would believe in any name then

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        return value

    def __dir__():
        return sorted(globals().keys() | _MODULES.keys())
