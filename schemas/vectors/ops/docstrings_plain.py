"""Docstrings with plain ``name: text`` lines."""

from typing import NamedTuple

from alcove import Image, Labels, op


class Result(NamedTuple):
    """two: the second

    one: the first
    """

    one: int
    two: int


@op
def one_line(image: Image) -> Image:
    """Only a summary: with a colon."""
    return image


@op
def paragraphs(image: Image, sigma: float = 1.0, threshold: float = 0.5, unnamed: int = 0) -> Labels:
    """Finds cells.

    A second paragraph,
    of two lines; note: this is part of it.

        And an indented one.

    image: what to look at
    sigma (float): blur before thresholding,
        in pixels
    threshold:
        what is brighter is a cell: always

    This belongs to nothing and is left out.
    """
    return image


@op
def only_parameters(a: int, b: int, returns: int) -> Result:
    """
    a: the first
    b: the second:: with colons: many
    returns: a parameter of this name

    Returns: both of them
    """
    return Result(a, b)


@op
def single_result(a: int) -> int:
    """Gives back.

    Returns: what it was given,
        unchanged
    """
    return a


@op
def no_docstring(a: int) -> int:
    return a


@op
def empty_docstring(a: int) -> int:
    """ """
    return a
