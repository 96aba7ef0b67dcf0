"""Writing messages to the host."""

from __future__ import annotations

import os
import threading
from typing import Any, Callable

from .messages import DEFAULT_MAX_LINE_BYTES, AlcoveError, encode, failure


class Outbox:
    """Writes messages, each as one line in one go, whichever thread they come from.

    ``on_failure`` is called when writing fails although somebody may still wait for what was to be written.
    """

    def __init__(self, descriptor: int, on_failure: Callable[[], None] = lambda: None) -> None:
        self._on_failure = on_failure
        self.limit = DEFAULT_MAX_LINE_BYTES
        self._descriptor = descriptor
        self._lock = threading.RLock()
        self._lines: list[bytes] = []
        self._process = os.getpid()
        self._broken = False

    def send(self, message: dict[str, Any]) -> bool:
        """Writes the message. One that is too long is replaced by an error, or dropped if nobody waits for it; false
        then."""
        line = encode(message)
        fits = len(line) - 1 <= self.limit  # the newline does not count
        if not fits:
            if "id" not in message:
                return False
            error = AlcoveError(
                "message_too_large",
                f"the reply has {len(line) - 1} bytes, the limit is {self.limit}; return large data as arrays",
                bytes=len(line) - 1,
                limit=self.limit,
            )
            line = encode(failure(message["id"], error))
        # A forked child has no business with the protocol; nor has anybody once the host has closed its end.
        if os.getpid() == self._process and not self._broken:
            with self._lock:
                self._lines.append(line)
                # Else this is a handler of signals that came while this thread was writing, and must not cut in.
                if len(self._lines) == 1:
                    self._write_lines()
        return fits

    def _write_lines(self) -> None:
        try:
            while self._lines:
                remaining = memoryview(self._lines[0])
                while remaining:
                    remaining = remaining[os.write(self._descriptor, remaining) :]
                del self._lines[0]
        except BrokenPipeError:  # the host is gone, or about to be
            self._broken = True
        except OSError:  # an op has closed the descriptor, say
            self._broken = True
            self._on_failure()
        finally:
            self._lines.clear()
