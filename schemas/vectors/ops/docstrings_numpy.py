"""Docstrings in NumPy's style."""

from typing import NamedTuple

from alcove import Image, Labels, op


class Cells(NamedTuple):
    labels: Labels
    number: int


@op
def sections(image: Image, sigma: float = 1.0, low: int = 0, high: int = 1, untyped: int = 2) -> Cells:
    """
    Find cells.

    The extended summary.

    Parameters
    ----------
    image : ndarray of shape (M, N)
        What to look at.
    sigma : float, optional
        Blur before thresholding,
        in pixels.

        A second paragraph: with a colon.
    low, high : int
        Both bounds.
    untyped
        Without a type.
    unknown : int
        No parameter of this op.

    Returns
    -------
    labels : ndarray
        One number for each cell.
    number : int
        How many.

    See Also
    --------
    image : not this one

    Notes
    -----
    Of no concern.
    """
    return Cells(image, 0)


@op
def typed_result(image: Image) -> Labels:
    """Label an image.

    Parameters
    ----------
    image : Image
        What to label.

    Returns
    -------
    numpy.ndarray
        One number for each object.
    """
    return image


@op
def named_result(image: Image) -> float:
    """Measure an image.

    Parameters
    ==========
    image : Image
        What to measure.

    Returns
    -------
    mean : float
        Its mean.

    Raises
    ------
    ValueError
        For an image without pixels.
    """
    return float(image.mean())
