"""ndarrays and their descriptors: what crosses the border between host and worker instead of bytes."""

from __future__ import annotations

import bisect
import functools
import gc
import itertools
import math
import os
import struct
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from .annotations import Axis
from .array_axes import axes, axes_to_json, axis_from_json, place_of, remember_axes, remember_place
from .memory import BlockPool, Mapping, attach_block, unavailable
from .messages import unexpected
from .places import is_block_name

if TYPE_CHECKING:
    from pathlib import Path

    import numpy

    Array = numpy.ndarray[Any, Any]

DTYPES = (
    ["bool", "float16", "float32", "float64", "complex64", "complex128"]
    + [f"int{bits}" for bits in (8, 16, 32, 64)]
    + [f"uint{bits}" for bits in (8, 16, 32, 64)]
)
# What memoryview calls those elements that it can read as the protocol has them: little-endian.
FORMATS: dict[str, Any] = dict(
    zip("bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split(), "?bhiqBHIQfd")
)
if sys.byteorder == "big":
    FORMATS.clear()
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

    def __init__(
        self, directory: Union[str, Path], prefix: str, quota_bytes: int, forget: Callable[[list[str]], None]
    ) -> None:
        self._directory = directory
        self._pool = BlockPool(directory, prefix, quota_bytes, forget)
        self._attached: dict[tuple[str, bool], Mapping] = {}
        self._lock = threading.RLock()
        self._borrowed: dict[str, bool] = {}  # blocks named by the running call's inputs -> writable
        self._brought: list[Mapping] = []  # those of them that others made
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
        if size == 0 or dtype_name(kind) not in DTYPES:
            return numpy.empty(dimensions, kind)
        mapping = self._take(size)
        return remember_place(_view(mapping.root(), 0, dimensions, kind), None, mapping.address)

    def _take(self, size: int) -> Mapping:
        with self._lock:
            return self._pool.take(size)

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

        name, offset, shape, dtype, writable, axes = _checked(descriptor, path)
        kind = _on_the_wire(dtype)
        size = math.prod(shape) * kind.itemsize
        if size == 0:
            array = remember_axes(numpy.empty(shape, kind), axes)
        elif name is None:
            raise unexpected(path, "a block for an array that is not empty")
        else:
            mapping = self._block_of(name, offset + size, writable, path)
            array = remember_place(_view(mapping.root(), offset, shape, kind), axes, mapping.address + offset)
        array.setflags(write=writable)
        return array

    def describe(self, array: Array, *, among_others: bool = False) -> dict[str, Any]:
        """A descriptor of the array: of its own place when it lives in a block already, else of a copy in a new one.

        Args:
            array: of any layout.
            among_others: whether it is only a part of an output; a small one has its place from ``place_small`` then.
        """
        dtype = dtype_name(array.dtype)
        if dtype not in DTYPES:
            raise TypeError(f"ndarray of dtype {array.dtype}")
        known_axes = axes(array)
        name, offset = self._place_of(array)
        is_to_be_copied = array.size > 0 and name is None
        waits = is_to_be_copied and among_others and array.nbytes <= _SMALL_BYTES
        if is_to_be_copied and not waits:
            mapping = self._take(array.nbytes)
            _copy(array, mapping, 0)
            name, offset = mapping.name, 0
        descriptor: dict[str, Any] = {
            "$type": "ndarray",
            "block": name,
            "offset": offset,
            "dtype": dtype,
            "shape": list(array.shape),
        }
        if known_axes is not None:
            descriptor["axes"] = axes_to_json(known_axes)
        if waits:
            self._small.append((descriptor, array))
        return descriptor

    def place_small(self) -> None:
        """Copies the small arrays of a reply into as few blocks as do, and completes their descriptors."""
        while self._small:
            ends = list(itertools.accumulate(_aligned(array.nbytes) for _, array in self._small))
            count = max(bisect.bisect_right(ends, _TOGETHER_BYTES), 1)
            mapping = self._take(ends[count - 1])
            for (descriptor, array), end in zip(self._small[:count], ends):
                offset = end - _aligned(array.nbytes)
                _copy(array, mapping, offset)
                descriptor.update(block=mapping.name, offset=offset)
            del self._small[:count]

    def flat(self, descriptor: dict[str, Any], path: str) -> Any:
        """An array of one dimension as something that can be cut and has ``tolist``; raises what ``attach`` does.

        Most columns of numbers need no numpy for that, and many workers that get such have not imported it.
        """
        name, offset, shape, dtype, _, _ = _checked(descriptor, path)
        if len(shape) != 1:
            raise unexpected(path, "an ndarray of one dimension")
        if name is None or shape[0] == 0 or dtype not in FORMATS:
            return self.attach(descriptor, path)
        size = shape[0] * struct.calcsize(FORMATS[dtype])
        return self._block_of(name, offset + size, False, path).bytes(offset, size).cast(FORMATS[dtype])

    def describe_flat(self, content: memoryview, dtype: str) -> dict[str, Any]:
        """A descriptor of a copy of elements, as they lie in memory, with one dimension."""
        name = None
        if content.nbytes:
            block = self._take(content.nbytes)
            name = block.name
            block.bytes(0, content.nbytes)[:] = content.cast("B")
        return {"$type": "ndarray", "block": name, "offset": 0, "dtype": dtype, "shape": [len(content)]}

    def lend(self, names: set[str]) -> None:
        """A reply that names these blocks is on its way: the worker's own are on one more loan to the host each."""
        with self._lock:
            self._pool.lend(names)

    def release(self, names: list[str]) -> None:
        """The host ends one loan for each entry."""
        with self._lock:
            self._pool.release(names)
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
        kept = self._kept()
        if kept or self._pool.has_taken:
            if kept or self._new_views():
                self._search_garbage()
                kept = self._kept()
            with self._lock:
                self._pool.recycle()
        self._borrowed.clear()
        self._brought.clear()
        return kept

    def _kept(self) -> list[str]:
        return [mapping.name for mapping in self._brought if mapping.is_viewed()]

    def _new_views(self) -> list[Mapping]:
        with self._lock:
            return self._pool.new_views()

    def _search_garbage(self) -> None:
        """Views that only a circle of references keeps, a caught exception's traceback say, are no views any more."""
        begun = time.monotonic()
        if begun < self._next_search:  # an op that keeps what each call brings must not pay for it each time
            return
        gc.collect()
        held = self._new_views()
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

    def _block_of(self, name: str, end: int, writable: bool, path: str) -> Mapping:
        if writable and name in self._borrowed or self._borrowed.get(name, False):
            raise unexpected(path, "a block that no other input of the call uses, because one of them is written to")
        with self._lock:
            mapping = self._pool.claim(name)
        if mapping is None:
            mapping = self._attach(name, writable)
            if name not in self._borrowed:
                self._brought.append(mapping)
        self._borrowed[name] = writable
        if end > mapping.size:
            raise unavailable(name, f"it has {mapping.size} bytes, {path} ends at {end}")
        return mapping

    def _attach(self, name: str, writable: bool) -> Mapping:
        mapping = self._attached.get((name, writable))
        if mapping is None:
            mapping = attach_block(os.path.join(self._directory, name), writable)
            self._attached[name, writable] = mapping
        return mapping

    def _place_of(self, array: Array) -> tuple[Optional[str], int]:
        """Block and offset of an array that can be described where it lies, else (None, 0)."""
        # Told by the address alone: not every view has the block as its base, one that came by way of DLPack has not.
        if array.size and array.base is not None and array.flags.c_contiguous and array.dtype.isnative:
            place = place_of(array)
            # What an earlier call brought may be its maker's again, so a view that an op kept of it is copied.
            mapping = _around(place, self._brought) or _around(place, self._own())
            if mapping is not None and (place - mapping.address) % _ALIGNMENT == 0:
                return mapping.name, place - mapping.address
        return None, 0

    def _own(self) -> list[Mapping]:
        with self._lock:
            return self._pool.mappings()


def _around(place: int, mappings: list[Mapping]) -> Optional[Mapping]:
    """The block that lies there in this process's memory."""
    for mapping in mappings:
        if 0 <= place - mapping.address < mapping.size:
            return mapping
    return None


def _view(root: Array, offset: int, shape: tuple[int, ...], dtype: Any) -> Array:
    """The C-contiguous array that lies at an offset into a block."""
    import numpy

    return numpy.ndarray(shape, dtype, root, offset)


def _copy(array: Array, mapping: Mapping, offset: int) -> None:
    """Copies an array into a block, in the wire's order of bytes."""
    import numpy

    numpy.copyto(_view(mapping.root(), offset, array.shape, array.dtype.newbyteorder("=")), array)


_names: dict[Any, str] = {}


def dtype_name(dtype: Any) -> str:
    """numpy's name for a dtype, which numpy itself puts together anew each time, in more than a microsecond."""
    name: Optional[str] = _names.get(dtype)
    if name is None:
        name = dtype.name
        assert name is not None
        if name in DTYPES:
            _names[dtype] = name
    return name


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _checked(
    descriptor: dict[str, Any], path: str
) -> tuple[Optional[str], int, tuple[int, ...], str, bool, Optional[tuple[Axis, ...]]]:
    """The members of a descriptor, each checked; a name may not lead out of the memory directory."""
    member = descriptor.get
    name, offset, shape = member("block"), member("offset", 0), member("shape")
    dtype, axes, writable = member("dtype"), member("axes"), member("writable", False)
    if name is not None and not is_block_name(name):
        raise unexpected(f"{path}.block", "a block's name: letters a to z, digits and hyphens")
    if not _is_size(offset) or offset % _ALIGNMENT:
        raise unexpected(f"{path}.offset", f"a multiple of {_ALIGNMENT}")
    if type(shape) is not list or len(shape) > _MAX_DIMENSIONS or not all(map(_is_size, shape)):
        raise unexpected(f"{path}.shape", f"a list of sizes, {_MAX_DIMENSIONS} at most")
    if dtype not in DTYPES:
        raise unexpected(f"{path}.dtype", "one of " + " ".join(DTYPES))
    if type(writable) is not bool:
        raise unexpected(f"{path}.writable", "true or false")
    try:
        axes = None if axes is None else tuple(map(axis_from_json, axes))
    except (TypeError, AttributeError, ValueError):
        axes = ()
    if axes is not None and len(axes) != len(shape):
        raise unexpected(f"{path}.axes", "one object with a name for each dimension")
    return name, offset, tuple(shape), dtype, writable, axes


@functools.cache  # there are fourteen
def _on_the_wire(dtype: str) -> Any:
    import numpy

    return numpy.dtype(dtype).newbyteorder("<")


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value <= sys.maxsize


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
