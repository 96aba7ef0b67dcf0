"""Whether a value is what a parameter or an output declares, and in words what that is."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any, Callable, Optional

from .tables import Table

SHAPE_TYPES = ("polygon", "rectangle", "ellipse", "line", "path")
_NUMERIC = ("integer", "float")
# By role: whether an array's shape is that of the role, and how the shape is written.
_ROLE_SHAPES: dict[str, tuple[Callable[[tuple[int, ...]], bool], str]] = {
    "points": (lambda shape: len(shape) == 2 and shape[1] >= 1, "(N, D)"),
    "vectors": (lambda shape: len(shape) == 3 and shape[1] == 2 and shape[2] >= 1, "(N, 2, D)"),
    "tracks": (lambda shape: len(shape) == 2 and shape[1] >= 3, "(N, 2+D)"),
}


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Whether it is a real number that a double can hold."""
    return (_is_integer(value) and abs(value) <= sys.float_info.max) or (
        isinstance(value, float) and math.isfinite(value)
    )


def is_array(value: Any) -> bool:
    """Whether it is an ndarray."""
    # There is one only where somebody imported numpy; importing it here would cost every start.
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def _is_list_of(value: Any, items: dict[str, Any]) -> bool:
    return isinstance(value, (list, tuple)) and all(mismatch(item, items) is None for item in value)


def _fits_array(value: Any, descriptor: dict[str, Any]) -> bool:
    if not is_array(value) or ("direction" in descriptor and not value.flags.writeable):
        return False
    role = descriptor.get("role", "array")
    return role not in _ROLE_SHAPES or _ROLE_SHAPES[role][0](value.shape)


def _is_shape(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("type") not in SHAPE_TYPES:
        return False
    vertices: Any = value.get("vertices")
    return is_array(vertices) and vertices.dtype.name == "float64" and vertices.ndim == 2 and vertices.shape[1] >= 1


_FITS: dict[str, Callable[[Any, dict[str, Any]], bool]] = {
    "boolean": lambda value, _: isinstance(value, bool),
    "integer": lambda value, _: _is_integer(value),
    "float": lambda value, _: isinstance(value, float) or is_finite(value),
    "complex": lambda value, _: isinstance(value, (float, complex)) or is_finite(value),
    "string": lambda value, _: isinstance(value, str),
    "bytes": lambda value, _: isinstance(value, (bytes, bytearray)),
    "path": lambda value, _: isinstance(value, (str, Path)),
    # Not "in", for which True is 1.
    "choice": lambda value, it: any(type(choice) is type(value) and choice == value for choice in it["choices"]),
    "object": lambda value, _: isinstance(value, dict) and not isinstance(value, Table),
    "list": lambda value, it: _is_list_of(value, it.get("items", {"type": "any"})),
    "array": _fits_array,
    "table": lambda value, _: isinstance(value, Table),
    "shapes": lambda value, _: isinstance(value, (list, tuple)) and all(map(_is_shape, value)),
    "any": lambda value, _: True,
}


def mismatch(value: Any, descriptor: dict[str, Any]) -> Optional[str]:
    """What the descriptor expects when a value does not fit it, else None."""
    if value is None:
        return None if descriptor.get("nullable") or descriptor["type"] == "any" else expected(descriptor)
    if not _FITS[descriptor["type"]](value, descriptor):
        return expected(descriptor)
    # NaN compares false with everything, so it lies outside every range.
    if "minimum" in descriptor and not value >= descriptor["minimum"]:
        return expected(descriptor)
    if "maximum" in descriptor and not value <= descriptor["maximum"]:
        return expected(descriptor)
    return None


_NOUNS = {
    "integer": "an integer",
    "complex": "a complex number",
    "bytes": "bytes",
    "object": "an object",
    "shapes": "a list of shapes",
    "any": "any value",
}


def expected(descriptor: dict[str, Any]) -> str:
    """What the descriptor expects, in words that follow "must be"; every host has the same ones."""
    kind = descriptor["type"]
    text = _NOUNS.get(kind, f"a {kind}")
    if kind == "choice":
        text = "one of " + ", ".join(map(_choice_text, descriptor["choices"]))
    elif kind == "array":
        text = _array_text(descriptor.get("role", "array"), "direction" in descriptor)
    elif kind == "list" and "items" in descriptor:
        text += f", each item {expected(descriptor['items'])}"
    elif kind in _NUMERIC and ("minimum" in descriptor or "maximum" in descriptor):
        text += f" from {descriptor.get('minimum', '-infinity')} to {descriptor.get('maximum', 'infinity')}"
    return text + (" or null" if descriptor.get("nullable") else "")


def _choice_text(choice: Any) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(choice)


def _array_text(role: str, is_written: bool) -> str:
    noun = "array" if role == "array" else f"{role} array"
    article = "a writable" if is_written else "an" if noun[0] in "ai" else "a"
    shape = f" of shape {_ROLE_SHAPES[role][1]}" if role in _ROLE_SHAPES else ""
    return f"{article} {noun}{shape}"
