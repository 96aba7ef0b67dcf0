"""A writer or reader of a stream that does what it is told, line by line, and answers each with a line.

``StreamProgram`` of the Java half's tests understands the same.
"""

from __future__ import annotations

import sys
import time
import zlib
from typing import Any

import numpy

from alcove import StreamReader, StreamWriter
from alcove.messages import AlcoveError

Array = numpy.ndarray[Any, Any]


class Program:
    def __init__(self) -> None:
        self.writer: StreamWriter | None = None
        self.reader: StreamReader | None = None
        self.held: list[Any] = []

    def answer(self, line: str) -> str:
        command, *words = line.split()
        try:
            return str(getattr(self, f"do_{command}")(*words))
        except AlcoveError as error:
            return f"error {error.kind} {error}"

    def do_writer(self, directory: str, name: str) -> str:
        self.writer = StreamWriter(name, directory)
        return "ok"

    def do_reader(self, directory: str, name: str) -> str:
        self.reader = StreamReader(name, directory)
        return "ok"

    def do_write(self, dtype: str, shape: str, seed: str) -> str:
        with self.writer.frame(sizes(shape), dtype) as frame:
            bytes_of(frame)[:] = pattern(frame, int(seed))
            checksum = zlib.crc32(bytes_of(frame))
        return f"wrote {checksum:08x}"

    def do_half(self, dtype: str, shape: str) -> str:
        """Begins a frame and never ends it."""
        with self.writer.frame(sizes(shape), dtype) as frame:
            half = bytes_of(frame).size // 2
            bytes_of(frame)[:half] = pattern(frame, 0)[:half]
            print("half", flush=True)
            while True:
                time.sleep(1)

    def do_read(self, seconds: str) -> str:
        frame = self.reader.read(float(seconds))
        if frame is None:
            return "none"
        with frame:
            return describe(frame)

    def do_hold(self, seconds: str) -> str:
        frame = self.reader.read(float(seconds))
        if frame is not None:
            self.held.append(frame)
        return describe(frame)

    def do_latest(self) -> str:
        frame = self.reader.latest()
        if frame is None:
            return "none"
        with frame:
            return describe(frame)

    def do_check(self) -> str:
        return ", ".join(map(describe, self.held))

    def do_free(self) -> str:
        for frame in self.held:
            frame.close()
        self.held.clear()
        return "ok"

    def do_alive(self) -> str:
        return str(self.reader.writer_alive).lower()

    def do_dropped(self) -> str:
        return str(self.reader.dropped)

    def do_close(self) -> str:
        for end in (self.writer, self.reader):
            if end is not None:
                end.close()
        self.writer = self.reader = None
        return "ok"


def sizes(shape: str) -> tuple[int, ...]:
    return () if shape == "-" else tuple(map(int, shape.split("x")))


def bytes_of(array: Array) -> Array:
    return array.reshape(-1).view(numpy.uint8)


def pattern(frame: Array, seed: int) -> Array:
    k = numpy.arange(frame.nbytes)
    return ((31 * seed + 7 * k + (k >> 8)) & (1 if frame.dtype == bool else 255)).astype(numpy.uint8)


def describe(frame: Any) -> str:
    if frame is None:
        return "none"
    array = frame.array
    shape = "x".join(map(str, array.shape)) or "-"
    return f"frame {frame.sequence} {array.dtype.name} {shape} {zlib.crc32(bytes_of(array)):08x}"


if __name__ == "__main__":
    program = Program()
    for line in sys.stdin:
        print(program.answer(line), flush=True)
