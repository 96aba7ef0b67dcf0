"""ndarrays and their descriptors: what crosses the border between host and worker instead of bytes."""

from __future__ import annotations

import bisect
import gc
import itertools
import math
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from .annotations import Axis
from .array_axes import axes, axis_from_json, axis_to_json, remember_axes
from .axes_of_views import address
from .memory import BlockPool, Mapping, attach_block, unavailable
from .messages import unexpected

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

DTYPES = (
    ["bool", "float16", "float32", "float64", "complex64", "complex128"]
    + [f"int{bits}" for bits in (8, 16, 32, 64)]
    + [f"uint{bits}" for bits in (8, 16, 32, 64)]
)
_ALIGNMENT = 64
_MAX_DIMENSIONS = 32  # numpy's own limit before its version 2
# Small arrays within one output lie in a block together: a file for each outline would be thousands.
_SMALL_BYTES = 1 << 16
_TOGETHER_BYTES = 1 << 20  # as much as one of them may keep from being used again
_LEAST_BREAK = 20  # how much longer than a search for garbage that found nothing the next one waits


class Arrays:
    """Descriptors to ndarrays and back, over the worker's own blocks and the mappings of everybody else's.

    A mapping of a foreign block is kept until its maker says ``forget``: a steady stream of images in recycled blocks
    then costs no system call.
    """

    def __init__(self, directory: Path, prefix: str, quota_bytes: int, forget: Callable[[list[str]], None]) -> None:
        self._directory = directory
        self._pool = BlockPool(directory, prefix, quota_bytes, forget)
        self._attached: dict[tuple[str, bool], Mapping] = {}
        self._lock = threading.RLock()
        self._borrowed: dict[str, bool] = {}  # blocks named by the running call's inputs -> writable
        self._small: list[tuple[dict[str, Any], Array]] = []  # descriptors that lack a place, with their arrays
        self._next_search = 0.0

    @property
    def pooled_bytes(self) -> int:
        """Bytes of all blocks that this worker made."""
        return self._pool.total_bytes

    def empty(self, shape: Union[int, Sequence[int]], dtype: Any) -> Array:
        """An ndarray of undefined content in a block of its own, so that returning it copies nothing."""
        import numpy

        kind = numpy.dtype(dtype).newbyteorder("=")
        dimensions = (int(shape),) if isinstance(shape, int) else tuple(int(size) for size in shape)
        size = math.prod(dimensions) * kind.itemsize
        if size == 0 or kind.name not in DTYPES:
            return numpy.empty(dimensions, kind)
        with self._lock:
            root = self._pool.take(size).mapping.root()
        return _view(root, 0, dimensions, kind)

    def attach(self, descriptor: dict[str, Any], path: str) -> Array:
        """The ndarray that a descriptor stands for; nothing is copied.

        Args:
            descriptor: an object with ``$type`` ``ndarray``.
            path: where it stands in the message, for errors.

        Raises:
            AlcoveError: ``invalid_params`` for a wrong descriptor, ``array_unavailable`` when there is no such block or
                it is too small.
        """
        import numpy

        name, offset, shape, kind, writable, axes = _checked(descriptor, path)
        size = math.prod(shape) * kind.itemsize
        if size == 0:
            array = numpy.empty(shape, kind)
        elif name is None:
            raise unexpected(path, "a block for an array that is not empty")
        else:
            root = self._root_of(name, offset + size, writable, path)
            array = _view(root, offset, shape, kind)
        array.flags.writeable = writable
        return remember_axes(array, axes)

    def describe(self, array: Array, *, among_others: bool = False) -> dict[str, Any]:
        """A descriptor of the array: of its own place when it lives in a block already, else of a copy in a new one.

        Args:
            array: of any layout.
            among_others: whether it is only a part of an output; a small one has its place from ``place_small`` then.
        """
        import numpy

        if array.dtype.name not in DTYPES:
            raise TypeError(f"ndarray of dtype {array.dtype}")
        known_axes = axes(array)
        name, offset = self._place_of(array)
        is_to_be_copied = array.size > 0 and name is None
        waits = is_to_be_copied and among_others and array.nbytes <= _SMALL_BYTES
        if is_to_be_copied and not waits:
            copy = self.empty(array.shape, array.dtype)
            numpy.copyto(copy, array)
            name, offset = self._place_of(copy)
        descriptor: dict[str, Any] = {
            "$type": "ndarray",
            "block": name,
            "offset": offset,
            "dtype": array.dtype.name,
            "shape": list(array.shape),
        }
        if known_axes is not None:
            descriptor["axes"] = [axis_to_json(axis) for axis in known_axes]
        if waits:
            self._small.append((descriptor, array))
        return descriptor

    def place_small(self) -> None:
        """Copies the small arrays of a reply into as few blocks as do, and completes their descriptors."""
        while self._small:
            ends = list(itertools.accumulate(_aligned(array.nbytes) for _, array in self._small))
            count = max(bisect.bisect_right(ends, _TOGETHER_BYTES), 1)
            with self._lock:
                mapping = self._pool.take(ends[count - 1]).mapping
                root = mapping.root()
            for (descriptor, array), end in zip(self._small[:count], ends):
                offset = end - _aligned(array.nbytes)
                _view(root, offset, array.shape, array.dtype.newbyteorder("="))[...] = array
                descriptor.update(block=mapping.name, offset=offset)
            del self._small[:count]

    def lend(self, names: set[str]) -> None:
        """A reply that names these blocks is on its way: the worker's own are on one more loan to the host each."""
        with self._lock:
            for name in names:
                block = self._pool.get(name)
                if block is not None:
                    block.loans += 1
                    block.shown = True

    def release(self, names: list[str]) -> None:
        """The host ends one loan for each entry."""
        with self._lock:
            for name in names:
                block = self._pool.get(name)
                if block is not None and block.loans > 0:
                    block.loans -= 1
            self._pool.recycle()

    def forget(self, names: list[str]) -> None:
        """The makers of these blocks have dropped them."""
        for name in names:
            for writable in (False, True):
                mapping = self._attached.pop((name, writable), None)
                if mapping is not None:
                    mapping.close(discard=False)

    def end_call(self) -> list[str]:
        """After a call whose arrays were let go: recycles, and names the foreign blocks of which a view still lives."""
        self._small.clear()
        if self._kept() or self._pool.new_views():
            self._search_garbage()
        kept = self._kept()
        self._borrowed.clear()
        with self._lock:
            self._pool.recycle()
        return kept

    def _kept(self) -> list[str]:
        return [mapping.name for mapping in self._brought() if mapping.live_root() is not None]

    def _search_garbage(self) -> None:
        """Views that only a circle of references keeps, a caught exception's traceback say, are no views any more."""
        begun = time.monotonic()
        if begun < self._next_search:  # an op that keeps what each call brings must not pay for it each time
            return
        gc.collect()
        held = self._pool.new_views()
        for mapping in held:
            mapping.is_held = True
        if held or self._kept():
            ended = time.monotonic()
            self._next_search = ended + _LEAST_BREAK * (ended - begun)

    def give_back(self) -> None:
        """Deletes all free blocks, because the worker has been idle."""
        with self._lock:
            self._pool.recycle()
            self._pool.give_back_all()

    def close(self) -> None:
        """Deletes the worker's blocks that the host does not hold."""
        with self._lock:
            self._pool.unlink_unloaned()

    def _root_of(self, name: str, end: int, writable: bool, path: str) -> Array:
        if writable and name in self._borrowed or self._borrowed.get(name, False):
            raise unexpected(path, "a block that no other input of the call uses, because one of them is written to")
        self._borrowed[name] = writable
        own = self._pool.claim(name)
        mapping = own.mapping if own is not None else self._attach(name, writable)
        if end > mapping.size:
            raise unavailable(name, f"it has {mapping.size} bytes, {path} ends at {end}")
        return mapping.root()

    def _attach(self, name: str, writable: bool) -> Mapping:
        mapping = self._attached.get((name, writable))
        if mapping is None:
            mapping = attach_block(self._directory / name, writable)
            self._attached[name, writable] = mapping
        return mapping

    def _place_of(self, array: Array) -> tuple[Optional[str], int]:
        """Block and offset of an array that can be described where it lies, else (None, 0)."""
        # Told by the address alone: not every view has the block as its base, one that came by way of DLPack has not.
        if array.size and array.base is not None and array.flags.c_contiguous and array.dtype.isnative:
            place = address(array)
            for mapping in self._mappings():
                offset = mapping.offset_of(place)
                if offset is not None:
                    return (mapping.name, offset) if offset % _ALIGNMENT == 0 else (None, 0)
        return None, 0

    def _mappings(self) -> list[Mapping]:
        """The blocks that a reply may name: what an earlier call brought may be its maker's again, so a view that an op
        kept of it is copied."""
        with self._lock:
            own = self._pool.mappings()
        return own + self._brought()

    def _brought(self) -> list[Mapping]:
        """The foreign blocks that the running call's inputs lie in."""
        found = [self._attached.get(key) for key in self._borrowed.items()]
        return [mapping for mapping in found if mapping is not None]


