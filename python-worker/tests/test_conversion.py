"""dtypes: which go without a loss, and what becomes of the elements where something is lost."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from alcove.arrays import DTYPES
from alcove.conversion import chosen_dtype, converted, declared_dtypes, holds, made_dtypes

INTEGERS = [name for name in DTYPES if name.startswith(("int", "uint"))]
REAL_FLOATS = [name for name in DTYPES if name.startswith("float")]
LARGE = ("int64", "uint64")


@pytest.mark.parametrize("given_dtype", DTYPES)
def test_what_goes_without_a_loss(given_dtype: str) -> None:
    for wanted in DTYPES:
        # numpy calls it safe to make a double of an integer of 64 bits.
        loses = given_dtype in LARGE and wanted in ("float64", "complex128")
        assert holds(wanted, given_dtype) == (numpy.can_cast(given_dtype, wanted, "safe") and not loses), wanted


@settings(deadline=None)
@given(st.sampled_from(DTYPES), st.sampled_from(DTYPES), st.data())
def test_without_a_loss_every_element_comes_back(given_dtype: str, wanted: str, data: Any) -> None:
    if holds(wanted, given_dtype):
        array = data.draw(arrays.arrays(given_dtype, 5))
        there = converted(array, wanted)
        assert there.dtype == wanted
        back = there.real if given_dtype[0] != "c" and wanted[0] == "c" else there
        assert numpy.array_equal(back.astype(given_dtype), array, equal_nan=given_dtype not in ("bool", *INTEGERS))


def as_integer(value: Any, wanted: str) -> int:
    """By exact arithmetic, in which nothing overflows."""
    limits = numpy.iinfo(wanted)
    if isinstance(value, float) and not math.isfinite(value):
        return 0 if math.isnan(value) else int(limits.max if value > 0 else limits.min)
    return min(max(round(Fraction(value)), int(limits.min)), int(limits.max))


@settings(deadline=None)
@given(st.sampled_from(INTEGERS), st.sampled_from(INTEGERS + REAL_FLOATS), st.data())
def test_integers_are_rounded_and_clipped(wanted: str, given_dtype: str, data: Any) -> None:
    limits = numpy.iinfo(wanted)
    elements = None
    if given_dtype == "float64":  # the ends of the range and what lies beside them
        ends = [float(limits.min), float(limits.max)]
        near = [numpy.nextafter(end, way).item() for end in ends for way in (-math.inf, math.inf)]
        elements = st.floats() | st.sampled_from([*ends, *near, 0.5, 1.5, 2.5, -0.5])
    array = data.draw(arrays.arrays(given_dtype, 4, elements=elements))
    assert converted(array, wanted).tolist() == [as_integer(value, wanted) for value in array.tolist()]


@settings(deadline=None)
@given(st.sampled_from(DTYPES), st.data())
def test_everything_but_zero_is_true(given_dtype: str, data: Any) -> None:
    array = data.draw(arrays.arrays(given_dtype, 4))
    assert converted(array, "bool").tolist() == [value != 0 for value in array.tolist()]


def test_floats_that_are_too_large_become_infinite_silently() -> None:
    assert converted(numpy.array([1e300, -1e300, 1.0]), "float32").tolist() == [math.inf, -math.inf, 1.0]
    assert converted(numpy.array([70000]), "float16").tolist() == [math.inf]


def test_a_new_array_of_the_same_shape() -> None:
    for shape in ((), (0, 3), (2, 3), (1, 1, 2)):
        for given_dtype, wanted in (("float64", "uint8"), ("int64", "uint8"), ("uint8", "int64"), ("int8", "bool")):
            array = numpy.zeros(shape, given_dtype)
            array.flags.writeable = False
            result = converted(array, wanted)
            assert (result.shape, result.dtype, result.flags.writeable) == (shape, wanted, True)
            assert not numpy.shares_memory(result, array)


@pytest.mark.parametrize(
    ("given_dtype", "wanted", "chosen"),
    [
        ("uint8", [], ("uint8", "uint8", "uint8")),
        ("uint8", ["float32", "uint8"], ("uint8", "uint8", "uint8")),
        ("uint8", ["float32", "uint16"], (None, "float32", "float32")),
        ("int32", ["float32", "float64"], (None, "float64", "float64")),
        ("int64", ["float32", "float64"], (None, None, "float32")),
        ("float64", ["uint8", "float32"], (None, None, "uint8")),
        ("complex128", ["float32", "complex64"], (None, None, None)),
        ("complex128", ["complex64", "float32"], (None, None, "complex64")),
        ("complex64", ["float32", "complex128"], (None, "complex128", "complex128")),
    ],
)
def test_the_choice(given_dtype: str, wanted: list[str], chosen: tuple[str | None, ...]) -> None:
    assert tuple(chosen_dtype(given_dtype, wanted, mode) for mode in ("strict", "lossless", "convert")) == chosen


def test_what_roles_imply() -> None:
    assert declared_dtypes({"type": "array", "role": "mask"}) == ["bool"]
    assert declared_dtypes({"type": "array", "role": "mask", "dtypes": ["uint8"]}) == ["uint8"]
    assert not declared_dtypes({"type": "array", "role": "labels"})
    assert sorted(made_dtypes({"type": "array", "role": "labels"})) == sorted(INTEGERS)
    for role in ("points", "vectors", "tracks"):
        assert declared_dtypes({"type": "array", "role": role}) == ["float64"]
    for role in ("image", "array"):
        assert not made_dtypes({"type": "array", "role": role})
