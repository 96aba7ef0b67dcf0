"""The running call, as the op's own code sees it: progress and cancel."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import Any, Callable, Optional, TypeVar, Union

Item = TypeVar("Item")
Detail = Union[str, bool, int, float, None]

_SECONDS_BETWEEN_PROGRESS = 0.05
_SECONDS_UNTIL_INTERRUPT = 1.0
_SECONDS_FOR_ARRIVAL = 1.0
_MOST_BITS = 64  # of an integer among the details; longer ones are hashes or the like, which are texts


class Cancelled(BaseException):
    """Raised in an op whose call was cancelled. Like KeyboardInterrupt it passes ``except Exception``."""


class Call:
    """One running request: sends its progress, and interrupts its thread when it is cancelled.

    ``op`` is the id of the op that runs, None while one is loaded; ``began`` is when, on the monotonic clock.
    """

    # Here and not set for each call: most end before anything else than the beginning has happened to them.
    cancelled = False
    _interruptible = False
    _interrupted = False
    _sent_at = 0.0
    _unsent: Optional[dict[str, Any]] = None
    _flush_is_due = False
    _part = (0.0, 1.0)
    _rows: Optional[Sized] = None  # those that are done, where the op is called for each of several
    _total_rows = 1
    _told_row = -1
    _closed = False

    def __init__(
        self,
        request_id: int,
        send: Callable[[str, dict[str, Any]], None],
        op: Optional[str] = None,
        lock: Optional[threading.RLock] = None,
    ) -> None:
        self.id = request_id
        self.op = op
        self.began = time.monotonic()
        self._send = send
        self._thread = threading.get_ident()
        # A handler of signals may log while progress is being sent, so one that its thread may take again.
        self._lock = lock or threading.RLock()

    def begin(self) -> None:
        """The function is about to run; raises ``Cancelled`` if an interrupt came before."""
        # Without the lock: an interrupt between these two raises twice at worst, and ``end`` takes care of that.
        self._interruptible = True
        if self._interrupted:
            raise Cancelled

    def progress(self, fraction: Optional[float], message: str, details: Optional[Mapping[str, Detail]] = None) -> None:
        """Sends at most 20 updates a second, the last one always; raises ``Cancelled`` once the call is."""
        if self.cancelled:
            raise Cancelled
        params: dict[str, Any] = {"id": self.id, "fraction": None, "message": str(message)}
        if details:
            params["details"] = {str(name): _plain(name, value) for name, value in details.items()}
        if fraction is not None:
            start, end = self._part
            within = start + min(max(float(fraction), 0.0), 1.0) * (end - start)
            done = 0 if self._rows is None else len(self._rows)
            params["fraction"] = min((done + within) / self._total_rows, 1.0) if fraction == fraction else None
        with self._lock:
            if self._closed:  # a thread that the op left behind
                return
            if self._rows is not None and fraction is not None:
                self._told_row = len(self._rows)
            self._unsent = params
            self._flush_in_time()

    def set_part(self, done: int, total: int) -> None:
        """The function is about to run for one of ``total`` parts; its fractions from 0 to 1 are of that part."""
        self._part = (done / total, (done + 1) / total)

    def count_rows(self, done: Sized, total: int) -> None:
        """The op is about to be called for ``total`` rows, of which so many are done as there is in ``done``; its
        fractions and parts are those of the next one."""
        self._rows, self._total_rows = done, total

    def tell_row(self) -> None:
        """Tells which row the op is at, unless its own fractions do; from any thread.

        At once: what the op says, but for a fraction, would else take its place.
        """
        with self._lock:
            done = len(self._rows or ())
            if done != self._told_row and done < self._total_rows and not self._closed and not self.cancelled:
                self.progress(0.0, f"row {done + 1} of {self._total_rows}")
                self.flush()

    def conclude(self, message: str) -> None:
        """Says that all is done, just before the reply, which brings that out: no timer has to see to it."""
        if self.cancelled:
            raise Cancelled
        with self._lock:
            self._unsent = {"id": self.id, "fraction": 1.0, "message": message}

    def _flush_late(self) -> None:
        """The op has been silent since an update was held back: what it said last must not wait for its end."""
        with self._lock:
            self._flush_is_due = False
            if self._interruptible and self._unsent is not None:
                self._flush_in_time()  # another one may have been sent just now

    def _flush_in_time(self) -> None:
        wait = self._sent_at + _SECONDS_BETWEEN_PROGRESS - time.monotonic()
        if wait <= 0:
            self.flush()
        elif not self._flush_is_due:
            self._flush_is_due = start_timer(wait, self._flush_late)
            if not self._flush_is_due:
                self.flush()

    def flush(self) -> None:
        """Sends the update that was held back, if any."""
        unsent, self._unsent = self._unsent, None
        if unsent is not None:
            self._sent_at = time.monotonic()
            self._send("progress", unsent)

    def log(self, params: dict[str, Any]) -> None:
        """Sends a log record, as this call's until it is closed; an interrupt waits until the whole line is out."""
        with self._lock:
            self._send("log", {"id": None if self._closed else self.id, **params})

    def close(self) -> None:
        """The reply is about to be sent: what was held back goes before it, and nothing for this call comes after."""
        with self._lock:
            self._closed = True
            if self._unsent is not None:
                self.flush()

    def cancel(self) -> None:
        """Asks the op to end: at its next ``progress()``, after a second anywhere in Python code."""
        self.cancelled = True
        if not start_timer(_SECONDS_UNTIL_INTERRUPT, self.interrupt):
            self.interrupt()

    def interrupt(self) -> None:
        """Raises ``Cancelled`` in the op's thread at the next Python instruction."""
        with self._lock:
            if not self._interrupted:
                self._interrupted = True
                if self._interruptible:
                    _raise_in_thread(self._thread, Cancelled)

    def end(self) -> None:
        """The function, of this thread, has returned or raised; from here on nothing interrupts the thread."""
        with self._lock:
            self._interruptible = False
            if self._interrupted:
                _let_it_come(self._thread)


