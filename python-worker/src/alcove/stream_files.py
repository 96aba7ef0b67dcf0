"""The files of a stream: a control file, which says where its newest frame lies, and a file for each slot.

docs/streams.md is the specification; everything here is what it says, byte for byte.
"""

from __future__ import annotations

import mmap
import os
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from .arrays import DTYPES
from .memory import attach_block, create_block
from .messages import AlcoveError
from .range_locks import Hold, RangeLocks

SLOTS = 64
MAX_DIMENSIONS = 32
# Those of arrays, and numpy's long doubles, which mean the same to Pythons of one platform alone.
STREAM_DTYPES = frozenset([*DTYPES, "float128", "complex256"])
CONTROL_BYTES = 36864
# Words of the control file, 8 bytes each.
_MAGIC_WORD, _VERSION_WORD, NEWEST, LAST, STATE, USED, NEXT_NUMBER = range(7)
UNWRITTEN, WRITTEN, CLOSED = range(3)  # values of STATE
_MAGIC = int.from_bytes(b"ALCSTRM\0", "little")
_VERSION = 1
_LARGEST = (1 << 63) - 1  # of sizes, and of what is a signed number in Java

_ENTRY_WORDS = 64
_SEQUENCE, _NUMBER, _SIZE, _TIME, _DTYPE, _NDIM, _SHAPE = 0, 1, 2, 3, 4, 6, 7
_DTYPE_BYTES = 16

_WRITER = (1 << 30, 1)  # first byte, length
_READERS = ((1 << 30) + 16, 16)
_FIRST_SLOT = (1 << 30) + 32
_SLOT_LOCK_BYTES = 16

_NAME = "[A-Za-z0-9_][A-Za-z0-9._-]{0,63}"
FILE = re.compile(rf"alcove-stream\.(?P<stream>{_NAME})=(?P<rest>|new.+|[0-9]+)")


def control_path(directory: Path, name: str) -> Path:
    """The control file of the stream of this name; raises ``stream_unavailable`` where none can have it."""
    if not isinstance(name, str) or not re.fullmatch(_NAME, name):
        raise AlcoveError(
            "stream_unavailable",
            f"{name!r} cannot name a stream",
            hint="use 1 to 64 letters, digits, underscores, dots and hyphens of ASCII; none of the last two in front",
        )
    return directory / f"alcove-stream.{name}="


def create_control(path: Path) -> None:
    """Makes a control file unless one is there by then.

    Raises:
        AlcoveError: ``out_of_shared_memory``.
    """
    made = path.with_name(f"{path.name}new{os.urandom(8).hex()}")
    create_block(made.parent, made.name, CONTROL_BYTES).close(discard=False)
    try:
        # Two streams that have the same name one after the other share no file's name, so who deletes what is left
        # of the first one cannot hit the second.
        number = 1 + int.from_bytes(os.urandom(8), "little") % ((1 << 47) - 1)
        with open(made, "r+b") as file:
            file.write(struct.pack("<QIIQQQQQ", _MAGIC, _VERSION, SLOTS, 0, 0, UNWRITTEN, 0, number))
        if os.name == "nt":
            os.rename(made, path)  # replaces nothing on Windows, and links cannot be made everywhere there
        else:
            os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink(missing_ok=True)


class Entry(NamedTuple):
    """What the control file says of the frame in a slot; not checked."""

    sequence: int
    number: int
    time_ns: int
    dtype: str
    ndim: int
    shape: tuple[int, ...]


