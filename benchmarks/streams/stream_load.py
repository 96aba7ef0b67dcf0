"""The Python half of these benchmarks: a random writer, readers that check every frame, and how fast frames go.

``StreamLoad`` in the Java half's tests does the same, frame by frame. The word k of frame n is n * 2^32 + k, so that
every word tells whose it is and where it belongs.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

from alcove import StreamReader, StreamWriter
from alcove.messages import AlcoveError

Array = numpy.ndarray[Any, Any]

NAME = "load"
WORDS_ALL_CHECKED = 2048
PROBES = 200
REAL = "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split()
DTYPES = [numpy.dtype(name) for name in ["bool", *REAL, "complex64", "complex128"]]
ZERO_TO_N = numpy.arange(1 << 20, dtype=numpy.uint64)


def say(what: Any) -> None:
    print(what if isinstance(what, str) else json.dumps(what), flush=True)


def write(directory: Path, frames: int, seed: int) -> None:
    """Publishes frames of mixed sizes, and begins some that it does not publish."""
    chance = random.Random(seed)
    total = 0
    with StreamWriter(NAME, directory) as writer:
        say("ready")
        sys.stdin.readline()
        begin = time.perf_counter()
        sequence = first_number(writer, directory)
        last = sequence + frames
        while sequence < last:
            dtype = DTYPES[chance.randrange(len(DTYPES))]
            fails = chance.randrange(100) == 0
            try:
                with writer.frame(random_shape(chance, dtype), dtype) as frame:
                    content = frame.reshape(-1).view(numpy.uint8)
                    fill(content[: content.size // 2] if fails else content, sequence)
                    if fails:
                        raise ZeroDivisionError("as it was meant: half a frame that nobody may see")
                sequence += 1
                total += content.size
            except ZeroDivisionError:
                pass
            if chance.randrange(5000) == 0:
                time.sleep(0.03)
        seconds = time.perf_counter() - begin
    say({"frames": frames, "bytes": total, "seconds": seconds})


def first_number(writer: StreamWriter, directory: Path) -> int:
    """Nobody else writes, so this tells the numbers of all frames to come; a frame without elements is always whole."""
    writer.write(numpy.empty(0, numpy.uint8))
    with StreamReader(NAME, directory) as reader:
        frame = reader.latest()
        assert frame is not None
        with frame:
            return frame.sequence + 1


def random_shape(chance: random.Random, dtype: numpy.dtype[Any]) -> tuple[int, ...]:
    """Most are small, some are large, and they come in any order."""
    kind = chance.randrange(1000)
    most = 100 if kind < 500 else 30_000 if kind < 900 else 500_000 if kind < 995 else 6_000_000
    elements = chance.randrange(most) // dtype.itemsize
    shapes = [(elements,), (elements // 16, 16), (2, elements // 16, 4), (1, elements, 1, 1) if elements else ()]
    return shapes[chance.randrange(4)]


def fill(content: Array, sequence: int) -> None:
    words, rest = divmod(content.size, 8)
    numpy.add(ZERO_TO_N[:words], numpy.uint64(sequence << 32), out=content[: 8 * words].view(numpy.uint64))
    content[8 * words :] = list(((sequence << 32) + words).to_bytes(8, "little")[:rest])


def is_whole(content: Array, sequence: int) -> bool:
    words, rest = divmod(content.size, 8)
    if content[8 * words :].tobytes() != ((sequence << 32) + words).to_bytes(8, "little")[:rest]:
        return False
    found = content[: 8 * words].view(numpy.uint64)
    if words <= WORDS_ALL_CHECKED:
        return bool((found - numpy.uint64(sequence << 32) == ZERO_TO_N[:words]).all())
    places = numpy.random.randint(words, size=PROBES)
    places[:2] = 0, words - 1
    return bool((found[places] - numpy.uint64(sequence << 32) == places.astype(numpy.uint64)).all())


def read(directory: Path, as_view: bool, seed: int) -> None:
    """Checks every frame that it gets, until the writer is gone and a file says that this was the end."""
    chance = random.Random(seed)
    count = torn = last = 0
    with StreamReader(NAME, directory) as reader:
        say("ready")
        while True:
            try:
                frame = reader.read(1)
            except AlcoveError as error:
                if error.kind != "stream_ended":
                    raise
                if (directory / "done").exists():
                    break
                continue
            if frame is None:
                continue
            count += 1
            with frame:
                copied = None if as_view else frame.copy()
                if as_view:
                    content = frame.array.reshape(-1).view(numpy.uint8)
                    whole = is_whole(content, frame.sequence)
                    if chance.randrange(20) == 0:  # and it stays so
                        time.sleep(chance.random() * 0.005)
                        whole = whole and is_whole(content, frame.sequence)
                    del content
            if copied is not None:
                whole = is_whole(copied.reshape(-1).view(numpy.uint8), frame.sequence)
            torn += not (whole and frame.sequence > last)
            last = frame.sequence
        say({"read": count, "dropped": reader.dropped, "torn": torn, "last": last})


def speed(directory: Path, rounds: int) -> None:
    """Seconds for frames into a stream and for the same bytes into plain memory, in turn."""
    image = numpy.zeros((1080, 1920, 3), numpy.uint8)
    plain = [numpy.ones_like(image) for _ in range(3)]  # as many as a stream with one reader has slots
    stream, copies = [], []
    frames = 4  # few, so that both find the processor's caches alike
    with StreamWriter(NAME, directory) as writer:
        say("ready")
        sys.stdin.readline()
        for number in range(-50, rounds):  # the first ones warm up
            begin = time.perf_counter()
            for _ in range(frames):
                writer.write(image)
            middle = time.perf_counter()
            for position in range(frames):
                numpy.copyto(plain[position % len(plain)], image)
            if number >= 0:
                stream.append((middle - begin) / frames)
                copies.append((time.perf_counter() - middle) / frames)
    say({"stream": stream, "copy": copies})


def watch(directory: Path) -> None:
    """Looks at both ends of each frame where it lies."""
    count = total = 0
    with StreamReader(NAME, directory) as reader:
        say("ready")
        while True:
            try:
                frame = reader.read(60)
            except AlcoveError:
                break
            assert frame is not None
            with frame:
                total += int(frame.array[0, 0, 0]) + int(frame.array[-1, -1, -1])
            count += 1
        say({"read": count, "dropped": reader.dropped, "sum": total})


def main() -> None:
    role, directory, amount, seed = [*sys.argv[1:], "0", "0"][:4]
    roles: dict[str, Callable[[], None]] = {
        "write": lambda: write(Path(directory), int(amount), int(seed)),
        "copy": lambda: read(Path(directory), False, int(seed)),
        "view": lambda: read(Path(directory), True, int(seed)),
        "speed": lambda: speed(Path(directory), int(amount)),
        "watch": lambda: watch(Path(directory)),
    }
    roles[role]()


if __name__ == "__main__":
    main()
