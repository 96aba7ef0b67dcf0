"""What somebody sees who waits: where the run is, and about how long it will take."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Progress:
    """One line, rewritten on a terminal; elsewhere one for each part."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._left = 0.0
        self._part = ""
        self._seconds = 0.0
        self._began = 0.0
        self._shown = False

    def expect(self, seconds: float) -> None:
        """What all parts take together."""
        self._left = seconds

    def begin(self, part: str, seconds: float) -> None:
        """The next part, and how long it takes about."""
        self._part = part
        self._seconds = seconds
        self._began = time.monotonic()
        self.show(0.0)

    def show(self, fraction: float) -> None:
        """How much of the part is done."""
        if not self._terminal and fraction > 0:
            return
        spent = time.monotonic() - self._began
        # What was guessed counts less and less against what is seen.
        rest = (1 - fraction) * (self._seconds * (1 - fraction) + (spent / fraction if fraction else 0.0) * fraction)
        left = max(0.0, self._left - self._seconds + rest)
        text = f"{self._part}: {fraction:4.0%}, about {_words(left)} left"
        if self._terminal:
            self._stream.write(f"\r\033[K{text}")
            self._shown = True
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def end(self, seconds: float) -> None:
        """The part that took about so long is over."""
        self._left -= seconds
        self._clear()

    def say(self, text: str) -> None:
        """A line that stays."""
        self._clear()
        self._stream.write(text + "\n")
        self._stream.flush()

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r\033[K")
            self._stream.flush()
            self._shown = False


def _words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(5, round(seconds / 5) * 5)} s"
    return f"{round(seconds / 60)} minutes"
