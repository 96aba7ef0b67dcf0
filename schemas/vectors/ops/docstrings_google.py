"""Docstrings in Google's style."""

from typing import NamedTuple, Optional

from alcove import Image, Labels, op


class Cells(NamedTuple):
    labels: Labels
    number: int


@op
def sections(
    image: Image, sigma: float = 1.0, sizes: Optional[list[int]] = None, mode: str = "fast", other: int = 1
) -> Cells:
    """Finds cells.

    The summary goes on
    until the first section.

    Args:
        image: what to look at
        sigma (float): blur before thresholding, a text that goes on
            in the next line, and
            in one more

            and in another paragraph.
        sizes (Optional[list[int]], default (1, 2)): with brackets: and colons
        mode:
            text below the name
        unknown: is no parameter

    Returns:
        labels: one number for each cell
        number (int): how many

    Raises:
        ValueError: when sigma: is negative

    Example:
        other: this is no text of a parameter's
    """
    return Cells(image, 0)


@op
def arguments(a: int, b: int, c: int = 1) -> int:
    """Adds.

    Arguments:
        a, b (int): what to add
        c: is added as well

    Returns:
        int: the sum,
            never too large.
    """
    return a + b + c


@op
def parameters(a: int) -> list[int]:
    """Repeats.

    Parameters:
      a: indented by two blanks

    Returns:
        Twice the number,
        as a list.

    Note:
        Of no concern.
    """
    return [a, a]


@op
def not_indented(a: int, b: int) -> None:
    """Does nothing.

    Args:
    a: the first
    b: the second
    """