class Control:
    """A control file, open once in this process however many readers and writers of the stream there are.

    ``words`` are its 8-byte numbers; each is loaded and stored in one piece.
    """

    _descriptor: Optional[int] = None

    def __init__(self, path: Path) -> None:
        self.path = path
        self.locks = RangeLocks()
        self.words: memoryview = memoryview(b"")
        self._memory: Optional[mmap.mmap] = None
        self._doubles: list[Control] = []

    def open(self) -> bool:
        """Opens the file; False when there is none. ``map`` looks into it.

        Raises:
            AlcoveError: ``stream_unavailable``.
        """
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise AlcoveError(
                "stream_unavailable",
                f"stream {self.name}: {self.path}: {error.strerror}",
                file=str(self.path),
                hint="a stream can be opened by the user whose program writes it",
            ) from None
        self.locks.begin(self._descriptor)
        return True

    def keep(self, double: Control) -> None:
        """Another descriptor of this file, which must stay as long as this one."""
        self._doubles.append(double)

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode of the open file."""
        status = os.fstat(self._descriptor if self._descriptor is not None else -1)
        return status.st_dev, status.st_ino

    def __del__(self) -> None:
        if self._descriptor is not None:
            self.close()

    @property
    def is_open(self) -> bool:
        """Not so in a child that was forked after it was opened."""
        return self._descriptor is not None

    def map(self) -> None:
        """Makes ``words`` usable.

        Raises:
            AlcoveError: ``stream_unavailable`` when this is no control file of this version.
        """
        if self._memory is not None or self._descriptor is None:
            return
        found = os.fstat(self._descriptor).st_size
        if found < CONTROL_BYTES:
            raise self.unavailable(f"its control file has {found} bytes instead of {CONTROL_BYTES}")
        memory = mmap.mmap(self._descriptor, CONTROL_BYTES)
        magic, version, capacity = struct.unpack_from("<QII", memory)
        if (magic, version, capacity) != (_MAGIC, _VERSION, SLOTS):
            memory.close()
            is_other = magic == _MAGIC
            raise self.unavailable(f"it is of version {version}, this is {_VERSION}" if is_other else "it is no stream")
        self._memory = memory
        self.words = memoryview(memory).cast("Q")

    def is_foreign(self) -> bool:
        """Whether it is a stream of another version, which is not ours to delete."""
        if self._descriptor is None:
            return True
        head = os.pread(self._descriptor, 12, 0) if hasattr(os, "pread") else self.path.read_bytes()[:12]
        magic, version = head[:8], int.from_bytes(head[8:], "little")
        return len(head) == 12 and magic == _MAGIC.to_bytes(8, "little") and version != _VERSION

    def close(self) -> None:
        """Closes the file; where the locks belong to the process, this drops them all. Doing so twice is safe."""
        self.locks.end()
        self.words.release()
        if self._memory is not None:
            self._memory.close()
            self._memory = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._doubles.clear()

    def is_open_elsewhere(self) -> bool:
        """Whether another part of this process, a Java machine say, has the file open, too: its locks are the
        process's, and closing any descriptor of the file would drop them."""
        if self._descriptor is None or os.name == "nt":
            return False
        own = os.fstat(self._descriptor)
        found = 0
        for descriptor in os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else ():
            try:
                found += os.path.samestat(own, os.fstat(int(descriptor)))
            except OSError:  # the one by which the others were listed
                pass
        # A mapping has a descriptor of its own.
        return found > (1 if self._memory is None else 2) + len(self._doubles)

    def is_current(self) -> bool:
        """Whether the stream's name still stands for this file."""
        try:
            return self._descriptor is not None and os.path.samestat(os.fstat(self._descriptor), os.stat(self.path))
        except OSError:
            return False

    def writer(self, *, shared: bool = False) -> Hold:
        """The lock of the stream's writer."""
        return self.locks.hold(*_WRITER, shared=shared)

    def readers(self, *, shared: bool) -> Hold:
        """The lock that the stream's readers share."""
        return self.locks.hold(*_READERS, shared=shared)

    def slot(self, slot: int, *, shared: bool) -> Hold:
        """The lock on one slot."""
        return self.locks.hold(_FIRST_SLOT + _SLOT_LOCK_BYTES * slot, _SLOT_LOCK_BYTES, shared=shared)

    def has_writer(self) -> bool:
        """Whether a writer lives, in this process or another."""
        if self.words[STATE] != WRITTEN:
            return False
        probe = self.writer(shared=True)
        is_free = probe.take()
        probe.release()
        return not is_free

    def sequence(self, slot: int) -> int:
        """The number of the frame in a slot; 0 for none."""
        return int(self.words[_first_word(slot) + _SEQUENCE])

    def entry(self, slot: int) -> Entry:
        """What is said of a slot; believed under its lock alone."""
        first = _first_word(slot)
        words = self.words
        dtype = b"".join(word.to_bytes(8, "little") for word in words[first + _DTYPE : first + _NDIM].tolist())
        ndim = words[first + _NDIM]
        return Entry(
            words[first + _SEQUENCE],
            words[first + _NUMBER],
            words[first + _TIME],
            dtype.rstrip(b"\0").decode("ascii", "replace"),
            ndim,
            tuple(words[first + _SHAPE : first + _SHAPE + min(ndim, MAX_DIMENSIONS)].tolist()),
        )

    def empty_slot(self, slot: int) -> None:
        """Says that there is no frame in a slot. Only under its exclusive lock, as all that changes an entry."""
        self.words[_first_word(slot) + _SEQUENCE] = 0

    def set_file(self, slot: int, number: int, size: int) -> None:
        """Says which file is a slot's; number and size are 0 for none."""
        first = _first_word(slot)
        self.words[first + _NUMBER] = number
        self.words[first + _SIZE] = size

    def publish(self, slot: int, dtype: str, shape: tuple[int, ...], time_ns: int) -> None:
        """Makes what lies in a slot the newest frame. Whoever is killed at any point here leaves a stream that is
        whole, and no number is given out twice."""
        first = _first_word(slot)
        words = self.words
        words[first + _TIME] = time_ns
        encoded = dtype.encode("ascii").ljust(_DTYPE_BYTES, b"\0")
        words[first + _DTYPE] = int.from_bytes(encoded[:8], "little")
        words[first + _DTYPE + 1] = int.from_bytes(encoded[8:], "little")
        words[first + _NDIM] = len(shape)
        for position, size in enumerate(shape, first + _SHAPE):
            words[position] = size
        sequence = words[LAST] + 1
        words[LAST] = sequence
        words[first + _SEQUENCE] = sequence
        words[NEWEST] = slot + 1

    def next_number(self) -> int:
        """A number for a slot's file that none has had."""
        number = int(self.words[NEXT_NUMBER])
        self.words[NEXT_NUMBER] = number + 1 if number < _LARGEST else 1
        return number

    def slot_path(self, number: int) -> Path:
        """The file of this number."""
        return self.path.with_name(f"{self.path.name}{number}")

    def delete(self) -> list[str]:
        """Deletes the stream's files, and returns their names. Only under the locks of writer and readers, both
        exclusive."""
        if not self.is_current():
            return []
        files = [name for name in os.listdir(self.path.parent) if self._is_slot_file(name)]
        if os.name == "nt":  # it deletes no open file; nor one that somebody opens from here on
            self.close()
        # First the control file, so that nobody comes to a stream without slots.
        deleted = delete(self.path)
        if deleted:
            self._discard_slots()
            for name in files:
                deleted += delete(self.path.with_name(name))
        return deleted

    def unavailable(self, reason: str) -> AlcoveError:
        """The error ``stream_unavailable``."""
        return AlcoveError(
            "stream_unavailable",
            f"stream {self.name}: {reason}",
            file=str(self.path),
            hint="use another name, or delete the file when nothing uses it",
        )

    @property
    def name(self) -> str:
        """The stream's."""
        return self.path.name[len("alcove-stream.") : -1]

    def _is_slot_file(self, name: str) -> bool:
        match = FILE.fullmatch(name)
        return match is not None and match["stream"] == self.name and match["rest"].isdigit()

    def _discard_slots(self) -> None:
        """A Java machine that has read here may have slots mapped until it collects its garbage."""
        for slot in range(0 if self._memory is None else min(self.words[USED], SLOTS)):
            hold = self.slot(slot, shared=False)
            if hold.take():  # a view may outlive its reader
                discard(self.slot_path(self.words[_first_word(slot) + _NUMBER]))
                hold.release()


def _first_word(slot: int) -> int:
    return _ENTRY_WORDS * (slot + 1)


def bytes_of_frame(size: int, shape: Sequence[int]) -> int:
    """Itemsize times sizes; raises ValueError when even those that are not 0 give more than any computer can hold."""
    has_none = False
    for dimension in shape:
        has_none = has_none or dimension == 0
        size *= dimension or 1
    if size > _LARGEST:
        raise ValueError(f"{tuple(shape)} is too large")
    return 0 if has_none else size


def discard(path: Path) -> None:
    """Frees the memory of a slot's file that nobody looks at, whoever still has it mapped."""
    try:
        attach_block(path, writable=True).close(discard=True)
    except AlcoveError:  # there is none
        pass


def delete(path: Path) -> list[str]:
    """Deletes a file if it can be, and returns its name in a list then."""
    try:
        path.unlink()
    except OSError:
        return []
    return [path.name]
