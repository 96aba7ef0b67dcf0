"""Who may touch what: an environment one builder at a time, and nobody while a worker lives in it; caches only while
nobody builds."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from alcove.locks import FileLock, try_lock

IN_USE = ".in-use"
"""The file in a prefix on which workers hold a shared lock; when it changed last is when one last moved in."""

_SECONDS_BETWEEN_TRIES = 0.1

# POSIX locks belong to the process: a second thread would get a lock that the first one holds, and its closing of the
# file would drop the first one's lock, too. So inside the process these names are the lock, and the file is opened only
# by the thread that has the name.
_taken: set[str] = set()
_taken_guard = threading.Lock()
# For the same reason only one thread at a time may have any ".in-use" open.
_in_use_guard = threading.Lock()
# And one descriptor serves all threads that share a lock: how many they are, and what they hold.
_shared: dict[str, tuple[int, FileLock]] = {}
_shared_guard = threading.Lock()


@contextlib.contextmanager
def exclusive(path: Path, while_waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the lock on ``path``, which is made with its folder if need be, against threads and other processes.

    Args:
        path: the lock file.
        while_waiting: called every tenth of a second while another holds the lock; may raise to give up.
    """
    name = os.path.realpath(path)
    lock = _try(path, name)
    while lock is None:
        while_waiting()
        time.sleep(_SECONDS_BETWEEN_TRIES)
        lock = _try(path, name)
    try:
        yield
    finally:
        lock.release()
        with _taken_guard:
            _taken.discard(name)


def _try(path: Path, name: str) -> FileLock | None:
    with _taken_guard:
        if name in _taken:
            return None
        _taken.add(name)
    lock = None
    try:
        _make(path)
        lock = try_lock(path)
        # Its last holder may have deleted the file between our opening and our locking it: then we hold a lock on
        # nothing, and somebody else may hold the one on the file that now stands there.
        if lock is not None and not _is_at(lock.descriptor, path):
            lock.release()
            lock = None
        return lock
    finally:
        if lock is None:
            with _taken_guard:
                _taken.discard(name)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError, FileNotFoundError):  # the latter: the folder was removed meanwhile
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def free(path: Path) -> Iterator[bool]:
    """Like ``exclusive``, but gives false at once where another holds the lock."""
    name = os.path.realpath(path)
    lock = _try(path, name)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()
            with _taken_guard:
                _taken.discard(name)


@contextlib.contextmanager
def shared(path: Path, while_waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the lock on ``path`` together with whoever shares it, against those who want it for themselves.

    Args:
        path: the lock file, made with its folder if need be.
        while_waiting: called every tenth of a second while another holds it alone; may raise to give up.
    """
    name = os.path.realpath(path)
    while not _share(path, name):
        while_waiting()
        time.sleep(_SECONDS_BETWEEN_TRIES)
    try:
        yield
    finally:
        with _shared_guard:
            count, lock = _shared.pop(name)
            if count > 1:
                _shared[name] = (count - 1, lock)
            else:
                lock.release()


def _share(path: Path, name: str) -> bool:
    with _shared_guard:
        if name in _shared:
            count, lock = _shared[name]
            _shared[name] = (count + 1, lock)
            return True
        _make(path)
        made = try_lock(path, shared=True)
        if made is not None:
            _shared[name] = (1, made)
        return made is not None


@contextlib.contextmanager
def unshared(path: Path) -> Iterator[bool]:
    """Whether nobody shares the lock on ``path``, and while that is so, keeps everybody from it."""
    with _shared_guard:
        lock = None
        if os.path.realpath(path) not in _shared:
            _make(path)
            lock = try_lock(path)
        try:
            yield lock is not None
        finally:
            if lock is not None:
                lock.release()


@contextlib.contextmanager
def unused(prefixes: list[Path]) -> Iterator[bool]:
    """Whether no worker lives in any of the prefixes, and while that is so, keeps workers from moving in.

    A worker holds a shared lock on ``.in-use`` in its prefix. A file that is not there cannot be held; of one that may
    not be written nobody knows, so it counts as held.
    """
    with _in_use_guard:
        files = [prefix / IN_USE for prefix in prefixes]
        locks = [try_lock(file) for file in files]
        free = all(lock or not os.path.lexists(file) for lock, file in zip(locks, files, strict=True))
        # Windows renames no folder with an open file in it; there the worker's open file is what keeps the folder.
        if not free or sys.platform == "win32":
            _release(locks)
        try:
            yield free
        finally:
            _release(locks)


def _release(locks: list[FileLock | None]) -> None:
    for lock in locks:
        if lock is not None:
            lock.release()
