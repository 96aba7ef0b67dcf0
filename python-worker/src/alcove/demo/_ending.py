"""How the demos end: by Ctrl-C, by Enter, after a time, or when they are asked to from outside."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any, Optional


def end_like_ctrl_c() -> None:
    """Being asked to end is answered like Ctrl-C, so that nothing is left behind."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


class Ending:
    """The end that somebody waits for.

    Args:
        seconds: after which it comes by itself. Where there are none, it comes when somebody presses Enter.
    """

    def __init__(self, seconds: Optional[float]) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._entered = threading.Event()
        if seconds is None:
            threading.Thread(target=self._await_enter, daemon=True).start()

    def comes_within(self, seconds: float) -> bool:
        """Waits at most so long, and says whether the end has come."""
        left = seconds if self._end is None else max(0.0, min(seconds, self._end - time.monotonic()))
        return self._entered.wait(left) or (self._end is not None and time.monotonic() >= self._end)

    def _await_enter(self) -> None:
        # Not sys.stdin: a thread that is inside its lock when the interpreter ends takes the interpreter down.
        try:
            is_terminal = os.isatty(0)
            text = os.read(0, 1)
        except OSError:
            return  # there is no standard input at all
        # A script has none to give, and means to end this in another way.
        if text or is_terminal:
            self._entered.set()
