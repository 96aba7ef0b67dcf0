"""Who tells the host which row an op is at, while nothing else looks between its rows."""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

_TICK_SECONDS = 0.05
_TICKS_UNTIL_PARKED = 20


class RowClock:
    """Ticks while rows run, on a thread of its own, which is made for the first rows and parks when none come."""

    def __init__(self) -> None:
        self._on_tick: Optional[Callable[[], None]] = None
        self._thread: Optional[threading.Thread] = None
        self._parked = False
        self._unpark = threading.Event()

    def start(self, on_tick: Callable[[], None]) -> bool:
        """Calls ``on_tick`` every 50 ms until ``stop``; false when there can be no thread that does."""
        if self._thread is None:
            thread = threading.Thread(target=self._tick, name="alcove-rows", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more threads to this user, or no more memory to this process
                return False
            self._thread = thread
        self._on_tick = on_tick
        if self._parked:
            self._unpark.set()
        return True

    def stop(self) -> None:
        """Rows have ended; a tick may be under way still."""
        self._on_tick = None

    def _tick(self) -> None:
        idle_ticks = 0
        while True:
            time.sleep(_TICK_SECONDS)
            on_tick = self._on_tick
            idle_ticks = idle_ticks + 1 if on_tick is None else 0
            if on_tick is not None:
                on_tick()
            elif idle_ticks > _TICKS_UNTIL_PARKED:
                self._park()

    def _park(self) -> None:
        self._unpark.clear()
        self._parked = True
        if self._on_tick is None:  # else rows began before it could be seen that nobody ticks
            self._unpark.wait()
        self._parked = False
