"""Reading requests: the main thread gets them in order, and what cannot wait is seen while an op runs.

Two ways with one face. ``PollingInbox``: the main thread reads by itself, so that a short call costs no hand-over
between threads; a watcher takes the reading over when an op has run for longer than a tick. ``ThreadedInbox``: a thread
always reads; this works on every platform.
"""

from __future__ import annotations

import functools
import os
import select
import threading
import time
from collections import deque

from . import process
from .messages import Refusal, parse
from .spinning import Spinning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Optional, Union

    from .messages import LineSplitter, Request

    Item = Union[Request, Refusal]

_READ_BYTES = 1 << 16
_TICK_SECONDS = 0.01
_TICKS_UNTIL_PARKED = 100


class Listener:
    """What an inbox tells the server."""

    def urgent(self, item: Item) -> bool:
        """Handles what cannot wait for the op that runs now; false puts it into the queue. Any thread."""
        raise NotImplementedError

    def host_gone(self) -> None:
        """Standard input has ended while an op runs. Not the main thread."""
        raise NotImplementedError


class Inbox:
    """The queue of requests, and how bytes become requests."""

    def __init__(self, descriptor: int, splitter: LineSplitter, listener: Listener) -> None:
        self._descriptor = descriptor
        self._splitter = splitter
        self._listener = listener
        self.queue: deque[Item] = deque()
        self.ended = False

    def next(self, idle_seconds: float, on_idle: Callable[[], None]) -> Optional[Item]:
        """The next request, None at the end of input; calls ``on_idle`` once if none comes for ``idle_seconds``."""
        raise NotImplementedError

    def op_starts(self) -> None:
        """The main thread will be busy."""

    def op_ends(self) -> None:
        """The main thread will call ``next`` soon."""

    def _read(self) -> bool:
        """Reads what is there, blocking for the first byte; false at the end of input."""
        try:
            data = os.read(self._descriptor, _READ_BYTES)
        except OSError:
            data = b""
        for line in self._splitter.feed(data):
            item = line if isinstance(line, Refusal) else parse(line)
            if not self._listener.urgent(item):
                self._put(item)
        return bool(data)

    def _put(self, item: Item) -> None:
        self.queue.append(item)


class PollingInbox(Inbox):
    """POSIX: polls, and hands the reading over to a watcher while an op runs for long."""

    def __init__(self, descriptor: int, splitter: LineSplitter, listener: Listener) -> None:
        super().__init__(descriptor, splitter, listener)
        self._reading = threading.Lock()  # whoever holds it may read
        self._wake_reader, self._wake_writer = map(process.out_of_reach, os.pipe())
        self._run = 0  # the number of the op that runs, 0 for none
        self._runs = 0
        self._watching = False
        self._watcher: Optional[threading.Thread] = None  # until the first op
        self._parked = True
        self._unpark = threading.Event()
        self._spinning = Spinning()
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._has_come = functools.partial(self._poll.poll, 0)

    def next(self, idle_seconds: float, on_idle: Callable[[], None]) -> Optional[Item]:
        with self._reading:
            timeout: Optional[float] = idle_seconds * 1000
            while not self.queue and not self.ended:
                if not self._spinning.succeeds(self._has_come) and not self._poll.poll(timeout):
                    on_idle()
                    timeout = None
                elif not self._read():
                    self.ended = True
            return self.queue.popleft() if self.queue and not self.ended else None

    def op_starts(self) -> None:
        self._runs += 1
        self._run = self._runs
        if self._parked:
            self._have_it_watched()

    def op_ends(self) -> None:
        self._run = 0
        if self._watching:
            os.write(self._wake_writer, b"x")

    def _have_it_watched(self) -> None:
        if self._watcher is None:
            self._parked = False
            self._watcher = threading.Thread(target=self._watch, name="alcove-watcher", daemon=True)
            self._watcher.start()
        else:
            self._unpark.set()

    def _watch(self) -> None:
        try:
            self._watch_ops()
        except BaseException:  # no memory to read a request, say
            process.crash()

    def _watch_ops(self) -> None:
        """Ticks while ops come and go, parks when none came for a while, reads when one has lasted two ticks."""
        last_run = idle_ticks = 0
        while True:
            time.sleep(_TICK_SECONDS)
            run = self._run
            if run and run == last_run:
                with self._reading:
                    self._read_during(run)
            idle_ticks = 0 if run or last_run else idle_ticks + 1
            last_run = run
            if idle_ticks > _TICKS_UNTIL_PARKED:
                self._park()
                idle_ticks = 0

    def _park(self) -> None:
        self._unpark.clear()
        self._parked = True
        if not self._run:  # else an op began before it could see that nobody watches
            self._unpark.wait()
        self._parked = False

    def _read_during(self, run: int) -> None:
        poll = select.poll()
        poll.register(self._wake_reader, select.POLLIN)
        if not self.ended:
            poll.register(self._descriptor, select.POLLIN)
        self._watching = True
        try:
            while self._run == run:
                for descriptor, _ in poll.poll():
                    if descriptor == self._wake_reader:  # it may be left from the run before; that costs one look
                        os.read(self._wake_reader, 64)
                    elif not self._read():
                        self.ended = True
                        poll.unregister(self._descriptor)
                        self._listener.host_gone()
        finally:
            self._watching = False


class ThreadedInbox(Inbox):
    """Every platform: one thread reads, the main thread waits on a condition."""

    def __init__(self, descriptor: int, splitter: LineSplitter, listener: Listener) -> None:
        super().__init__(descriptor, splitter, listener)
        self._changed = threading.Condition()
        self._running = False
        threading.Thread(target=self._read_all, name="alcove-reader", daemon=True).start()

    def next(self, idle_seconds: float, on_idle: Callable[[], None]) -> Optional[Item]:
        with self._changed:
            timeout: Optional[float] = idle_seconds
            while not self.ended:
                try:
                    return self.queue.popleft()
                except IndexError:  # asking first whether there is one is no use: a cancel may take it out again
                    if not self._changed.wait(timeout):
                        on_idle()
                        timeout = None
            return None

    def op_starts(self) -> None:
        with self._changed:
            self._running = True
            if not self.ended:
                return
        self._listener.host_gone()

    def op_ends(self) -> None:
        with self._changed:
            self._running = False

    def _put(self, item: Item) -> None:
        with self._changed:
            self.queue.append(item)
            self._changed.notify()

    def _read_all(self) -> None:
        try:
            while self._read():
                pass
            with self._changed:
                self.ended = True
                self._changed.notify()
                running = self._running
            if running:
                self._listener.host_gone()
        except BaseException:  # no memory to read a request, say
            process.crash()
