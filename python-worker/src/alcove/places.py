"""Where shared memory lies on this machine: what Java's hosts decide, decided here alike, so that both meet there."""

from __future__ import annotations

import errno
import os
import stat
import sys

from .messages import AlcoveError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Optional, Union

_SHARED = "/dev/shm"
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_SMALLEST_USEFUL_MEMORY = 128 << 20


_noticed = False


def memory_directory() -> Path:
    """The memory directory, which exists then: what ``ALCOVE_MEMORY_DIR`` names; else ``/dev/shm`` where there is one
    with 128 MiB free; else a private folder among the temporary ones, whose files are mapped all the same.

    Raises:
        AlcoveError: ``out_of_shared_memory`` when it cannot be made, or is another user's.
    """
    from pathlib import Path  # slow to import, and a host says where the memory is

    chosen = os.environ.get("ALCOVE_MEMORY_DIR", "")
    if chosen.strip():
        return prepared(Path(chosen).absolute())
    shortcoming = _shortcoming(_SHARED)
    if shortcoming is None:
        return Path(_SHARED)
    user = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in _user_name())
    directory = prepared(Path(_temporary_directory(), f"alcove-memory-{user}"), is_private=True)
    _notice(shortcoming, directory)
    return directory


def prepared(directory: Path, *, is_private: bool = False) -> Path:
    """The directory, made where it is not there yet; a private one is this user's alone. Raises as above."""
    try:
        directory.mkdir(mode=0o700 if is_private else 0o777, parents=True, exist_ok=True)
        if is_private and hasattr(os, "geteuid"):
            status = directory.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
                raise OSError(errno.EPERM, "it is no folder of this user's")
            directory.chmod(0o700)
    except OSError as error:
        raise _unusable(directory, error.strerror or str(error)) from None
    return directory


def is_block_name(value: Any) -> bool:
    """Whether it can name a block: then it cannot lead out of the memory directory."""
    return isinstance(value, str) and value != "" and set(value) <= _NAME_CHARACTERS


def free_bytes(directory: Union[str, Path]) -> int:
    """The room that is left in the file system of a directory; raises OSError."""
    if hasattr(os, "statvfs"):
        status = os.statvfs(directory)
        return status.f_bavail * status.f_frsize
    import shutil  # loads every archive format; too slow for a start, and seldom wanted

    return shutil.disk_usage(directory).free


def _shortcoming(directory: str) -> Optional[str]:
    """What keeps the platform's shared memory from being used, None if nothing does."""
    if not os.path.isdir(directory):
        return f"this platform has no {directory}"
    if not os.access(directory, os.W_OK):
        return f"{directory} cannot be written to"
    try:
        # Docker's default of 64 MiB does not hold one image.
        return None if free_bytes(directory) >= _SMALLEST_USEFUL_MEMORY else f"{directory} has less than 128 MiB free"
    except OSError:
        return f"{directory} cannot be examined"


def _notice(shortcoming: str, directory: Path) -> None:
    """Tells those who expect memory, once, that their images go through files on disk."""
    global _noticed
    if not _noticed and sys.platform.startswith("linux"):
        import logging  # slow as well

        _noticed = True
        logging.getLogger("alcove").warning(
            "%s: images go through files in %s, which may be slower; ALCOVE_MEMORY_DIR names another folder, "
            "Docker's --shm-size makes room",
            shortcoming,
            directory,
        )


def _temporary_directory() -> str:
    """Java's: on Linux it does not heed ``TMPDIR``."""
    if sys.platform.startswith("linux"):
        return "/tmp"
    import tempfile  # as slow as shutil

    return tempfile.gettempdir()


def _user_name() -> str:
    """As Java has it: the owner of this process, whatever the environment says."""
    if sys.platform == "win32":
        return os.getlogin()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container that runs as a number
        return "?"


def _unusable(directory: Path, reason: str) -> AlcoveError:
    return AlcoveError(
        "out_of_shared_memory",
        f"the memory directory {directory} cannot be used: {reason}",
        directory=str(directory),
        hint="set ALCOVE_MEMORY_DIR to a folder that you can write to",
    )
