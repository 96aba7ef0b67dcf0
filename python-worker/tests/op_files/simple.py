"""Ops for simple mode."""

# ruff: noqa: UP045 (Python 3.9 cannot evaluate X | None)
from __future__ import annotations

import logging
import os
import signal
import sys
import time
from typing import Annotated, Any, NamedTuple, Optional

import alcove
from alcove import Array, Axes, Image, InOut, Labels, Mask, OpError, Shapes, Table, op, progress


@op
def greet(name: str = "world", times: int = 1) -> str:
    return f"hello {name} " * times


@op
def echo(value: Any) -> Any:
    return value


@op
def double(image: Image) -> Image:
    return image * 2


class Found(NamedTuple):
    labels: Labels
    mask: Mask
    image: Annotated[Image, Axes("y x c")]
    numbers: Array


@op
def found(image: Image) -> Found:
    import numpy

    colours = numpy.zeros((*image.shape, 3), "uint8")
    return Found(image.astype("uint16"), image > 1, colours, numpy.arange(3))


@op
def invert(image: InOut[Image]) -> None:
    image[...] = image.max() - image


@op
def is_writable(image: Array) -> bool:
    return bool(image.flags.writeable)


@op
def nested() -> dict[str, Any]:
    """Names that a file system may not like, and that may be one after it has been given them."""
    import numpy

    names = ["a/b", "a b", "A b", "..", "", "con", "x" * 300, "ü"]
    return {"names": [{name: numpy.full(2, index)} for index, name in enumerate(names)], "none": None}


@op
def same_names() -> dict[str, Any]:
    import numpy

    return {"a/b": numpy.zeros(1), "a b": numpy.zeros(2), "A_b": numpy.zeros(3), "$type": numpy.zeros(4)}


@op(output="con")
def device() -> Array:
    import numpy

    return numpy.zeros(1)


@op
def outlines() -> Shapes:
    import numpy

    return [{"type": "line", "vertices": numpy.zeros((2, 2)) + index} for index in range(2)]


@op
def table() -> Table:
    import numpy

    return Table({"area": numpy.array([1.5, 2.5]), "name": ["a", None]})


@op
def speak(steps: int = 3) -> bool:
    print("from the op")
    os.write(1, b"from below Python\n")
    logging.getLogger("author").warning("take care")
    for _ in progress.over(range(steps), "working"):
        pass
    empty = alcove.empty((2, 2), "uint8")
    return bool(empty.flags.owndata)


@op
def fail(hint: bool = False) -> int:
    if hint:
        raise OpError("The camera is off.", hint="Plug it in.")
    return 1 // 0


@op
def leave(code: int) -> None:
    sys.exit(code)


@op
def leave_at_once(code: int) -> None:
    os._exit(code)


@op
def return_twice() -> int:
    """A child returns from the op as well."""
    return os.fork()


@op
def end_children() -> int:
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(2) as pool:  # leaving it ends the children by a signal
        return sum(pool.map(abs, [-1, -2]))


@op
def interrupt_the_renaming() -> list[Array]:
    import numpy

    replace = os.replace

    def interrupted(*arguments: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        replace(*arguments)

    os.replace = interrupted  # type: ignore[assignment]
    return [numpy.zeros(1), numpy.zeros(2)]


@op
def wait(stubborn: bool = False) -> Array:
    import numpy

    try:
        progress(0.5, "waiting")
        time.sleep(600)
    except BaseException:
        if not stubborn:
            raise
    progress(0.6, "still there")
    return numpy.zeros(3)


@op
def wait_while_written(other: Optional[str] = None) -> dict[str, Any]:
    """The second array takes for ever to be written."""
    import numpy

    class Slow(numpy.ndarray):
        def astype(self, *arguments: Any, **options: Any) -> Any:
            progress(0.5, "writing")
            time.sleep(600)

    return {"first": numpy.zeros(3), "second": numpy.zeros(3).view(Slow)}
