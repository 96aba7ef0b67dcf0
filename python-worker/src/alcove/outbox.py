"""Writing messages to the host."""

from __future__ import annotations

import os
import threading

from .messages import DEFAULT_MAX_LINE_BYTES, AlcoveError, encode, encode_reply, failure, notification

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional


class Outbox:
    """Writes messages, each as one line in one go, whichever thread they come from.

    ``pending`` are the requests that were read and not answered. ``on_failure`` is called when writing fails although
    somebody may still wait for what was to be written.
    """

    def __init__(self, descriptor: int, on_failure: Callable[[], None] = lambda: None) -> None:
        self._on_failure = on_failure
        self.pending: set[int] = set()
        self.limit = DEFAULT_MAX_LINE_BYTES
        self._descriptor = descriptor
        self._lock = threading.RLock()
        self._lines: list[bytes] = []
        self._closed = False  # also in a forked child, which has no business with the protocol
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._close)

    def send(self, message: dict[str, Any]) -> None:
        """Writes a message as it is, unless it is too long."""
        line = encode(message)
        if len(line) - 1 <= self.limit:
            self._write(line)

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Tells what nobody has asked for."""
        self.send(notification(method, params))

    def reply(self, request_id: int, result: dict[str, Any]) -> bool:
        """Answers a request that went well; with an error, and false, when the line would be too long."""
        line = encode_reply(request_id, result)
        self.pending.discard(request_id)
        if len(line) - 1 > self.limit:  # the newline does not count
            self._refuse(request_id, line)
            return False
        self._write(line)
        return True

    def fail(self, request_id: Optional[int], error: AlcoveError) -> None:
        """Answers a request that failed; ``request_id`` is None when no request could be made out."""
        if request_id is not None:
            self.pending.discard(request_id)
        line = encode(failure(request_id, error))
        if len(line) - 1 > self.limit:
            self._refuse(request_id, line)
        else:
            self._write(line)

    def _refuse(self, request_id: Optional[int], line: bytes) -> None:
        length = len(line) - 1
        message = f"the reply has {length} bytes, the limit is {self.limit}; return large data as arrays"
        error = AlcoveError("message_too_large", message, bytes=length, limit=self.limit)
        self._write(encode(failure(request_id, error)))

    def _close(self) -> None:
        self._closed = True

    def _write(self, line: bytes) -> None:
        if self._closed:
            return
        with self._lock:
            self._lines.append(line)
            # Else this is a handler of signals that came while this thread was writing, and must not cut in.
            if len(self._lines) == 1:
                self._write_lines()

    def _write_lines(self) -> None:
        try:
            for line in self._lines:  # also those that are added meanwhile
                written = os.write(self._descriptor, line)
                while written < len(line):
                    written += os.write(self._descriptor, memoryview(line)[written:])
        except BrokenPipeError:  # the host is gone, or about to be
            self._closed = True
        except OSError:  # an op has closed the descriptor, say
            self._closed = True
            self._on_failure()
        finally:
            self._lines.clear()
