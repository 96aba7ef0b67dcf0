"""What calls are compared with: numpy alone, and bytes through a pipe, in a plain Python process without Alcove.

Commands come as lines on standard input, and each is answered by a line:

    add DTYPE BYTES fresh|out    one numpy addition on an array of so many bytes: the milliseconds that it took
    forget DTYPE BYTES           lets go of the arrays of so many bytes: "done"
    echo BYTES                   takes so many bytes from the first FIFO and writes them to the second: "done"

usage: plain_python.py FIFO_IN FIFO_OUT
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import numpy

WIDTH = 4096
_LARGE_PIPE = 1 << 20


class Plain:
    """A process that keeps its arrays, as a worker's blocks are kept."""

    def __init__(self, fifo_in: str, fifo_out: str) -> None:
        self._reading = os.open(fifo_in, os.O_RDONLY)
        self._writing = os.open(fifo_out, os.O_WRONLY)
        _enlarge(self._reading)
        _enlarge(self._writing)
        self._images: dict[tuple[str, int], tuple[Any, Any]] = {}
        self._buffer = bytearray()

    def add(self, dtype: str, size: int, how: str) -> str:
        """The op that is measured, and nothing else; giving the result back belongs to it, as it does in a worker."""
        key = dtype, size
        if key not in self._images:
            elements = size // numpy.dtype(dtype).itemsize
            image = numpy.ones((elements // min(elements, WIDTH), min(elements, WIDTH)), dtype)
            self._images[key] = image, image.copy()
        image, out = self._images[key]
        began = time.perf_counter()
        if how == "fresh":
            result = image + 1
            del result
        else:
            numpy.add(image, 1, out=out)
        return f"{(time.perf_counter() - began) * 1000:.6f}"

    def forget(self, dtype: str, size: int) -> str:
        """Lets go of the arrays of a size: there is not always room for those of all sizes."""
        self._images.pop((dtype, size), None)
        return "done"

    def echo(self, size: int) -> str:
        """The bytes come whole before any go back, because an op needs its whole image."""
        if len(self._buffer) != size:
            self._buffer = bytearray(size)
        remaining = memoryview(self._buffer)
        while remaining:
            remaining = remaining[os.readv(self._reading, [remaining]) :]
        remaining = memoryview(self._buffer)
        while remaining:
            remaining = remaining[os.write(self._writing, remaining) :]
        return "done"


def _enlarge(pipe: int) -> None:
    """Fewer switches between the two processes; Linux alone has it."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _LARGE_PIPE)


def main() -> None:
    plain = Plain(sys.argv[1], sys.argv[2])
    for line in sys.stdin:
        command, *words = line.split()
        if command == "add":
            answer = plain.add(words[0], int(words[1]), words[2])
        elif command == "forget":
            answer = plain.forget(words[0], int(words[1]))
        else:
            answer = plain.echo(int(words[0]))
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
