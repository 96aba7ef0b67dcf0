import numpy
import numpy.typing

from alcove import Array, Image, op


@op
def of_numpy(
    image: numpy.ndarray,
    typed: numpy.typing.NDArray[numpy.uint8],
    number: numpy.float64,
    whole: numpy.int32,
    switch: numpy.bool_,
    default: Array = numpy.zeros(3),
) -> numpy.ndarray:
    return image


@op
def defaults(image: Image = None, other: "numpy.ndarray | None" = None) -> None: ...