def _view(root: Array, offset: int, shape: tuple[int, ...], dtype: Any) -> Array:
    """The C-contiguous array that lies at an offset into a block."""
    view: Array = root[offset : offset + math.prod(shape) * dtype.itemsize].view(dtype).reshape(shape)
    return view


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _checked(
    descriptor: dict[str, Any], path: str
) -> tuple[Optional[str], int, tuple[int, ...], Any, bool, Optional[tuple[Axis, ...]]]:
    """The members of a descriptor, each checked; a name may not lead out of the memory directory."""
    import numpy

    name, offset = descriptor.get("block"), descriptor.get("offset", 0)
    shape, dtype = descriptor.get("shape"), descriptor.get("dtype")
    axes, writable = descriptor.get("axes"), descriptor.get("writable", False)
    if name is not None and not is_block_name(name):
        raise unexpected(f"{path}.block", "a block's name: letters a to z, digits and hyphens")
    if not _is_size(offset) or offset % _ALIGNMENT:
        raise unexpected(f"{path}.offset", f"a multiple of {_ALIGNMENT}")
    if not isinstance(shape, list) or not all(map(_is_size, shape)) or len(shape) > _MAX_DIMENSIONS:
        raise unexpected(f"{path}.shape", f"a list of sizes, {_MAX_DIMENSIONS} at most")
    if dtype not in DTYPES:
        raise unexpected(f"{path}.dtype", "one of " + " ".join(DTYPES))
    if not isinstance(writable, bool):
        raise unexpected(f"{path}.writable", "true or false")
    try:
        axes = None if axes is None else tuple(axis_from_json(axis) for axis in axes)
    except (TypeError, AttributeError, ValueError):
        axes = ()
    if axes is not None and len(axes) != len(shape):
        raise unexpected(f"{path}.axes", "one object with a name for each dimension")
    # Bytes on the wire are little-endian.
    return name, offset, tuple(shape), numpy.dtype(dtype).newbyteorder("<"), writable, axes


def is_block_name(value: Any) -> bool:
    """Whether it can name a block: then it cannot lead out of the memory directory."""
    return isinstance(value, str) and value != "" and set(value) <= _NAME_CHARACTERS


_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= sys.maxsize


_shared: Optional[Arrays] = None


def use(arrays: Optional[Arrays]) -> None:
    """Makes ``empty`` allocate here; None outside a worker."""
    global _shared
    _shared = arrays


if hasattr(os, "register_at_fork"):
    # A forked child cannot give a block back, and its parent would give the next one the same name.
    os.register_at_fork(after_in_child=lambda: use(None))


def empty(shape: Union[int, Sequence[int]], dtype: Any) -> Array:
    """An ndarray of undefined content that is in shared memory already, so that returning it copies nothing.

    Outside a worker it is an ordinary ``numpy.empty``.

    Raises:
        AlcoveError: ``out_of_shared_memory``.
    """
    if _shared is not None:
        return _shared.empty(shape, dtype)
    import numpy

    return numpy.empty(shape, dtype)
