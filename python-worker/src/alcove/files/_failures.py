"""One clear message for everything that goes wrong with a file."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alcove import OpError
from alcove.messages import AlcoveError

_DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORMATS = "Images are TIFF (ImageJ, OME), PNG, JPEG, GIF, BMP or .npy files. Fiji opens other formats and saves TIFF."


def failure(cause: str, path: Path, message: str, hint: str) -> OpError:
    """An error about a file; ``cause`` is one of the words that the package documents."""
    return OpError(message, hint=hint, cause=cause, path=str(path))


def not_an_image(path: Path, message: str) -> OpError:
    """The file is something else."""
    return failure("not_an_image", path, message, _FORMATS)


def damaged(path: Path, reason: str) -> OpError:
    """The file was an image once, or says that it is one, but its content contradicts that."""
    return failure(
        "damaged",
        path,
        f"{path} is damaged or incomplete: {reason}",
        "Copy it again from where it came from, and check that the transfer or recording was complete.",
    )


def unsupported(path: Path, message: str, hint: str) -> OpError:
    """The file or array is in order, but goes beyond what is read or written here."""
    return failure("unsupported", path, message, hint)


@contextmanager
def while_reading(path: Path) -> Iterator[None]:
    """Turns whatever the image libraries raise about a file into one ``OpError``."""
    try:
        yield
    except (OpError, AlcoveError):
        raise
    except FileNotFoundError:
        raise not_found(path) from None
    except PermissionError:
        raise failure(
            "permission", path, f"{path} may not be read", "Ask its owner for the right to read it, or copy it."
        ) from None
    except MemoryError as error:
        raise failure(
            "out_of_memory", path, f"not enough memory to read {path}", "Close other programs, or crop the image."
        ) from error
    except OSError as error:
        if error.errno is None:  # the libraries' own, for content that they cannot decode
            raise damaged(path, _reason(error)) from error
        hint = "Check that the disk or network drive is there."
        raise failure("failed", path, f"{path} cannot be read: {_reason(error)}", hint) from error
    except Exception as error:  # damaged content surfaces in the libraries as anything from KeyError to struct.error
        raise damaged(path, _reason(error)) from error


@contextmanager
def while_writing(path: Path) -> Iterator[None]:
    """Turns what the system says while a file is written into one ``OpError``."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise failure(
                "disk_full", path, f"the disk is full: {path} was not written", "Make room, or choose another folder."
            ) from error
        if isinstance(error, PermissionError):
            hint = "Choose another folder, or close the program that uses the file."
            raise failure("permission", path, f"{path} may not be written", hint) from error
        hint = "Choose another folder."
        raise failure("failed", path, f"{path} cannot be written: {_reason(error)}", hint) from error
    except MemoryError as error:
        raise failure(
            "out_of_memory", path, f"not enough memory to write {path}", "Close other programs, or write .tif."
        ) from error


def not_found(path: Path) -> OpError:
    """There is no such file; the hint says where the path goes wrong."""
    folder = path.parent
    hint = "Check the file's name." if folder.is_dir() else f"There is no folder {folder} either: check the path."
    return failure("not_found", path, f"there is no file {path}", hint)


def _reason(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.strip().splitlines()[0][:200] if text.strip() else type(error).__name__
