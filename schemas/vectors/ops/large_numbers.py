"""Numbers that must not be rounded, and those that are none."""

from typing import Any, Literal

from alcove import op


@op
def integers(
    beyond_32_bits: int = 2**31,
    beyond_double: int = 2**53 + 1,
    beyond_64_bits: int = -(2**64) - 1,
    large: int = 2**200,
    thousand_digits: int = 10**1000 - 1,
    choice: Literal[18446744073709551617, 0] = 18446744073709551617,  # type: ignore[valid-type] # mypy has 64 bits
    as_float: float = 10**300,
) -> None:
    """Exact, however large."""


@op
def floats(
    tenth: float = 0.1,
    third: float = 1 / 3,
    negative_zero: float = -0.0,
    whole: float = 1.0,
    integer: float = 1,
    largest: float = 1.7976931348623157e308,
    smallest: float = 5e-324,
    exponent: float = 1e16,
    no_number: float = float("nan"),
    infinite: float = float("inf"),
    minus_infinite: float = float("-inf"),
) -> None:
    """Every bit counts."""


@op
def complexes(
    plain: complex = 1 + 2j,
    zeros: complex = complex(-0.0, 0.0),
    tagged: complex = complex(float("nan"), float("-inf")),
    real: complex = 3,
) -> None:
    """Two floats each."""


@op
def inside(numbers: list[float] = [float("nan"), 1, -0.0, 1e22], any_of_them: Any = {"a": 2**70}) -> None:  # noqa: B006
    """Also in lists and objects."""
