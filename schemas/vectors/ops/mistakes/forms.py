from typing import Annotated, NamedTuple, Optional

from alcove import Axes, Image, InOut, Labels, Out, Table, Writable, op


class Result(NamedTuple):
    image: Out[Image]
    labels: Annotated[Labels, Writable]


@op
def both(out: Out[Image], image: InOut[Image]) -> None: ...


@op
def result_beside(image: Image, out: Out[Labels]) -> Labels:
    return out


@op
def result_in_place(image: InOut[Image]) -> int:
    return 1


@op
def parameters(
    number: Out[int],
    table: InOut[Table],
    maybe: Out[Optional[Image]],
    perhaps: Optional[Out[Image]],
    several: list[Out[Image]],
    private: Annotated[Out[Image], Writable],
    default: Out[Image] = None,
    of_nothing: Out = None,
) -> None: ...


@op
def copies(
    number: Annotated[int, Writable],
    several: list[Annotated[Image, Writable]],
) -> Annotated[Image, Writable, Axes("y x")]:
    return several[0]


@op
def several_results() -> Result: ...


@op
def single_result() -> Out[Image]: ...
