"""``image + 1``, the image of uint16: numpy alone, and with ``multiprocessing``."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from importlib.metadata import version
from multiprocessing.connection import Connection
from typing import Any

from program import Case, Repeated, Skipped

_WARM_UPS = 2000
_MOST_PICKLED_BYTES = 512 << 20
_FEW_ROWS = 16
_USUAL_WIDTH = 1024


def numpy_version() -> str:
    return version("numpy")


def fresh(bytes: int) -> Case:
    """As everyone writes it; giving the result back belongs to it."""
    _require(2 * bytes)
    image = _image(bytes)

    def operation() -> None:
        image + 1

    if (image + 1)[0, 1] != 32:
        raise ValueError("a pixel is wrong")
    return _numpy_case(operation)


def into_given(bytes: int) -> Case:
    """Into an array that is there already: no page of memory is touched for the first time."""
    import numpy

    _require(2 * bytes)
    image = _image(bytes)
    out = numpy.zeros_like(image)
    case = _numpy_case(lambda: numpy.add(image, 1, out=out))
    if out[0, 1] != 32:
        raise ValueError("a pixel is wrong")
    return case


def _numpy_case(operation: Callable[[], object]) -> Case:
    def seconds() -> float:
        began = time.perf_counter()
        operation()
        return time.perf_counter() - began

    return Repeated(seconds, _WARM_UPS)


def pickled(bytes: int) -> Case:
    """To a child and back through a pipe, as ``multiprocessing`` sends arrays."""
    if bytes > _MOST_PICKLED_BYTES:
        raise Skipped("pickling more than 512 MB takes half a minute", "smaller images have it")
    _require(6 * bytes)
    image = _image(bytes)
    here, there = multiprocessing.Pipe()
    child = multiprocessing.Process(target=_answer_images, args=(there,), daemon=True)
    child.start()
    there.close()

    def seconds() -> float:
        image[0, 0] += 1
        began = time.perf_counter()
        here.send(image)
        result = here.recv()
        took = time.perf_counter() - began
        if result[0, 0] != image[0, 0] + 1:
            raise ValueError("a pixel is wrong")
        return took

    return Repeated(seconds, _WARM_UPS, child.terminate)


def _answer_images(connection: Connection) -> None:
    try:
        while True:
            connection.send(connection.recv() + 1)
    except KeyboardInterrupt:
        pass


def _image(size: int) -> Any:
    import numpy

    elements = size // 2
    width = min(_USUAL_WIDTH, elements // _FEW_ROWS)
    row = (numpy.arange(width, dtype="uint32") * 31).astype("uint16")
    return numpy.ascontiguousarray(numpy.broadcast_to(row, (elements // width, width)))


def _require(wanted: int) -> None:
    """Looks before anything is made, because a machine without memory ends processes."""
    free = 0
    with open("/proc/meminfo", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) << 10
    if wanted > free:
        raise Skipped(
            f"{free / 1e9:.1f} GB of memory are free, and {wanted / 1e9:.1f} GB are wanted",
            "a machine with more, or fewer programs on it",
        )
