"""Which streams this process has open; opening, leaving and sweeping them.

Each control file is open once: where locks belong to the process, closing a second descriptor would drop them all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

from .messages import AlcoveError
from .range_locks import Hold, at_the_end_of_sections, do_in_section, section
from .stream_files import (
    FILE,
    LAST,
    NEWEST,
    SLOTS,
    STATE,
    USED,
    WRITTEN,
    Control,
    control_path,
    create_control,
    delete,
)

_SECONDS_FOR_PROBES = 0.2
_SECONDS_FOR_DELETERS = 10.0
_SECONDS_TO_CREATE = 60.0
_TOO_MANY_FRAMES = 1 << 62


# The open control files by device and inode. Used within the section alone, at whose end the unused ones are closed.
_controls: dict[tuple[int, int], Control] = {}


def _control_at(path: Path) -> Optional[Control]:
    """The control file of this path, not mapped yet, or None when there is none; raises ``stream_unavailable``."""
    try:
        known = _controls.get(_key(os.stat(path)))
    except OSError:
        known = None
    if known is not None:
        return known
    control = Control(path)
    if not control.open():
        return None
    do_in_section(_close_unused)
    known = _controls.setdefault(control.identity, control)
    if known is not control:  # the path has come to stand for a file that is open here
        known.keep(control)
    return known


def _close_unused() -> None:
    for key, control in list(_controls.items()):
        if control.locks.are_free() and not control.is_open_elsewhere():
            del _controls[key]
            control.close()


at_the_end_of_sections(_close_unused)


def _start_anew() -> None:
    # The parent's locks are not the child's; and where they belong to the open file, they would live as long as the
    # child has it.
    for control in _controls.values():
        control.close()
    _controls.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


def open_to_write(directory: Path, name: str) -> tuple[Control, Hold]:
    """The stream's control file, made if there is none, with the writer's lock.

    Raises:
        AlcoveError: ``stream_busy`` when it has a writer, ``stream_unavailable``, ``out_of_shared_memory``.
    """
    path = control_path(directory, name)
    with _failures_told(path):
        # Who uses streams alone never starts a host that would sweep. A dead stream of this name is taken over.
        sweep_streams(directory, but=name)
    began = time.monotonic()
    while True:
        with section(), _failures_told(path):
            control = _control_at(path)
            if control is None:
                create_control(path)
                continue
            control.map()
            _check(control)
            hold = control.writer()
            if hold.take():
                if control.is_current():
                    control.words[STATE] = WRITTEN
                    return control, hold
                hold.release()  # deleted between the two
                continue
            # While nobody writes, only those who try to delete the stream can have the lock, each for a moment.
            patience = _SECONDS_FOR_PROBES if control.words[STATE] == WRITTEN else _SECONDS_FOR_DELETERS
        if time.monotonic() > began + patience:
            raise AlcoveError(
                "stream_busy",
                f"stream {name} has a writer already",
                file=str(path),
                hint="use another name, or end the program that writes it",
            )
        time.sleep(0.002)  # a reader that asks whether the writer lives has the lock for a moment


@contextmanager
def _failures_told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AlcoveError(
            "stream_unavailable",
            f"{path}: {error.strerror or error}",
            file=str(path),
            hint="in ALCOVE_MEMORY_DIR name a folder that you can write to, on a file system that has locks",
        ) from None


def _check(control: Control) -> None:
    words = control.words
    if words[NEWEST] > SLOTS or words[USED] > SLOTS or words[LAST] > _TOO_MANY_FRAMES:
        raise control.unavailable("its control file is damaged")


def open_to_read(directory: Path, name: str) -> Optional[tuple[Control, Hold]]:
    """The stream's control file with the readers' lock, or None while there is none.

    Raises:
        AlcoveError: ``stream_unavailable``.
    """
    path = control_path(directory, name)
    with section(), _failures_told(path):
        control = _control_at(path)
        if control is None:
            return None
        control.map()
        hold = control.readers(shared=True)
        if hold.take() and control.is_current():  # else somebody is deleting it, or has
            return control, hold
        hold.release()
        return None


def leave(control: Control, hold: Hold) -> None:
    """A reader's or writer's end; the last one of a stream deletes it."""

    def end() -> None:
        hold.release()
        if control.is_open:
            delete_unless_used(control)

    do_in_section(end)


def delete_unless_used(control: Control) -> list[str]:
    """Deletes a stream that has neither writer nor reader, and returns the names of what it deleted."""
    while True:
        writer, readers = control.writer(), control.readers(shared=False)
        if not writer.take():
            return []
        try:
            if readers.take():
                return control.delete()
        finally:
            readers.release()
            writer.release()
        # A reader that ended in between has found the writer's lock taken, here, and left the deleting to us.
        if not readers.take():
            return []
        readers.release()


def sweep_streams(directory: Path, *, but: Optional[str] = None) -> list[str]:
    """Deletes the streams without writer and reader in a memory directory, but for one, and what else was left of such;
    returns the names of what it deleted."""
    deleted: list[str] = []
    for name in sorted(os.listdir(directory)):  # a control file comes before the files of its slots
        match = FILE.fullmatch(name)
        if match is None or match["stream"] == but:
            continue
        path = directory / name
        if match["rest"] == "":
            deleted += _sweep_stream(path)
        elif match["rest"].startswith("new"):
            deleted += delete(path) if _is_old(path) else []
        elif not control_path(directory, match["stream"]).exists():
            deleted += delete(path)
    return deleted


def _sweep_stream(path: Path) -> list[str]:
    try:
        with section():
            control = _control_at(path)
            return [] if control is None or control.is_foreign() else delete_unless_used(control)
    except (AlcoveError, OSError):  # another user's
        return []


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _SECONDS_TO_CREATE
    except OSError:
        return False


def _key(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
