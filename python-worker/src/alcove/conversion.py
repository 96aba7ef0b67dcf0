"""Which dtype an array gets so that an op can take it, and how its elements get there."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Optional

    import numpy

    Array = numpy.ndarray[Any, Any]

MODES = ("strict", "lossless", "convert")
_INTEGERS = [f"{kind}{bits}" for kind in ("uint", "int") for bits in (8, 16, 32, 64)]
_DTYPES_OF_ROLE = {
    "mask": ["bool"],
    "points": ["float64"],
    "vectors": ["float64"],
    "tracks": ["float64"],
}
# Bits of an integer that a float of so many bits holds in any case.
_INTEGER_BITS_IN_FLOAT = {16: 8, 32: 16, 64: 32}


def declared_dtypes(descriptor: dict[str, Any]) -> Sequence[str]:
    """The dtypes that the descriptor of an array declares, or that its role implies; empty where any will do."""
    declared: Optional[list[str]] = descriptor.get("dtypes")
    return declared or _DTYPES_OF_ROLE.get(descriptor.get("role", ""), [])


def made_dtypes(descriptor: dict[str, Any]) -> Sequence[str]:
    """The dtypes that an array may have which the op makes or fills: labels are integers then."""
    return declared_dtypes(descriptor) or (_INTEGERS if descriptor.get("role") == "labels" else [])


def in_words(dtypes: Sequence[str]) -> str:
    """``dtype uint8 or uint16``; any integer is said shortly."""
    return "an integer dtype" if dtypes is _INTEGERS else "dtype " + " or ".join(dtypes)


def chosen_dtype(given: str, wanted: Sequence[str], adapt: str) -> Optional[str]:
    """The dtype that an array of dtype ``given`` is handed over with.

    Args:
        given: the array's dtype.
        wanted: those that the op takes, in its order; empty for any.
        adapt: one of ``MODES``.

    Returns:
        ``given`` where the op takes it, else the first of ``wanted`` that holds every value of ``given``, else, in the
        mode ``convert``, the first of ``wanted``. None where the array must be refused.
    """
    if not wanted or given in wanted:
        return given
    if adapt == "strict":
        return None
    lossless = next((name for name in wanted if holds(name, given)), None)
    if lossless is None and adapt == "convert" and not (_is_complex(given) and not _is_complex(wanted[0])):
        return wanted[0]
    return lossless


def holds(wanted: str, given: str) -> bool:
    """Whether every value of the dtype ``given`` is a value of the dtype ``wanted``."""
    kind, bits = _kind_and_bits(given)
    wanted_kind, wanted_bits = _kind_and_bits(wanted)
    if wanted_kind == "complex":
        # Each of its two parts is a float of half the size.
        return wanted_bits >= bits if kind == "complex" else holds(f"float{wanted_bits // 2}", given)
    if kind == wanted_kind:
        return wanted_bits >= bits
    if kind == "bool":
        return True
    if kind == "uint" and wanted_kind == "int":
        return wanted_bits > bits
    return kind in ("uint", "int") and wanted_kind == "float" and _INTEGER_BITS_IN_FLOAT[wanted_bits] >= bits


def _is_complex(dtype: str) -> bool:
    return dtype.startswith("complex")


def _kind_and_bits(dtype: str) -> tuple[str, int]:
    kind, bits = re.fullmatch(r"([a-z]+)(\d*)", dtype).groups()  # type: ignore[union-attr]
    return kind, int(bits or 1)


def converted(array: Array, dtype: str) -> Array:
    """A new array with the elements as ``dtype``: integers rounded half to even and clipped to the range, NaN as 0;
    booleans true for everything but 0; floats of fewer bits rounded, infinite where they cannot hold the number."""
    import numpy

    if numpy.dtype(dtype).kind in "iu" and array.dtype.kind != "b":
        return _as_integers(array, dtype)
    with numpy.errstate(over="ignore"):
        result: Array = array.astype(dtype)
    return result


def _as_integers(array: Array, dtype: str) -> Array:
    import numpy

    limits = numpy.iinfo(dtype)
    if array.dtype.kind in "iu":
        own = numpy.iinfo(array.dtype)
        clipped = array.clip(max(limits.min, own.min), min(limits.max, own.max))
        return numpy.asarray(clipped, dtype)  # of an array without dimensions clip makes a number
    numbers = array.astype("float64")
    numpy.rint(numbers, out=numbers)
    # As a double the largest integer of 64 bits is one too many, and so must not be cast.
    above, below = numbers >= float(limits.max), numbers <= float(limits.min)
    numbers[above | below | numpy.isnan(numbers)] = 0
    result: Array = numbers.astype(dtype)
    result[above], result[below] = limits.max, limits.min
    return result
