"""Locks on ranges of bytes of a file, shared or exclusive, that the kernel drops when their holder dies.

The system's own exclude other processes, not other holders within this one; ``RangeLocks`` does both.
"""

from __future__ import annotations

import errno
import itertools
import os
import struct
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
_tokens = itertools.count()

_lock = threading.RLock()
_given_back: deque[tuple[RangeLocks, int, int, int]] = deque()
_put_off: deque[Callable[[], object]] = deque()
_at_end: list[Callable[[], object]] = []


@contextmanager
def section() -> Iterator[None]:
    """One thread of this process at a time decides who holds what. It may be entered again within itself."""
    is_outermost = not _is_in_section()
    try:
        with _lock:
            yield
    finally:
        if is_outermost:
            _settle()


def at_the_end_of_sections(action: Callable[[], object]) -> None:
    """Has something done within the section whenever something was given back or put off."""
    _at_end.append(action)


def do_in_section(action: Callable[[], object]) -> None:
    """Has something done within the section: now, or at its end when this thread is in it. For who may be called at any
    moment, because an object is collected."""
    _put_off.append(action)
    _settle()


def _is_in_section() -> bool:
    return bool(_lock._is_owned())  # type: ignore[attr-defined]


def _settle() -> None:
    while (_given_back or _put_off) and not _is_in_section():
        with _lock:
            while _put_off:
                _put_off.popleft()()
            _unlock_given_back()
            for action in _at_end:
                action()


def _unlock_given_back() -> None:
    while _given_back:
        locks, first, length, token = _given_back[0]
        locks.drop(first, length, token)
        _given_back.popleft()


def _start_anew() -> None:
    global _lock
    _lock = threading.RLock()  # another thread of the parent's may have had it
    _given_back.clear()
    _put_off.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


class Hold:
    """One holder of a range, from ``take`` until ``release``, at the latest until it is collected."""

    taken = False

    def __init__(self, locks: RangeLocks, first: int, length: int, shared: bool) -> None:
        self._locks = locks
        self.first = first
        self.length = length
        self.shared = shared
        self.token = next(_tokens)

    def take(self) -> bool:
        """Whether it holds the range now; never waits. Raises OSError when the file system has no locks."""
        with section():
            _unlock_given_back()
            return self._locks.take(self)

    def release(self) -> None:
        """Lets go; doing so twice is safe."""
        if self.taken:
            _given_back.append((self._locks, self.first, self.length, self.token))
            self.taken = False
            _settle()

    def __del__(self) -> None:
        self.release()


class RangeLocks:
    """The locks of this process on one open file, used within the section alone.

    Everything is written down before it is done and undone by what was written, so that an interrupt at any point
    leaves nothing locked once the ``Hold`` is gone.
    """

    def __init__(self) -> None:
        self._descriptor: Optional[int] = None
        self._holders: dict[int, set[int]] = {}  # first byte of a range -> tokens
        self._exclusive: set[int] = set()

    def hold(self, first: int, length: int, *, shared: bool) -> Hold:
        """A holder of the range that has not taken it yet; the same range is always named by the same numbers."""
        return Hold(self, first, length, shared)

    def are_free(self) -> bool:
        """Whether nobody in this process holds anything."""
        return not any(self._holders.values())

    def begin(self, descriptor: int) -> None:
        """The file is open."""
        self._descriptor = descriptor

    def end(self) -> None:
        """Nothing is taken or given back any more: the file is closed, or after a fork the parent's."""
        self._descriptor = None

    def take(self, hold: Hold) -> bool:
        """See ``Hold.take``."""
        holders = self._holders.setdefault(hold.first, set())
        if self._descriptor is None or holders and not (hold.shared and hold.first not in self._exclusive):
            return False
        is_first = not holders
        (self._exclusive.discard if hold.shared else self._exclusive.add)(hold.first)
        hold.taken = True
        holders.add(hold.token)
        # One byte is enough for a reader, and leaves the others to those whose locks may not overlap (two copies of
        # the Java class in one process).
        if is_first and not _try_lock(self._descriptor, hold.first, 1 if hold.shared else hold.length, hold.shared):
            holders.discard(hold.token)
            hold.taken = False
            return False
        return True

    def drop(self, first: int, length: int, token: int) -> None:
        """See ``Hold.release``."""
        holders = self._holders.get(first, set())
        holders.discard(token)
        if not holders and self._descriptor is not None:
            _unlock(self._descriptor, first, length if first in self._exclusive else 1)


