"""Writing and deleting so that a crash at any moment leaves the old or the new, never a half."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from alcove import Cancelled

_SECONDS_FOR_SCANNERS = 2.0
_SECONDS_FOR_DYING = 2.0
_FILES_BETWEEN_LOOKS = 200
"""A look at the clock or at a cancel costs as much as deleting a file."""

File = tuple[int, int]
"""What a file is, whatever its names: device and number."""


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


def delete(path: Path, look: Callable[[], None] | None = None) -> None:
    """Deletes a file, or a folder with all that is in it; nothing to delete is fine.

    Without ``look``, deleting is how a cancelled call cleans up, so it is finished first.

    Args:
        path: the folder.
        look: called now and then; what it raises ends the deleting half-way.
    """
    if look is not None:
        _delete(path, look)
    else:
        _delete_although_cancelled(path, lambda: None)


def delete_within(path: Path, seconds: float) -> None:
    """Deletes as much of a folder as can be done in that time, also when a cancel comes meanwhile."""
    end = time.monotonic() + seconds

    def look() -> None:
        if time.monotonic() > end:
            raise TimeoutError

    with contextlib.suppress(TimeoutError):
        _delete_although_cancelled(path, look)


def _delete_although_cancelled(path: Path, look: Callable[[], None]) -> None:
    """A call that ignores its cancel for a second gets ``Cancelled`` raised wherever it is, once."""
    try:
        _delete(path, look)
    except Cancelled:
        _delete(path, look)
        raise


def _delete(path: Path, look: Callable[[], None]) -> None:
    """Again and again for a while: what a process was killed at goes on until its children are dead, too, and so files
    may appear in a folder that was just emptied."""
    end = time.monotonic() + _SECONDS_FOR_DYING
    while True:
        try:
            return _delete_once(path, look)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or time.monotonic() > end:
                raise
            look()
            time.sleep(0.02)


def _delete_once(path: Path, look: Callable[[], None]) -> None:
    if os.path.islink(path) or not os.path.isdir(path):
        _remove(os.unlink, str(path))
        return
    count = 0
    for parent, folders, files in os.walk(path, topdown=False, onerror=_open_up):
        for name in files:
            count += 1
            if count % _FILES_BETWEEN_LOOKS == 0:
                look()
            _remove(os.unlink, os.path.join(parent, name))
        for name in folders:
            folder = os.path.join(parent, name)
            _remove(os.unlink if os.path.islink(folder) else os.rmdir, folder)
    _remove(os.rmdir, str(path))


def _open_up(error: OSError) -> None:
    """A folder that may not be listed; its owner may make it so."""
    if isinstance(error, PermissionError) and sys.platform != "win32":
        os.chmod(error.filename, stat.S_IRWXU)
        _delete(Path(error.filename), lambda: None)
    elif not isinstance(error, FileNotFoundError):
        raise error


def _remove(function: Callable[[str], Any], path: str) -> None:
    """Windows deletes no read-only files, and nobody deletes from read-only folders."""
    try:
        function(path)
    except FileNotFoundError:
        pass
    except PermissionError:
        if sys.platform != "win32":
            os.chmod(os.path.dirname(path), stat.S_IRWXU)
        else:
            os.chmod(path, stat.S_IWRITE)
        function(path)


def size(folder: Path) -> int:
    """Bytes in a folder as its files count them, not as the disk rounds them; a file with several names counts once."""
    return Links().held([folder]).all_bytes


class Held:
    """What some folders take up, in bytes as files count them."""

    def __init__(self, own_bytes: int, shared_bytes: int) -> None:
        self.own_bytes = own_bytes
        """Of files that have no name elsewhere: deleting the folders frees so much."""
        self.shared_bytes = shared_bytes
        """Of files that caches or other environments hold, too."""

    @property
    def all_bytes(self) -> int:
        return self.own_bytes + self.shared_bytes


class Links:
    """Counts files once however many names they have, over folders that shall go one after the other."""

    def __init__(self, look: Callable[[], None] = lambda: None) -> None:
        """``look`` is called now and then; what it raises ends the counting."""
        self._look = look
        self._gone: dict[File, int] = {}

    def held(self, folders: Iterable[Path]) -> Held:
        """What these folders hold."""
        return self._held(folders, {})

    def take(self, folders: Iterable[Path]) -> int:
        """The bytes that deleting these folders frees once those taken before have gone."""
        return self._held(folders, self._gone).own_bytes

    def _held(self, folders: Iterable[Path], gone: dict[File, int]) -> Held:
        found: dict[File, os.stat_result] = {}
        for folder in folders:
            for status in self._files(folder):
                key = (status.st_dev, status.st_ino)
                found[key] = status
                gone[key] = gone.get(key, 0) + 1
        own = sum(status.st_size for key, status in found.items() if gone[key] >= status.st_nlink)
        return Held(own, sum(status.st_size for status in found.values()) - own)

    def _files(self, folder: Path) -> Iterator[os.stat_result]:
        for parent, _, files in os.walk(folder):
            for count, file in enumerate(files):
                if count % _FILES_BETWEEN_LOOKS == 0:
                    self._look()
                with contextlib.suppress(FileNotFoundError):
                    # Not DirEntry.stat: on Windows it knows neither the file's identity nor its number of names.
                    yield os.stat(os.path.join(parent, file), follow_symlinks=False)
