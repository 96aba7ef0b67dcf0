"""Blocks of shared memory: files in the memory directory, mapped, pooled and given back.

Whoever makes a block recycles it. First touch of fresh shared memory costs far more than a copy, so a steady stream of
same-size arrays must run in the same few blocks; that is what the pool is for.
"""

from __future__ import annotations

import errno
import mmap
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from .messages import AlcoveError
from .places import free_bytes
from .process import PORTABLE

if TYPE_CHECKING:
    from pathlib import Path  # slow to import

    import numpy

    Root = numpy.ndarray[Any, Any]

_SMALLEST_BLOCK = 4096
_HINT_WHEN_FULL = "free some space there, or name another directory in ALCOVE_MEMORY_DIR; in Docker raise --shm-size"
_PIECE = 1 << 20
# What file systems say that know no reserving, where the C library does not write instead.
_CANNOT_RESERVE = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


def size_class(size: int) -> int:
    """The block size for ``size`` bytes: powers of two with four steps between, so at most a quarter is unused."""
    if size <= _SMALLEST_BLOCK:
        return _SMALLEST_BLOCK
    step = 1 << max((size - 1).bit_length() - 3, 0)
    return (size + step - 1) // step * step


class Mapping:
    """A block's memory in this process.

    All views of it descend from one root ndarray, which is kept: numpy takes a microsecond and more to make it and to
    tell where it lies. ``is_held`` says that views are known to live on, and to be no garbage.
    """

    def __init__(self, name: str, descriptor: int, size: int, writable: bool) -> None:
        self.name = name
        self.size = size
        self.address = 0  # where the block lies, once there is a root
        self.is_held = False
        self._memory = mmap.mmap(descriptor, size, access=mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ)
        self._root: Optional[Root] = None
        self._references = 0  # to the root, as counted while there is no view

    def root(self) -> Root:
        """The whole block as uint8, shape (size,)."""
        if self._root is None:
            import numpy

            self._root = numpy.frombuffer(self._memory, numpy.uint8)
            self.address = self._root.__array_interface__["data"][0]
            self._references = sys.getrefcount(self._root)
        return self._root

    def bytes(self, offset: int, size: int) -> memoryview:
        """A part of the block without numpy. It counts as no view: let go of it before the call ends."""
        return memoryview(self._memory)[offset : offset + size]

    def is_viewed(self) -> bool:
        """Whether anybody still holds a view, which holds the root as its base."""
        return self._root is not None and sys.getrefcount(self._root) > self._references

    def close(self, *, discard: bool) -> None:
        """Unmaps unless a view lives; ``discard`` frees the pages at once even where the other side keeps its mapping
        (truncating instead would kill whoever reads a view with SIGBUS)."""
        if self.is_viewed():
            return
        self._root = None
        if discard and hasattr(mmap, "MADV_REMOVE"):
            try:
                self._memory.madvise(mmap.MADV_REMOVE)
            except OSError:  # a file system that cannot punch holes
                pass
        self._memory.close()


def create_block(directory: Union[str, Path], name: str, size: int) -> Mapping:
    """A new block, zeroed, its memory reserved.

    Raises:
        AlcoveError: ``out_of_shared_memory``; nothing is left then.
    """
    free = free_bytes(directory)
    if size > free:  # not to take first all that there is from everybody else
        raise out_of_memory(directory, size, free, _HINT_WHEN_FULL)
    path = os.path.join(directory, name)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        reserve(descriptor, size)
        return Mapping(name, descriptor, size, writable=True)
    except OSError:
        os.unlink(path)
        raise out_of_memory(directory, size, free_bytes(directory), _HINT_WHEN_FULL) from None
    except BaseException:
        os.unlink(path)
        raise
    finally:
        os.close(descriptor)


def attach_block(path: Union[str, Path], writable: bool, end: int = 0) -> Mapping:
    """The mapping of a block that somebody else made.

    Raises:
        AlcoveError: ``array_unavailable`` when it is not there, or ends before ``end``.
    """
    name = os.path.basename(path)
    try:
        descriptor = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
    except (OSError, ValueError) as error:
        raise unavailable(name, getattr(error, "strerror", None) or str(error)) from None
    try:
        size = os.fstat(descriptor).st_size
        if end > size:
            raise unavailable(name, f"it has {size} bytes, the array ends at {end}")
        return Mapping(name, descriptor, size, writable)
    except (ValueError, OSError) as error:
        raise unavailable(name, str(error)) from None
    finally:
        os.close(descriptor)


def unavailable(name: str, reason: str) -> AlcoveError:
    """The error ``array_unavailable``."""
    return AlcoveError("array_unavailable", f"block {name}: {reason}", block=name)


def reserve(descriptor: int, size: int) -> None:
    """Gives an empty file its size and its memory; raises OSError. Memory that is only mapped, not reserved, turns a
    full file system into SIGBUS at the first write."""
    if not PORTABLE and hasattr(os, "posix_fallocate"):
        try:
            # In pieces: at a signal Linux before 6.12 begins anew, and some that come often would keep it from ending.
            for begin in range(0, size, _PIECE):
                os.posix_fallocate(descriptor, begin, min(_PIECE, size - begin))
            return
        except OSError as error:
            if error.errno not in _CANNOT_RESERVE:
                raise
    zeros = bytes(min(size, _PIECE))
    done = 0
    while done < size:  # a nearly full file system may take a part of a write
        done += os.write(descriptor, zeros[: size - done])


