"""One line each, and the op's where nothing better is known."""

from dataclasses import dataclass
from typing import Annotated

from alcove import Image, Label, Range, op


@dataclass
class Result:
    image: Image
    count: object
    name: Annotated[
        str,
        Label(5),
    ]


@op(
    title="Segment",
    gpu="no",
)
def segment(
    image: Image,
    sigma: Annotated[
        float,
        Range(0, 1),
    ] = 2.0,
    method="otsu",
) -> Result: ...
