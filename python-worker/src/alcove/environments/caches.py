"""Where downloads are kept for the next environment, and what killed programs leave there."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from . import disk
from .networking.settings import Settings, conda_cache, uv_cache

if sys.platform != "win32":
    import fcntl

_SECONDS_FOR_DYING = 0.5


def conda(directory: Path, settings: Settings) -> tuple[Path, ...]:
    """The folders of unpacked conda packages for the environments in ``directory``, in the order of looking.

    The first that can be written to takes what is downloaded. Where the settings name none that can, Alcove's own is
    the first.
    """
    named = settings.package_caches
    return named if any(_is_writable(folder) for folder in named) else (conda_cache(directory), *named)


def repodata(directory: Path) -> Path:
    """Where rattler keeps what channels offer."""
    return directory.absolute().parent / "cache" / "repodata"


def uv(directory: Path, settings: Settings) -> Path:
    """uv's cache for the environments in ``directory``."""
    return settings.uv_cache or uv_cache(directory)


def pythons(directory: Path) -> Path:
    """Where uv puts a Python that it has to download."""
    return directory.absolute().parent / "python"


def archives(directory: Path) -> Path:
    """Where package files are brought together for a pack."""
    return directory.absolute().parent / "cache" / "archives"


def bytecode(directory: Path) -> Path:
    """Where compiled files of packages are kept."""
    return directory.absolute().parent / "cache" / "bytecode"


def micromamba(directory: Path) -> Path:
    """What micromamba keeps: packages, and what channels offer. Java, too, uses it, to get a first Python."""
    return directory.absolute().parent / "cache" / "micromamba"


@contextlib.contextmanager
def layers(folders: Sequence[Path], work: Path) -> Iterator[list[Path]]:
    """The folders as rattler can use them: those that can only be read by way of a view of theirs in ``work``.

    rattler goes by a folder's mode, not by who asks; and in one that it only reads it still opens each package's lock
    file for writing.
    """
    with tempfile.TemporaryDirectory(prefix="packages-", dir=work) as views:
        yield [
            folder if _is_writable(folder) else _view(folder, Path(views, str(number)))
            for number, folder in enumerate(folders)
        ]


def _view(folder: Path, view: Path) -> Path:
    view.mkdir()
    packages = list(os.scandir(folder)) if folder.is_dir() else []
    for package in packages:
        lock = Path(package.path + ".lock")
        if package.is_dir() and lock.exists():
            (view / package.name).symlink_to(package.path, target_is_directory=True)
            (view / lock.name).write_bytes(lock.read_bytes())
    view.chmod(stat.S_IRUSR | stat.S_IXUSR)  # nothing is to be downloaded into it
    return view


def own(directory: Path, settings: Settings) -> list[Path]:
    """The caches that are Alcove's alone, and so may be emptied; what settings point to elsewhere, others use, too."""
    folder = directory.absolute().parent / "cache"
    found = [*conda(directory, settings), uv(directory, settings), repodata(directory)]
    found += [archives(directory), bytecode(directory), micromamba(directory)]
    return [path for path in found if folder in path.parents]


def _is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder that is there or could be made."""
    there = next((path for path in (folder, *folder.absolute().parents) if path.exists()), None)
    return there is not None and there.is_dir() and os.access(there, os.W_OK | os.X_OK)


@contextlib.contextmanager
def tidied(cache: Path) -> Iterator[None]:
    """Deletes half-unpacked files from uv's cache: of those that were killed before, and of this one should it fail.

    Nothing is at stake but disk space, and on Windows, whose locks are others, uv's own pruning gets that back.
    """
    with tidying(lambda: _tidy(cache)):
        yield


@contextlib.contextmanager
def tidying(tidy: Callable[[], bool]) -> Iterator[None]:
    """Calls ``tidy`` before what follows, and should that fail.

    Args:
        tidy: deletes what may be deleted, and tells whether nothing is left.
    """
    tidy()
    try:
        yield
    except BaseException:
        end = time.monotonic() + _SECONDS_FOR_DYING
        while not tidy() and time.monotonic() < end:
            time.sleep(0.02)  # the kernel drops the lock of a program that was killed a little after the kill
        raise


def _tidy(folder: Path) -> bool:
    # Every uv that works with a cache holds a shared lock, by flock, on this file. Having it exclusively means that
    # there is none, so that whatever is half-unpacked will stay so.
    return delete_unless_locked(list(folder.glob(".tmp*")), folder / ".lock")


def delete_unless_locked(left: Sequence[Path], lock: Path) -> bool:
    """Whether nothing is left; false while another program holds the lock, to which it may belong."""
    if sys.platform != "win32" and left:
        try:
            with open(lock, "rb+") as opened:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for path in left:
                    if path.is_dir():
                        disk.delete(path)
                    else:
                        os.unlink(path)
        except OSError:
            return False
    return True
