"""Failures that a user can act on: a stable cause, one clear message, and the next step."""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from alcove import OpError

Cause = Literal[
    "unsolvable",
    "network",
    "disk_full",
    "hash_mismatch",
    "permission",
    "platform",
    "path_too_long",
    "spec_invalid",
    "toolbox",
    "in_use",
    "not_found",
    "channel_refused",
    "damaged",
    "exists",
]

CAUSE_OF_ERRNO: dict[int, Cause] = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.EROFS: "permission",
    errno.ENAMETOOLONG: "path_too_long",
}

# Numbers of the operating system, as in "(os error 28)"; on POSIX they are errno's.
_WINDOWS_ERRORS: dict[int, Cause] = {
    112: "disk_full",
    39: "disk_full",
    5: "permission",
    19: "permission",
    32: "permission",
    206: "path_too_long",
}
_OS_ERRORS = _WINDOWS_ERRORS if sys.platform == "win32" else CAUSE_OF_ERRNO


def cause_in(text: str) -> Cause | None:
    """What the operating system refused, when a program's text tells of it as Rust does: "(os error 28)"."""
    numbers = [int(number) for number in re.findall(r"\(os error (\d+)\)", text)]
    return next((_OS_ERRORS[number] for number in numbers if number in _OS_ERRORS), None)


def failure(cause: Cause, message: str, hint: str, **details: Any) -> OpError:
    """The error to raise; ``details`` go to the host beside the cause."""
    return OpError(message, hint=hint, cause=cause, **details)


@contextlib.contextmanager
def translated(directory: Path) -> Iterator[None]:
    """Turns the operating system's refusals into failures; other errors are bugs and pass."""
    try:
        yield
    except OSError as error:
        cause = CAUSE_OF_ERRNO.get(error.errno or 0)
        if cause is None:
            raise
        raise of_file(cause, str(error.filename or directory), directory) from error


def of_file(cause: Cause, file: str, directory: Path, download_bytes: int = 0, **details: Any) -> OpError:
    """The failure of a write to ``file`` under the environments' ``directory``; ``download_bytes`` of 0 are unknown."""
    if cause == "disk_full":
        free = free_bytes(directory)
        size = megabytes(download_bytes)
        needed = f"; the download takes {size}, and more once it is unpacked" if download_bytes else ""
        return failure(
            cause,
            f"There is not enough room on the disk: {megabytes(free)} free where {directory} is{needed}",
            "Make room there, remove environments you no longer need, or let ALCOVE_DATA_DIR point to a larger disk",
            file=file,
            free_bytes=free,
            download_bytes=download_bytes,
            **details,
        )
    if cause == "path_too_long":
        return failure(
            cause,
            f"A path is too long for this system: {file}",
            "Let ALCOVE_DATA_DIR point to a folder with a shorter path",
            file=file,
            **details,
        )
    return failure(
        "permission",
        f"No permission to write {file}",
        "Ask for write access to that folder, or let ALCOVE_DATA_DIR point to one of your own",
        file=file,
        **details,
    )


def free_bytes(directory: Path) -> int:
    """Free space in bytes where ``directory`` is or will be, 0 when it cannot be told."""
    for folder in (directory, *directory.absolute().parents):
        with contextlib.suppress(OSError):
            return shutil.disk_usage(folder).free
    return 0


def megabytes(count: int) -> str:
    """A number of bytes for people to read."""
    return f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
