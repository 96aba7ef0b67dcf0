"""Streams whose program is interrupted at any line."""

from __future__ import annotations

import linecache
import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from stream_helpers import content, directory, of, reader, writer

from alcove import StreamReader, StreamWriter
from alcove.stream_registry import sweep_streams

__all__ = ["directory", "reader", "writer"]


# Interrupts


class Interruption:
    """Raises KeyboardInterrupt before the n-th line of the modules of streams that runs within the ``with`` block."""

    def __init__(self, line: int) -> None:
        self.left = line

    def __enter__(self) -> Interruption:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        name = os.path.basename(frame.f_code.co_filename)
        if name.startswith(("stream_", "range_locks")) and not self._may_not_raise(frame):
            # Python itself looks for signals after calls and at jumps, and so never between the end of a with block's
            # body and the call that ends the with.
            if event == "line" and not linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith(
                "with "
            ):
                self.left -= 1
                if self.left == 0:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return self._trace
        return None

    @staticmethod
    def _may_not_raise(frame: FrameType | None) -> bool:
        """What a collected object calls: an exception there goes nowhere."""
        while frame is not None:
            if frame.f_code.co_name == "__del__" or frame.f_code.co_filename.endswith("weakref.py"):
                return True
            frame = frame.f_back
        return False


def interrupted(line: int, action: Any) -> bool:
    """Whether the action was interrupted there, and not over before."""
    try:
        with Interruption(line):
            action()
    except KeyboardInterrupt:
        return True
    return False


def slots_locked(directory: Path) -> int:
    """How many slots any process has locked (Linux)."""
    inode = (directory / "alcove-stream.camera=").stat().st_ino
    locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return sum(int(lock[-2]) >= (1 << 30) + 32 for lock in locks if int(lock[-3].split(":")[2]) == inode)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="locks are listed on Linux alone")
@pytest.mark.parametrize("frames", [1, 2])
def test_an_interrupt_anywhere_in_writing_leaves_the_stream_whole(
    writer: StreamWriter, directory: Path, frames: int
) -> None:
    reader = StreamReader("camera", directory)
    for _ in range(frames):  # each slot has its turn at each line
        writer.write(of(0))
    line, value = 1, 0
    # Sizes change, so that files are replaced as well.
    while interrupted(line, partial(writer.write, of(value + 1, (10 + line % 5 * 3000,)))):
        found = content(reader.latest())
        assert slots_locked(directory) == 0
        assert found.min() == found.max() in (value, value + 1)
        value = (value + 1) % 200 + 1
        writer.write(of(value))
        with suppress(ZeroDivisionError), writer.frame((4, 5), "uint8"):
            raise ZeroDivisionError
        assert (content(reader.read(0)) == of(value)).all()
        line += 1
    assert line > 60
    reader.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="locks are listed on Linux alone")
def test_an_interrupt_anywhere_in_reading_leaves_no_slot_locked(writer: StreamWriter, directory: Path) -> None:
    reader = StreamReader("camera", directory)
    writer.write(of(1))
    line = 1
    while interrupted(line, lambda: reader.latest().close()):  # type: ignore[union-attr]
        writer.write(of(1, (line % 3 + 1) * 3000))
        assert slots_locked(directory) == 0
        assert content(reader.latest()).max() == 1
        line += 1
    assert line > 30
    reader.close()


def test_an_interrupt_anywhere_in_opening_or_closing_locks_nobody_out(directory: Path) -> None:
    def live() -> None:
        with StreamWriter("camera", directory) as writer, StreamReader("camera", directory):
            writer.write(of(1))

    line = 1
    while interrupted(line, live):
        with StreamWriter("camera", directory) as writer, StreamReader("camera", directory) as reader:
            writer.write(of(2))
            assert content(reader.read(0)).max() == 2
        for left in directory.glob("*=new*"):
            os.utime(left, (0, 0))  # it is swept a minute later
        sweep_streams(directory)
        assert list(directory.iterdir()) == []
        line += 2  # each takes a while
    assert line > 150
