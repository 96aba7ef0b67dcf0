"""Writing and deleting so that a crash at any moment leaves the old or the new, never a half."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alcove import Cancelled

_SECONDS_FOR_SCANNERS = 2.0


def write(path: Path, text: str) -> None:
    """Writes a file in one step: whoever reads it meanwhile finds what was there before."""
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with open(beside, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        move(beside, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()


def move(source: Path, target: Path) -> None:
    """Renames within a folder's file system and makes that survive a power cut; a file in the way is replaced."""
    end = time.monotonic() + _SECONDS_FOR_SCANNERS
    while True:
        try:
            os.replace(source, target)
            break
        except PermissionError:
            # Windows: a virus scanner or indexer has a file in there open for a moment.
            if os.name != "nt" or time.monotonic() > end:
                raise
            time.sleep(0.05)
    if sys.platform != "win32":
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def delete(path: Path) -> None:
    """Deletes a folder with all that is in it; nothing to delete is fine.

    A call that ignores its cancel for a second gets ``Cancelled`` raised wherever it is, once. Deleting is how a
    cancelled call cleans up, so it is finished first.
    """
    try:
        _delete(path)
    except Cancelled:
        _delete(path)
        raise


def _delete(path: Path) -> None:
    if not os.path.lexists(path):
        return
    if sys.version_info >= (3, 12):
        shutil.rmtree(path, onexc=_make_writable_and_retry)
    else:
        shutil.rmtree(path, onerror=_make_writable_and_retry)


def _make_writable_and_retry(function: Callable[..., Any], path: str, problem: object) -> None:
    """Windows deletes no read-only files, and nobody deletes from read-only folders."""
    error = problem[1] if isinstance(problem, tuple) else problem
    if isinstance(error, FileNotFoundError):
        return
    if not isinstance(error, PermissionError):
        raise error if isinstance(error, BaseException) else OSError(path)
    if sys.platform != "win32":
        os.chmod(os.path.dirname(path), stat.S_IRWXU)
    else:
        os.chmod(path, stat.S_IWRITE)
    function(path)


def size(folder: Path) -> int:
    """Bytes in a folder; a file with several names counts once."""
    return sum(status.st_size for status in _files(folder).values())


def size_held_only_by(folder: Path) -> int:
    """Bytes that deleting the folder frees: those of files that have no further name elsewhere."""
    names: dict[tuple[int, int], int] = {}
    files = _files(folder, names)
    return sum(status.st_size for key, status in files.items() if names[key] >= status.st_nlink)


def _files(folder: Path, names: dict[tuple[int, int], int] | None = None) -> dict[tuple[int, int], os.stat_result]:
    found: dict[tuple[int, int], os.stat_result] = {}
    for parent, _, files in os.walk(folder):
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                # Not DirEntry.stat: on Windows it knows neither the file's identity nor its number of names.
                status = os.stat(os.path.join(parent, file), follow_symlinks=False)
                key = (status.st_dev, status.st_ino)
                found[key] = status
                if names is not None:
                    names[key] = names.get(key, 0) + 1
    return found
