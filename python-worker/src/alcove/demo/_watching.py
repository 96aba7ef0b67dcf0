"""``watch``: a stream as it comes, and what became of its frames."""

from __future__ import annotations

import sys
import time
from typing import Optional

from alcove import StreamReader
from alcove.messages import AlcoveError

from ._frames import Seen, seen
from ._viewers import Viewer

_SECONDS_BETWEEN_LOOKS = 0.05
_SECONDS_BETWEEN_REPORTS = 1.0


class Tally:
    """Counts frames: those seen, those that passed between them, and those that are not as they were played."""

    def __init__(self) -> None:
        self.frames = 0
        self.dropped = 0
        self.torn = 0
        self._last: Optional[int] = None
        self._stamped = False

    def count(self, frame: Seen, sequence: int) -> None:
        """Takes a frame in; ``sequence`` counts where it has no number of its own."""
        self.frames += 1
        # A stamp that is missing after others had one was torn off.
        if not frame.is_whole or (self._stamped and frame.number is None):
            self.torn += 1
            return
        self._stamped = frame.number is not None
        number = sequence if frame.number is None else frame.number
        if self._last is not None and number > self._last:
            self.dropped += number - self._last - 1
        self._last = number

    def __str__(self) -> str:
        return f"frames {self.frames}, dropped {self.dropped}, torn {self.torn}"


def watch(name: str, viewer: Viewer, frames: Optional[int]) -> int:
    """Shows frames until there were so many, the stream ends, its window is closed, or Ctrl-C.

    Returns:
        1 when a frame was torn.
    """
    tally = Tally()
    with viewer:
        try:
            _show(name, viewer, frames, tally)
        except KeyboardInterrupt:
            pass
    print(tally)
    return 1 if tally.torn else 0


def _show(name: str, viewer: Viewer, frames: Optional[int], tally: Tally) -> None:
    import numpy  # noqa: F401 - takes a moment, in which the first frames would pass

    reported, before = time.monotonic(), 0
    with StreamReader(name) as reader:
        sys.stderr.write(f"Waiting for the stream {name}; Ctrl-C ends.\n")
        while viewer.is_open() and (frames is None or tally.frames < frames):
            try:
                frame = reader.read(timeout=_SECONDS_BETWEEN_LOOKS)
            except AlcoveError as error:
                if error.kind != "stream_ended":
                    raise
                sys.stderr.write(f"{error}\n")
                return
            if frame is not None:
                with frame:
                    looked_at = seen(frame.array)
                    tally.count(looked_at, frame.sequence)
                    viewer.show(looked_at.pixels, tally)
            passed = time.monotonic() - reported
            if passed >= _SECONDS_BETWEEN_REPORTS and tally.frames > before:
                sys.stderr.write(f"{tally}, {(tally.frames - before) / passed:.1f} frames/s\n")
                reported, before = time.monotonic(), tally.frames
