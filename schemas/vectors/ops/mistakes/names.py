from dataclasses import dataclass
from typing import NamedTuple

from alcove import Image, Labels, op


class Pair(NamedTuple):
    first: int
    second: int


@dataclass
class Nothing:
    pass


@op
def segment(image: Image) -> Labels:
    return image


@op
def segment(image: Image, sigma: float) -> Labels:
    return image


@op(name="measure")
def one() -> None: ...


@op(name="measure")
def other(untyped) -> None: ...


@op(output="pair")
def outputs_named_twice() -> Pair:
    return Pair(1, 2)


@op(
    title="No output",
    output="result",
)
def no_output() -> None: ...


@op
def empty_result() -> Nothing:
    return Nothing()
