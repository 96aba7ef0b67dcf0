"""Leases, and sweeping: deleting the blocks of hosts that died.

A host holds a lock on ``<prefix>.lease`` for as long as it lives. Whoever gets the lock of a lease knows that its host
is dead, is the only one to know it, and deletes what the host and its workers left.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time

from .locks import FileLock, try_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Optional, Union

# Compiled when somebody sweeps: a worker starts without.
_BLOCK = r"(alcove-[0-9a-f]{8})-[a-z0-9-]+"
_UNLOCKED = r"alcove-[0-9a-f]{8}\.new"
_LEASE, _NEW = ".lease", ".new"
_SECONDS_TO_TAKE = 60.0

_guard = threading.Lock()
_own: dict[str, Lease] = {}


class Lease:
    """This process's own: ``prefix`` is what the names of its blocks begin with. The directory is a real path: leases
    are known by theirs."""

    def __init__(self, directory: Union[str, Path]) -> None:
        lock = None
        with _guard:
            while lock is None:
                self.prefix = "alcove-" + os.urandom(4).hex()
                self._path = os.path.join(directory, f"{self.prefix}.lease")
                lock = _locked(self._path)
            self._lock: FileLock = lock
            _own[self._path] = self

    def end(self) -> None:
        """Deletes the lease; the blocks are deleted by then."""
        with _guard:
            _own.pop(self._path, None)
            # First the name, so that no sweeper finds it unlocked; Windows deletes no open file, so there again after.
            _delete(self._path)
            self._lock.release()
            _delete(self._path)

    def drop(self) -> None:
        """In a forked child: the lease is the parent's, and only its descriptor was inherited."""
        self._lock.release()


def _locked(path: str) -> Optional[FileLock]:
    """The lock of a new lease, which has its name only once it is locked, so that no sweeper sees it unlocked."""
    # Windows renames no file that Python has open; there a sweeper may come between, which makes another name.
    made = path if sys.platform == "win32" else path[: -len(_LEASE)] + _NEW
    os.close(os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        lock = try_lock(made)
        if lock is not None and made != path:
            os.rename(made, path)
    except BaseException:
        _delete(made)
        raise
    return lock


def _start_anew() -> None:
    global _guard
    _guard = threading.Lock()  # another thread of the parent's may have held it
    for lease in _own.values():
        lease.drop()
    _own.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


def sweep(directory: Union[str, Path]) -> list[str]:
    """Deletes the blocks and leases of dead hosts in the memory directory and returns the names of what it deleted."""
    deleted: list[str] = []
    for lease in _paths(directory, "alcove-", _LEASE):
        deleted += _sweep_lease(lease)
    for unlocked in _paths(directory, "alcove-", _NEW):
        deleted += _sweep_unlocked(unlocked)
    for block in _paths(directory, "alcove-"):
        match = re.fullmatch(_BLOCK, os.path.basename(block))
        # A lease is there before the first block of its host, so a block without one has no living owner.
        if match and not os.path.exists(os.path.join(directory, f"{match[1]}.lease")):
            deleted += _delete(block)
    return deleted + _sweep_streams(directory)


def _paths(directory: Union[str, Path], beginning: str, end: str = "") -> list[str]:
    """What lies in the directory under such names."""
    try:
        names = os.listdir(directory)
    except OSError:  # the directory is gone
        return []
    return [os.path.join(directory, name) for name in names if name.startswith(beginning) and name.endswith(end)]


def sweep_host(directory: Union[str, Path], prefix: str, seconds: float) -> None:
    """Sweeps after the host with this prefix, and dead streams, waiting for up to ``seconds``: a killed host's pipe may
    close before the kernel has dropped its lock."""
    lease = os.path.join(directory, f"{prefix}.lease")
    end = time.monotonic() + seconds
    while os.path.exists(lease) and not _sweep_lease(lease) and time.monotonic() < end:
        time.sleep(0.02)
    _sweep_streams(directory)


def _sweep_streams(directory: Union[str, Path]) -> list[str]:
    if not _paths(directory, "alcove-stream."):
        return []
    from pathlib import Path  # seldom needed, and a worker starts without

    from .stream_registry import sweep_streams

    return sweep_streams(Path(directory))


def _sweep_lease(lease: str) -> list[str]:
    with _guard:
        lock = None if _is_open_here(lease) else try_lock(lease)
    if lock is None:
        return []
    try:
        # Between opening and locking another sweeper may have deleted this lease and a new host may have taken the
        # name; only the file that still stands under the name counts.
        if not os.path.exists(lease) or os.stat(lease).st_ino != os.fstat(lock.descriptor).st_ino:
            return []
        deleted: list[str] = []
        directory, name = os.path.split(lease)
        for block in _paths(directory, name[: -len(_LEASE)] + "-"):
            deleted += _delete(block)
        return deleted + _delete(lease)
    except FileNotFoundError:
        return []
    finally:
        lock.release()


def _sweep_unlocked(made: str) -> list[str]:
    """Whoever made this file has died before it became a lease, if that is long ago."""
    try:
        is_old = time.time() - os.stat(made).st_mtime > _SECONDS_TO_TAKE
    except OSError:
        is_old = False
    return _delete(made) if is_old and re.fullmatch(_UNLOCKED, os.path.basename(made)) else []


def _is_open_here(lease: str) -> bool:
    """Whether this process holds the lease, so that to open and close it would drop its lock: as its own, or as that of
    a Java machine within this process."""
    if lease in _own:
        return True
    try:
        wanted = os.stat(lease)
        descriptors = os.listdir("/dev/fd")
    except OSError:  # no lease any more; or Windows, where a lock belongs to the descriptor
        return False
    for descriptor in descriptors:
        try:
            found = os.fstat(int(descriptor))
        except OSError:  # the one by which the others were listed
            continue
        if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
            return True
    return False


def _delete(path: str) -> list[str]:
    try:
        os.unlink(path)
    except OSError:
        return []
    return [os.path.basename(path)]
