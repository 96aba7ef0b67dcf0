"""What ``Annotated`` adds to a type."""

from typing import Annotated, Optional

from alcove import Label, Range, Unit, op


@op
def of_numbers(
    between: Annotated[float, Range(0, 1, step=0.1)],
    least: Annotated[float, Range(minimum=-0.5)] = -0.5,
    most: Annotated[int, Range(maximum=10)] = 10,
    steps: Annotated[int, Range(step=2)] = 3,
    single: Annotated[int, Range(5, 5)] = 5,
    whole: Annotated[int, Range(0, 1e6)] = 1000,
    large: Annotated[int, Range(0, 2**64)] = 2**64,
    fine: Annotated[float, Range(1e-300, 1e300)] = 1e-300,
    unbounded: Annotated[float, Range()] = float("nan"),
) -> None:
    """Ranges, open and closed."""


@op
def shown(
    sigma: Annotated[float, Range(0, 20), Unit("µm"), Label("Blur <σ>")] = 1.5,
    name: Annotated[str, Label("Its name & number")] = "cell",
    other: Annotated[Annotated[float, Unit("second")], Label("Again")] = 1.0,
    of_no_concern: Annotated[float, "anything else", 5] = 0.5,
) -> Annotated[float, Unit("µm²"), Label("Area")]:
    """Units and labels."""
    return sigma


@op
def inside(
    maybe: Annotated[Optional[float], Range(0, 1)] = None,
    perhaps: Optional[Annotated[int, Range(0, 10), Unit("pixel")]] = 3,
    many: list[Annotated[float, Range(0, 1)]] = [0.5],  # noqa: B006
    few: Annotated[list[int], Label("Sizes")] = [],  # noqa: B006
) -> None:
    """Refinements of what may be null or stands in a list."""
