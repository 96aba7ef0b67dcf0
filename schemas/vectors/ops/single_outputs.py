"""What a single output is called: by the decorator, its role, or just result."""

from pathlib import Path
from typing import Annotated, Any, Optional

from alcove import Array, Axes, Image, Label, Labels, Mask, Points, Shapes, Table, Tracks, Vectors, op


@op
def image(image: Image) -> Annotated[Image, Axes("z y x"), Label("Filtered")]:
    return image


@op
def labels(image: Image) -> Labels:
    return image


@op
def mask(image: Image) -> Mask:
    return image > 0


@op
def points(image: Image) -> Optional[Points]:
    return None


@op
def vectors(image: Image) -> Vectors:
    return image


@op
def tracks(image: Image) -> Tracks:
    return image


@op
def array(image: Image) -> Array:
    return image


@op
def table() -> Table:
    return Table()


@op
def shapes() -> Shapes:
    return []


@op(output="nuclei")
def named(image: Image) -> Labels:
    """Finds nuclei.

    Returns:
        One number for each nucleus.
    """
    return image


@op(output="größe")
def named_beyond_ascii() -> float:
    return 1.0


@op
def number() -> int:
    return 1


@op
def path() -> Path:
    return Path("result.tif")


@op
def texts() -> list[str]:
    return []


@op
def anything() -> Any:
    return None
