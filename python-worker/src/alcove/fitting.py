"""Whether a value is what a parameter or an output declares."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any, Callable, Optional

_NUMERIC = ("integer", "float")


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Whether it is a real number that a double can hold."""
    return (_is_integer(value) and abs(value) <= sys.float_info.max) or (
        isinstance(value, float) and math.isfinite(value)
    )


def _is_list_of(value: Any, items: dict[str, Any]) -> bool:
    return isinstance(value, (list, tuple)) and all(mismatch(item, items) is None for item in value)


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
    "object": lambda value, _: isinstance(value, dict),
    "list": lambda value, it: _is_list_of(value, it.get("items", {"type": "any"})),
    # A number of numpy's has these as well, but there is nothing in it that could be set.
    "array": lambda value, _: hasattr(value, "dtype") and hasattr(value, "shape") and hasattr(value, "__setitem__"),
    "any": lambda value, _: True,
}


def mismatch(value: Any, descriptor: dict[str, Any]) -> Optional[str]:
    """What the descriptor expects when a value does not fit it, else None."""
    if value is None:
        return None if descriptor.get("nullable") or descriptor["type"] == "any" else _expected(descriptor)
    if not _FITS[descriptor["type"]](value, descriptor):
        return _expected(descriptor)
    # NaN compares false with everything, so it lies outside every range.
    if "minimum" in descriptor and not value >= descriptor["minimum"]:
        return _expected(descriptor)
    if "maximum" in descriptor and not value <= descriptor["maximum"]:
        return _expected(descriptor)
    return None


def _expected(descriptor: dict[str, Any]) -> str:
    kind = descriptor["type"]
    if kind == "choice":
        return "one of " + ", ".join(map(str, descriptor["choices"]))
    text = {"array": f"an {descriptor.get('role', 'array')} array", "integer": "an integer"}.get(kind, f"a {kind}")
    if kind in _NUMERIC and ("minimum" in descriptor or "maximum" in descriptor):
        text += f" from {descriptor.get('minimum', '-infinity')} to {descriptor.get('maximum', 'infinity')}"
    return text + (" or null" if descriptor.get("nullable") else "")
