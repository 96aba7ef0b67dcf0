"""Where uv keeps what it downloads, and what a killed uv leaves there."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from . import disk

if sys.platform != "win32":
    import fcntl

_SECONDS_FOR_DYING = 0.5


def cache(directory: Path) -> Path:
    """uv's cache for the environments in ``directory``: beside it, so on the same file system, so that files can be
    linked instead of copied."""
    return directory.absolute().parent / "cache" / "uv"


def pythons(directory: Path) -> Path:
    """Where uv puts a Python that it has to download."""
    return directory.absolute().parent / "python"


@contextlib.contextmanager
def tidied(directory: Path) -> Iterator[None]:
    """Deletes half-unpacked files from the cache: of those that were killed before, and of this one should it fail.

    Nothing is at stake but disk space, and on Windows, whose locks are others, uv's own pruning gets that back.
    """
    _tidy(cache(directory))
    try:
        yield
    except BaseException:
        end = time.monotonic() + _SECONDS_FOR_DYING
        while not _tidy(cache(directory)) and time.monotonic() < end:
            time.sleep(0.02)  # the kernel drops the lock of the uv that was killed a little after the kill
        raise


def _tidy(folder: Path) -> bool:
    """Whether nothing is left; false while another uv is at work, to which it may belong."""
    left = list(folder.glob(".tmp*"))
    if sys.platform != "win32" and left:
        try:
            # Every uv that works with a cache holds a shared lock, by flock, on this file. Having it exclusively means
            # that there is none, so that whatever is half-unpacked will stay so.
            with open(folder / ".lock", "rb+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for path in left:
                    if path.is_dir():
                        disk.delete(path)
                    else:
                        os.unlink(path)
        except OSError:
            return False
    return True
