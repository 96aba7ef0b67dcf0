"""Which axis is which: the letters of TIFF libraries, the names in Alcove, and the order that files want."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from alcove import Axis

# ImageJ's and OME's order. S are the samples of a pixel (red, green, blue).
_FILE_ORDER = "tzcyx"
_TYPES = {"t": "time", "c": "channel", "s": "channel"}
_UNKNOWN_LETTERS = "QI"


def axis(name: str, unit: str | None = None, scale: float = 1.0, translation: float = 0.0) -> Axis:
    """An axis whose type follows from its name."""
    return Axis(name, _TYPES.get(name, "space"), unit, scale, translation)


def names_of_letters(letters: str) -> list[str]:
    """Names for tifffile's letters, one each, all different.

    Samples (S) are ``c``, or ``s`` beside a channel axis. Pages about which the file says nothing (Q, I) become ``z``,
    then ``t``, then ``c``, from the innermost outwards: ImageJ opens them as slices, and a z-stack saved by other
    software is by far the most frequent case. Other letters (angle, position, ...) keep their own.
    """
    samples = "s" if "C" in letters else "c"
    names = [samples if letter == "S" else "" if letter in _UNKNOWN_LETTERS else letter.lower() for letter in letters]
    return fill_in(names)


def fill_in(names: Sequence[str]) -> list[str]:
    """The names, with ``""`` and repeated ones replaced by what is free of z, t, c, from the last to the first."""
    free = [name for name in ("z", "t", "c") if name not in names]
    filled: list[str] = []
    for name in reversed(names):
        if not name or name in filled:
            name = free.pop(0) if free else _unused(filled, names)
        filled.append(name)
    return filled[::-1]


def _unused(filled: Sequence[str], names: Sequence[str]) -> str:
    return next(name for name in "qrpabdefghijklmnouvw" if name not in filled and name not in names)


def assumed_names(shape: Sequence[int], dtype_name: str) -> list[str]:
    """Names for an array that came without axes: y and x last, or y, x and c for 8-bit values in 3 or 4 colours."""
    count = len(shape)
    if count == 1:
        return ["x"]
    if count >= 3 and shape[-1] in (3, 4) and dtype_name == "uint8":
        return fill_in([""] * (count - 3) + ["y", "x", "c"])
    return fill_in([""] * (count - 2) + ["y", "x"])


class Arrangement(NamedTuple):
    """How an array is to be turned for a file: the new order of its axes, and their names in that order."""

    order: list[int]
    names: list[str]
    has_samples: bool


def arrange(names: Sequence[str], shape: Sequence[int], *, keep_samples: bool) -> Arrangement | None:
    """The order t z c y x, with 3 or 4 colours behind x where they are there and ``keep_samples`` allows; None when an
    array cannot be brought into it: no x, or more axes than files have."""
    known = fill_in([name if name in (*_FILE_ORDER, "s") else "" for name in names])
    samples = "s" if "s" in known else "c" if known[-1] == "c" and keep_samples else ""
    if samples and shape[known.index(samples)] not in (3, 4):
        samples = ""
    wanted = [name for name in _FILE_ORDER if name in known and name != samples] + ([samples] if samples else [])
    if "x" not in known or sorted(wanted) != sorted(known):
        return None
    return Arrangement([known.index(name) for name in wanted], wanted, bool(samples))
