"""Whether to look for a request a little longer before going to sleep until one comes."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

_WINDOW_NANOSECONDS = 50_000
_LOOKS = 4  # before the processor is offered to others, which takes as long as two of them
_LONGEST_BREAK = 64  # with more, misses that come together on a busy machine would be paid for in long by wake-ups


class Spinning:
    """Asks again and again whether something has come, for a moment, as being woken costs more than many a call.

    Only of use where requests follow replies at once. So after each time that it was in vain it is left out for longer,
    for 1, 2, 4 ... 64 requests; for the longest where this process has one processor, as its host cannot run meanwhile.
    """

    def __init__(self) -> None:
        self._break = 0  # how many times it is still left out
        self._next_break = 1

    def succeeds(self, has_come: Callable[[], object]) -> bool:
        """Whether something has come; false also where it is left out."""
        if self._break:
            self._break -= 1
            return False
        end = time.perf_counter_ns() + _WINDOW_NANOSECONDS
        while True:
            for _ in range(_LOOKS):
                if has_come():
                    self._next_break = 1
                    return True
            if time.perf_counter_ns() > end:
                break
            os.sched_yield()  # whoever is to send it may wait for this very one
        self._break = self._next_break if _has_processors() else _LONGEST_BREAK
        self._next_break = min(2 * self._next_break, _LONGEST_BREAK)
        return False


def _has_processors() -> bool:
    return not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) > 1
