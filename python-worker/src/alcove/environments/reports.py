"""Progress of one job as its user sees it."""

from __future__ import annotations

import time
from collections.abc import Callable

_SECONDS_UNTIL_CLOCK = 3


class Report:
    """Passes steps on to ``alcove.progress``: never backwards, and with a clock on steps that take long.

    Every call also gives the host's cancel its chance, by raising ``alcove.Cancelled``.
    """

    def __init__(self, progress: Callable[[float, str], None]) -> None:
        self._progress = progress
        self._fraction = 0.0
        self._message = ""
        self._since = time.monotonic()

    def __call__(self, fraction: float, message: str) -> None:
        """Says that ``fraction`` of the whole is done and what is being done now."""
        self._fraction = max(self._fraction, min(fraction, 1.0))
        if message != self._message:
            self._message, self._since = message, time.monotonic()
        self.again()

    def again(self) -> None:
        """Repeats the last step, so that a cancel is seen and a slow step does not look like a stuck one."""
        seconds = int(time.monotonic() - self._since)
        clock = f" ({seconds} s)" if seconds >= _SECONDS_UNTIL_CLOCK else ""
        self._progress(self._fraction, self._message + clock)
