"""Reading a stream; stream_writer.py says what that is."""

from __future__ import annotations

import mmap
import os
import stat
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Union

from .messages import AlcoveError
from .places import memory_directory
from .range_locks import Hold
from .stream_files import (
    MAX_DIMENSIONS,
    NEWEST,
    SLOTS,
    STATE,
    STREAM_DTYPES,
    UNWRITTEN,
    Control,
    Entry,
    bytes_of_frame,
    control_path,
)
from .stream_registry import leave, open_to_read

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_SHORTEST_PAUSE, _LONGEST_PAUSE = 50e-6, 1e-3
_SECONDS_BETWEEN_PROBES = 0.02
_LOOKS_BEFORE_YIELDING = 4


class Frame:
    """A frame of a stream; used in a ``with`` statement, or closed.

    ``array`` is the frame itself and no copy. Its slot is not written to until it is closed and every view of it is
    gone, so a view that outlives it still shows this frame; who keeps views of many frames copies them.
    """

    def __init__(self, array: Array, sequence: int, time_ns: int) -> None:
        self._array: Optional[Array] = array
        #: The writer's count of frames, from 1.
        self.sequence = sequence
        #: When it was published: seconds since 1970, as ``time.time()`` has them.
        self.time = time_ns / 1e9

    @property
    def array(self) -> Array:
        """The frame, read-only; raises ValueError after ``close``."""
        if self._array is None:
            raise ValueError("the frame is closed")
        return self._array

    def copy(self) -> Array:
        """An ndarray of one's own."""
        return self.array.copy()

    def close(self) -> None:
        """Lets go of the slot, once no view of the array is left. Closing twice is safe."""
        self._array = None

    def __enter__(self) -> Frame:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class StreamReader:
    """A reader of a stream::

        with StreamReader("camera") as reader:
            while True:
                with reader.read() as frame:
                    show(frame.array)

    It may come before the writer, and follows when the name gets another. It never keeps the writer waiting: frames
    that come while it is busy are ``dropped``. Usable from several threads, each of which then gets other frames.

    Args:
        name, directory: as of ``StreamWriter``.

    Raises:
        AlcoveError: ``stream_unavailable`` for a name that no stream can have or a file that is none.
    """

    def __init__(self, name: str, directory: Union[str, Path, None] = None) -> None:
        self.name = name
        #: How many frames came and went between two that were read.
        self.dropped = 0
        self._directory = memory_directory() if directory is None else Path(directory)
        self._mutex = threading.Lock()
        self._control: Optional[Control] = None
        self._end: Optional[weakref.finalize[..., StreamReader]] = None
        self._mappings: dict[int, tuple[int, mmap.mmap]] = {}  # slot -> its file's number, and the file
        self._sequence = 0
        self._next_probe = 0.0
        self._is_closed = False
        self._attach()

    def read(self, timeout: Optional[float] = None) -> Optional[Frame]:
        """The newest frame if it was not read yet, else the next one.

        Args:
            timeout: seconds to wait for it; for ever where None, not at all where 0.

        Returns:
            the frame, or None when none came in time.

        Raises:
            AlcoveError: ``stream_ended`` when the writer closed the stream or died, and its last frame was read;
                ``stream_unavailable`` for a frame that cannot be read here (the next call goes on with the next).
            ValueError: after ``close``.
        """
        end = None if timeout is None else time.monotonic() + timeout
        pause = _SHORTEST_PAUSE
        while True:
            frame = self._next()
            now = time.monotonic()
            if frame is not None or end is not None and now >= end:
                return frame
            time.sleep(pause if end is None else min(pause, end - now))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def latest(self) -> Optional[Frame]:
        """The newest frame, also when it was read already or its writer is gone; None when there is none.

        Raises:
            AlcoveError: ``stream_unavailable`` for a frame that cannot be read here.
            ValueError: after ``close``.
        """
        with self._mutex:
            frame = self._look(0)
            if (frame is None or frame.sequence == self._sequence) and self._is_time_to_probe():
                self._is_over()
            self._count(frame)
            return frame

    @property
    def writer_alive(self) -> bool:
        """Whether somebody writes the stream now."""
        with self._mutex:
            return not self._is_over() and self._control is not None and self._control.has_writer()

    def close(self) -> None:
        """Lets go of the stream; frames stay readable until they are closed. Closing twice is safe."""
        with self._mutex:
            self._is_closed = True
            self._detach()

    def __enter__(self) -> StreamReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next(self) -> Optional[Frame]:
        """A frame that was not read yet."""
        with self._mutex:
            frame = self._look(self._sequence)
            if frame is None and self._is_time_to_probe() and self._is_over():
                frame = self._look(self._sequence)  # its last one may have come in between
                if frame is None:
                    raise AlcoveError(
                        "stream_ended",
                        f"the writer of stream {self.name} is gone and its last frame was read",
                        hint="start the program that writes it; this reader will follow",
                    )
            self._count(frame)
            return frame

    def _count(self, frame: Optional[Frame]) -> None:
        if frame is not None:
            self._pass(frame.sequence)

    def _pass(self, sequence: int) -> None:
        if self._sequence and sequence > self._sequence:
            self.dropped += sequence - self._sequence - 1
        self._sequence = max(sequence, self._sequence)

    # The stream's control file

    def _attach(self) -> bool:
        found = open_to_read(self._directory, self.name)
        if found is None:
            return False
        self._control, hold = found
        self._end = weakref.finalize(self, _end_reader, self._control, hold)
        self._next_probe = 0.0
        return True

    def _detach(self) -> None:
        self._mappings.clear()
        if self._end is not None:
            self._end()
        self._control = self._end = None

    def _attached(self) -> Optional[Control]:
        if self._is_closed:
            raise ValueError(f"the reader of stream {self.name} is closed")
        if self._control is not None and not self._control.is_open:
            self._control = self._end = None  # this is a forked child; it opens the file for itself
        if self._control is None:
            self._attach()
        return self._control

    def _is_time_to_probe(self) -> bool:
        now = time.monotonic()
        if now < self._next_probe:
            return False
        self._next_probe = now + _SECONDS_BETWEEN_PROBES
        return True

    def _is_over(self) -> bool:
        """Whether the stream has ended and no other has come in its place; if one has, goes over to it."""
        control = self._attached()
        if control is None or control.has_writer() or control.words[STATE] == UNWRITTEN:
            return False
        if control.is_current() or not control_path(self._directory, self.name).exists():
            return True
        self._detach()
        if self._attach():
            self._sequence = 0
        return False

    # Its slots

    def _look(self, read: int) -> Optional[Frame]:
        """The newest frame if its number is above ``read``."""
        control = self._attached()
        looks = 0
        while control is not None:
            newest = control.words[NEWEST]
            if newest > SLOTS:
                raise control.unavailable("its control file is damaged")
            if newest == 0 or control.sequence(newest - 1) == read != 0:
                return None
            hold = control.slot(newest - 1, shared=True)
            frame = self._frame(control, newest - 1, hold, read) if hold.take() else None
            if frame is not None or control.words[NEWEST] == newest:
                return frame
            looks += 1  # the writer has lapped us: there is a newer one by now
            if looks > _LOOKS_BEFORE_YIELDING:
                time.sleep(0)
        return None

    def _frame(self, control: Control, slot: int, hold: Hold, read: int) -> Optional[Frame]:
        """What lies in a slot, which is held, if its number is above ``read``."""
        entry = None
        try:
            entry = control.entry(slot)
            if entry.sequence <= read:
                hold.release()
                return None
            root, array = self._array(control, slot, entry)
        except BaseException as error:
            hold.release()
            if entry is None or not isinstance(error, (ValueError, TypeError, OSError)):
                raise
            self._pass(entry.sequence)
            raise control.unavailable(f"frame {entry.sequence} cannot be read: {error}") from None
        # All views of the array descend from the root.
        weakref.finalize(root, hold.release).atexit = False
        return Frame(array, entry.sequence, entry.time_ns)

    def _array(self, control: Control, slot: int, entry: Entry) -> tuple[Array, Array]:
        """The frame as bytes and as it is; nothing of what the entry says is believed."""
        import numpy

        if entry.dtype not in STREAM_DTYPES:
            raise TypeError(f"its dtype is {entry.dtype!r}")
        if entry.ndim > MAX_DIMENSIONS:
            raise ValueError(f"it has {entry.ndim} dimensions")
        kind = numpy.dtype(entry.dtype)
        size = bytes_of_frame(kind.itemsize, entry.shape)
        if size == 0:
            root = numpy.empty(entry.shape, kind)
            root.flags.writeable = False
            return root, root
        root = numpy.frombuffer(
            self._memory(slot, control.slot_path(entry.number), entry.number, size), numpy.uint8, size
        )
        return root, root.view(kind).reshape(entry.shape)

    def _memory(self, slot: int, path: Path, number: int, size: int) -> mmap.mmap:
        """The slot's file, mapped; raises ValueError or OSError where it does not hold that many bytes. To look at what
        lies beyond a file's end would kill the process."""
        known = self._mappings.get(slot)
        if known is not None and known[0] == number:
            memory = known[1]
        else:
            self._mappings.pop(slot, None)
            memory = _mapped(path)
            self._mappings[slot] = (number, memory)
        if memory.size() < size:
            raise ValueError(f"its file has {memory.size()} bytes instead of {size}")
        return memory


def _mapped(path: Path) -> mmap.mmap:
    # A pipe in its place shall not make us wait.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{path} is no file")
        return mmap.mmap(descriptor, status.st_size, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)


def _end_reader(control: Control, hold: Hold) -> None:
    if control.is_open:  # not in a forked child
        leave(control, hold)