def _plain(name: str, value: object) -> Detail:
    """A detail as JSON has it; a copy, so that what the op changes later does not change what is held back."""
    if value is None or isinstance(value, (str, bool)):
        return value
    import numbers  # numpy's numbers are registered with it; most ops have no details

    if isinstance(value, numbers.Integral) and int(value).bit_length() < _MOST_BITS:
        return int(value)
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        number = float(value)
        return number if number - number == 0 else None
    raise TypeError(f"the detail {name!r} of progress must be a text, a number, True, False or None, not {value!r}")


def start_timer(seconds: float, action: Callable[[], None]) -> bool:
    """Acts after ``seconds``; false when there can be no thread that waits so long."""
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    try:
        timer.start()
    except RuntimeError:  # the system gives no more threads to this user, or no more memory to this process
        return False
    return True


def _raise_in_thread(thread: int, exception: type[BaseException]) -> None:
    import ctypes  # costs a few milliseconds that no start should pay

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(exception))


def _let_it_come(thread: int) -> None:
    """Takes the exception that may still be on its way to this thread, here where it does no harm.

    To withdraw it (``PyThreadState_SetAsyncExc(thread, NULL)``) would leave the interpreter's flag for such exceptions
    up for ever, as it falls only when one arrives: all would run slower, and in CPython 3.11 a debugger would hang.
    None arrives when this thread has tried in vain to start another: CPython then finds what is left of that one.
    """
    end = time.monotonic() + _SECONDS_FOR_ARRIVAL
    try:
        _raise_in_thread(thread, Cancelled)
        while time.monotonic() < end:
            pass
    except Cancelled:
        pass


_current: Optional[Call] = None


def set_current(call: Optional[Call]) -> None:
    """Makes ``call`` the one that ``progress`` speaks for; None when no op runs."""
    global _current
    _current = call


def current() -> Optional[Call]:
    """The running call, None outside one."""
    return _current


if hasattr(os, "register_at_fork"):
    # The child of an op (a DataLoader's worker, say) must not speak for its parent.
    os.register_at_fork(after_in_child=lambda: set_current(None))


class _Progress:
    """Type of ``alcove.progress``."""

    def __call__(
        self,
        fraction: Optional[float] = None,
        message: str = "",
        details: Optional[Mapping[str, Detail]] = None,
    ) -> None:
        """Tells the host how far the op is; does nothing outside a call.

        Args:
            fraction: from 0 to 1, or None when it cannot be known.
            message: what is being done now, for people.
            details: the same for programs: texts, numbers, booleans and None by name. A number that is not finite
                becomes None.

        Raises:
            Cancelled: when the call was cancelled.
            TypeError: when the details hold something else.
        """
        call = _current
        if call is not None:
            call.progress(fraction, message, details)

    def over(self, items: Iterable[Item], message: str = "") -> Iterator[Item]:
        """Yields the items and tells the host before each how many were done."""
        total = len(items) if isinstance(items, Sized) else None
        for index, item in enumerate(items):
            self(index / total if total else None, message)
            yield item
        self(1.0, message)


progress = _Progress()
