"""Several outputs: the fields of a NamedTuple or a dataclass."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, Optional

from alcove import Image, Labels, Points, Range, Table, Unit, op


class Found(NamedTuple):
    """Plain texts.

    labels: one number for each cell
    number: how many cells there are,
        of any size
    """

    labels: Labels
    number: Annotated[int, Range(minimum=0)]
    where: Optional[Path] = None


@dataclass
class Measured:
    """Google's style.

    Attributes:
        image: what was measured
        mean (float): its mean
    """

    kind: ClassVar[str] = "no output"
    image: Image
    mean: Annotated[float, Unit("photon")]
    details: Any = None


@dataclass(frozen=True)
class Tracked:
    """NumPy's style.

    Attributes
    ----------
    points : ndarray
        Where they are.
    mean : float
        Over time.
    """

    points: Points
    mean: float
    table: Table


class Undescribed(NamedTuple):
    first: int
    second: "list[float]"


@op
def find(image: Image) -> Found:
    """Finds cells."""
    return Found(image, 1)


@op
def measure(image: Image) -> Measured:
    """Measures an image.

    Returns:
        image: the same image
        details: whatever there is
    """
    return Measured(image, 1.0)


@op
def track(image: Image) -> Tracked:
    """Follows cells.

    Returns
    -------
    points : Points
        One row for each position.
    table : Table
        One row for each track.
    """
    return Tracked(image, 1.0, Table())


@op
def undescribed() -> Undescribed:
    return Undescribed(1, [2.0])