def out_of_memory(directory: Union[str, Path], wanted: int, free: int, hint: str) -> AlcoveError:
    """The error ``out_of_shared_memory``."""
    return AlcoveError(
        "out_of_shared_memory",
        f"no room for {wanted} bytes of shared memory in {directory}",
        wanted_bytes=wanted,
        free_bytes=max(free, 0),
        directory=str(directory),
        hint=hint,
    )


class Block:
    """A block that this worker made. ``loans`` counts how often the host holds it."""

    __slots__ = ("mapping", "loans", "shown")

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.loans = 0
        self.shown = False


class BlockPool:
    """The blocks that this worker made: taken, lent, recycled, and above the quota given back, the least recently used
    first.

    Not thread-safe by itself; ``Arrays`` guards it.
    """

    def __init__(
        self, directory: Union[str, Path], prefix: str, quota_bytes: int, forget: Callable[[list[str]], None]
    ) -> None:
        self._directory = directory
        self._prefix = prefix
        self._quota_bytes = quota_bytes
        self._forget = forget
        self._blocks: dict[str, Block] = {}
        # Each is free, or taken, or the host holds it: however many it holds, they cost a call nothing.
        self._free: dict[str, Block] = {}  # in the order in which they became free
        self._taken: dict[str, Block] = {}
        self._count = 0
        self._bytes = 0
        self._process = os.getpid()

    @property
    def total_bytes(self) -> int:
        """Bytes of all blocks, in use or not."""
        return self._bytes

    @property
    def has_taken(self) -> bool:
        """Whether a block is neither free nor held by the host."""
        return bool(self._taken)

    def claim(self, name: str) -> Optional[Mapping]:
        """The block of this name if this worker made it, and not free any more if it was."""
        block = self._free.pop(name, None)
        if block is not None:
            self._taken[name] = block
            return block.mapping
        block = self._blocks.get(name)
        return None if block is None else block.mapping

    def mappings(self) -> list[Mapping]:
        """The mappings of all blocks."""
        return [block.mapping for block in self._blocks.values()]

    def new_views(self) -> list[Mapping]:
        """Those of the taken blocks of which a view lives and is not known to be held."""
        mappings = [block.mapping for block in self._taken.values()]
        return [mapping for mapping in mappings if not mapping.is_held and mapping.is_viewed()]

    def take(self, size: int) -> Mapping:
        """A block of at least ``size`` bytes, recycled where one is free; its content is undefined then.

        Raises:
            AlcoveError: ``out_of_shared_memory``.
        """
        wanted = size_class(size)
        block = self._recycled(wanted) or self._new(wanted)
        self._taken[block.mapping.name] = block
        return block.mapping

    def _recycled(self, size: int) -> Optional[Block]:
        for name in reversed(self._free):
            if self._free[name].mapping.size == size:
                return self._free.pop(name)
        return None

    def _new(self, size: int) -> Block:
        """A new block, for which free ones have to go where there is too little room."""
        while True:
            try:
                if self._bytes + size > self._quota_bytes:
                    free = self._quota_bytes - self._bytes
                    raise out_of_memory(self._directory, size, free, "release arrays after use")
                return self._create(size)
            except AlcoveError:
                if not self._free:
                    raise
            self.give_back_oldest()

    def lend(self, names: Iterable[str]) -> None:
        """The host holds those of these blocks that this worker made, once more than before."""
        for name in names:
            block = self._blocks.get(name)
            if block is not None:
                block.loans += 1
                block.shown = True
                self._taken.pop(name, None)

    def release(self, names: Iterable[str]) -> None:
        """The host ends one loan for each entry."""
        for name in names:
            block = self._blocks.get(name)
            if block is not None and block.loans > 0:
                block.loans -= 1
                if block.loans == 0:
                    self._taken[name] = block

    def recycle(self) -> None:
        """Makes every block free that neither the host nor anybody here uses."""
        for name, block in list(self._taken.items()):
            if not block.mapping.is_viewed():
                block.mapping.is_held = False
                self._free[name] = self._taken.pop(name)

    def give_back_oldest(self) -> None:
        """Deletes the least recently used free block."""
        name = next(iter(self._free))
        block = self._free.pop(name)
        del self._blocks[name]
        self._bytes -= block.mapping.size
        if block.shown:
            self._forget([name])
        block.mapping.close(discard=True)
        self._unlink(name)

    def give_back_all(self) -> None:
        """Deletes every free block."""
        while self._free:
            self.give_back_oldest()

    def unlink_unloaned(self) -> None:
        """At the end of the process: deletes the blocks that the host does not hold; the host deletes the rest."""
        for name, block in self._blocks.items():
            if block.loans == 0:
                self._unlink(name)

    def _create(self, size: int) -> Block:
        name = f"{self._prefix}{self._count}"
        self._count += 1
        block = Block(create_block(self._directory, name, size))
        self._blocks[name] = block
        self._bytes += size
        return block

    def _unlink(self, name: str) -> None:
        if os.getpid() != self._process:  # a forked child inherits this object, but not the right to delete
            return
        try:
            os.unlink(os.path.join(self._directory, name))
        except OSError:  # deleted already, or Windows, where a mapped file stays until its last user ends
            pass
