"""Whether a value is what a parameter or an output declares, and in words what that is."""

from __future__ import annotations

import math
import sys
from typing import Any, Callable, Optional

from .tables import Table

SHAPE_TYPES = ("polygon", "rectangle", "ellipse", "line", "path")
Check = Callable[[Any], bool]
_NUMERIC = ("integer", "float")
# By type in a descriptor: the Python type of values that need no look at them, ranges apart.
PLAIN_TYPES: dict[str, type] = {"boolean": bool, "integer": int, "float": float, "string": str}
# By role: whether an array's shape is that of the role, and how the shape is written.
_ROLE_SHAPES: dict[str, tuple[Callable[[tuple[int, ...]], bool], str]] = {
    "points": (lambda shape: len(shape) == 2 and shape[1] >= 1, "(N, D)"),
    "vectors": (lambda shape: len(shape) == 3 and shape[1] == 2 and shape[2] >= 1, "(N, 2, D)"),
    "tracks": (lambda shape: len(shape) == 2 and shape[1] >= 3, "(N, 2+D)"),
}


def _is_integer(value: Any) -> bool:
    return type(value) is int or (isinstance(value, int) and not isinstance(value, bool))


def is_path_type(annotation: Any) -> bool:
    """Whether it is ``pathlib.Path``, which is slow to import; whoever means it has imported it."""
    pathlib: Any = sys.modules.get("pathlib")
    return pathlib is not None and annotation is pathlib.Path


def _is_path(value: Any) -> bool:
    pathlib: Any = sys.modules.get("pathlib")
    return pathlib is not None and isinstance(value, pathlib.Path)


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


def _is_real(value: Any) -> bool:
    return type(value) is float or isinstance(value, float) or is_finite(value)


# By type: the check of values that are not None, where the type alone tells it.
_CHECKS: dict[str, Check] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "float": _is_real,
    "complex": lambda value: isinstance(value, (float, complex)) or is_finite(value),
    "string": lambda value: isinstance(value, str),
    "bytes": lambda value: isinstance(value, (bytes, bytearray)),
    "path": lambda value: isinstance(value, str) or _is_path(value),
    "object": lambda value: isinstance(value, dict) and not isinstance(value, Table),
    "table": lambda value: isinstance(value, Table),
    "shapes": lambda value: isinstance(value, (list, tuple)) and all(map(_is_shape, value)),
    "any": lambda value: True,
}


def _check_of_list(descriptor: dict[str, Any]) -> Check:
    if descriptor.get("items", {"type": "any"}) == {"type": "any"}:
        return lambda value: isinstance(value, (list, tuple))
    fits = checker(descriptor["items"])
    return lambda value: isinstance(value, (list, tuple)) and all(map(fits, value))


def _check_of_choice(descriptor: dict[str, Any]) -> Check:
    choices = [(type(choice), choice) for choice in descriptor["choices"]]  # not by value alone, for which True is 1
    return lambda value: (type(value), value) in choices


# By type: makes the check where it depends on the descriptor.
_CHECKS_OF: dict[str, Callable[[dict[str, Any]], Check]] = {
    "choice": _check_of_choice,
    "list": _check_of_list,
    "array": lambda descriptor: lambda value: _fits_array(value, descriptor),
}


def checker(descriptor: dict[str, Any]) -> Check:
    """The check whether a value fits the descriptor, prepared once for many values."""
    kind = descriptor["type"]
    fits = _CHECKS_OF[kind](descriptor) if kind in _CHECKS_OF else _CHECKS[kind]
    if "minimum" in descriptor or "maximum" in descriptor:
        fits = _within(fits, descriptor.get("minimum", -math.inf), descriptor.get("maximum", math.inf))
    if descriptor.get("nullable"):
        fits_else = fits
        return lambda value: value is None or fits_else(value)
    return fits


def _within(fits: Check, minimum: float, maximum: float) -> Check:
    # NaN compares false with everything, so it lies outside every range.
    return lambda value: fits(value) and minimum <= value <= maximum


def mismatch(value: Any, descriptor: dict[str, Any]) -> Optional[str]:
    """What the descriptor expects when a value does not fit it, else None."""
    return None if checker(descriptor)(value) else expected(descriptor)


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
