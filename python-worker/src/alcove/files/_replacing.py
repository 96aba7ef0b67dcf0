"""Files that appear complete or not at all."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

from alcove.files._failures import failure, while_writing


@contextmanager
def replacing(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Gives a temporary file beside ``path`` to write to, and moves it into place when the block ends well.

    Raises:
        OpError: ``exists``, ``permission``, ``disk_full`` or ``failed``.
    """
    with while_writing(path):
        target = Path(os.path.realpath(path))  # a link stays, what it points to is replaced
        _refuse(path, target, overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.parent / f".alcove-{secrets.token_hex(6)}.part"
        try:
            with _File(io.FileIO(temporary, "x+")) as file:
                yield cast(BinaryIO, file)
                file.flush()
                # Without this a power cut after the move can leave an empty file under the final name.
                os.fsync(file.raw.fileno())
            _refuse(path, target, overwrite)
            os.replace(temporary, target)
            _folder_to_disk(target.parent)
        finally:
            temporary.unlink(missing_ok=True)


class _File(io.BufferedRandom):
    """A file without a descriptor for others: numpy would write to that past this object, and a full disk would be an
    error that does not say so."""

    def fileno(self) -> NoReturn:
        raise io.UnsupportedOperation("fileno")


def _refuse(path: Path, target: Path, overwrite: bool) -> None:
    if target.is_dir():
        raise failure("exists", path, f"{path} is a folder", "Give the name of a file in it.")
    if not overwrite and target.exists():
        raise failure("exists", path, f"{path} exists already", "Choose another name, or allow it to be overwritten.")


def _folder_to_disk(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows cannot open folders
        return
    try:
        os.fsync(descriptor)
    except OSError:  # some network drives refuse; the file itself is safe
        pass
    finally:
        os.close(descriptor)