if sys.platform == "win32":
    # The C library's locks (msvcrt.locking) are never shared, so these are the system's. They belong to the handle:
    # https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfileex
    # https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-unlockfileex (same first byte, same length)
    _FAIL_IMMEDIATELY, _EXCLUSIVE = 0x1, 0x2
    _LOCK_VIOLATION, _IO_PENDING, _NOT_LOCKED = 33, 997, 158

    def _try_lock(descriptor: int, first: int, length: int, shared: bool) -> bool:
        return _call("LockFileEx", descriptor, first, length, _FAIL_IMMEDIATELY | (0 if shared else _EXCLUSIVE))

    def _unlock(descriptor: int, first: int, length: int) -> None:
        _call("UnlockFileEx", descriptor, first, length)

    def _call(function: str, descriptor: int, first: int, length: int, *flags: int) -> bool:
        import ctypes  # slow, and wanted by nobody but streams
        from ctypes import wintypes

        class Overlapped(ctypes.Structure):
            _fields_ = [
                ("Internal", ctypes.c_size_t),
                ("InternalHigh", ctypes.c_size_t),
                ("Offset", wintypes.DWORD),
                ("OffsetHigh", wintypes.DWORD),
                ("hEvent", wintypes.HANDLE),
            ]

        start = Overlapped(Offset=first & 0xFFFFFFFF, OffsetHigh=first >> 32)
        call: Any = getattr(ctypes.WinDLL("kernel32", use_last_error=True), function)
        call.restype = wintypes.BOOL
        words = [wintypes.DWORD(number) for number in (*flags, 0, length & 0xFFFFFFFF, length >> 32)]
        if call(wintypes.HANDLE(msvcrt.get_osfhandle(descriptor)), *words, ctypes.byref(start)):
            return True
        error = ctypes.get_last_error()
        if error in (_LOCK_VIOLATION, _IO_PENDING, _NOT_LOCKED):
            return False
        raise ctypes.WinError(error)

else:
    # Linux has locks that belong to the open file and not to the process (open file description locks, fcntl(2)): they
    # exclude those of a Java machine within this process, too, and nobody drops them by closing another descriptor.
    # Both kinds exclude each other. Elsewhere they are POSIX locks.
    _FLOCK = struct.Struct("hhqqi4x")  # struct flock of every 64-bit Linux
    _has_locks_of_files = sys.platform == "linux" and hasattr(fcntl, "F_OFD_SETLK") and sys.maxsize > 1 << 32

    def _try_lock(descriptor: int, first: int, length: int, shared: bool) -> bool:
        try:
            _set_lock(descriptor, first, length, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in _HELD:
                raise
            return False
        return True

    def _unlock(descriptor: int, first: int, length: int) -> None:
        _set_lock(descriptor, first, length, fcntl.LOCK_UN)

    def _set_lock(descriptor: int, first: int, length: int, kind: int) -> None:
        global _has_locks_of_files
        if _has_locks_of_files and sys.platform == "linux":
            types = {fcntl.LOCK_SH: fcntl.F_RDLCK, fcntl.LOCK_EX: fcntl.F_WRLCK, fcntl.LOCK_UN: fcntl.F_UNLCK}
            request = _FLOCK.pack(types[kind], os.SEEK_SET, first, length, 0)
            try:
                fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, request)
                return
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                _has_locks_of_files = False  # a kernel that plays Linux and lacks them
        fcntl.lockf(descriptor, kind if kind == fcntl.LOCK_UN else kind | fcntl.LOCK_NB, length, first)
