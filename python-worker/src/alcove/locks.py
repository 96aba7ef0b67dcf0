"""Locks on files that the kernel drops when their holder dies, however it dies.

POSIX record locks (``fcntl.lockf``) and Java's ``FileLock`` exclude each other; ``flock`` would exclude neither. Their
trap: they belong to the process, and closing any descriptor of the file drops them all. So each lock file is opened in
one place at a time, and never merely to look at it.
"""

from __future__ import annotations

import errno
import os
import sys

from . import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Optional, Union

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


class FileLock:
    """A held lock; ``release`` gives it back, and so does the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: Optional[int] = descriptor

    @property
    def descriptor(self) -> int:
        """The open file descriptor that holds the lock."""
        if self._descriptor is None:
            raise ValueError("the lock was released")
        return self._descriptor

    def release(self) -> None:
        """Gives the lock back; doing so twice is safe."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def try_lock(path: Union[str, Path], *, shared: bool = False) -> Optional[FileLock]:
    """The lock on an existing file, or None when another process holds it, or it is not there or may not be opened.

    Raises:
        OSError: when the file system has no locks.
    """
    try:
        descriptor = process.out_of_reach(os.open(path, os.O_RDONLY if shared else os.O_RDWR))
    except (FileNotFoundError, PermissionError):
        return None
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
        return None
    try:
        _lock(descriptor, shared)
    except OSError as error:
        os.close(descriptor)
        if error.errno not in _HELD:  # a file system without locks, say: that nobody holds it would be a lie, too
            raise
        return None
    return FileLock(descriptor)


def _lock(descriptor: int, shared: bool) -> None:
    if sys.platform == "win32":
        # Windows has no shared lock in the C library; byte 0 is locked exclusively by the first worker and the others
        # go without: the file cannot be deleted while any of them has it open, which is what the lock is for.
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            if not shared:
                raise
    else:
        fcntl.lockf(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
