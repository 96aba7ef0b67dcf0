"""ndarrays and their descriptors: what crosses the border between host and worker instead of bytes."""

from __future__ import annotations

import math
import os
import sys
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from .annotations import Axis, named_axes
from .memory import BlockPool, Mapping
from .messages import AlcoveError, unexpected

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

_axes_of: dict[int, tuple[weakref.ref[Array], tuple[Axis, ...]]] = {}


def axes(array: Array) -> Optional[tuple[Axis, ...]]:
    """The axes of an array that an op was given or that ``set_axes`` was called on, else None."""
    entry = _axes_of.get(id(array))
    return entry[1] if entry and entry[0]() is array else None


def set_axes(array: Array, axes: Union[str, Sequence[Axis]]) -> Array:
    """Remembers the axes of an array that an op will return, and returns the array.

    Args:
        array: any ndarray.
        axes: names in order (``"z y x"``) or ``Axis`` objects, one a dimension.
    """
    values = named_axes(axes) if isinstance(axes, str) else tuple(map(_checked_axis, axes))
    if len(values) != array.ndim:
        raise ValueError(f"{len(values)} axes for an array of {array.ndim} dimensions")
    return remember_axes(array, values)


def remember_axes(array: Array, values: tuple[Axis, ...]) -> Array:
    """As ``set_axes``, for axes that another array has and that are so known to be right."""
    key = id(array)
    # ndarrays cannot be keys of a weak dictionary because they have no hash.
    _axes_of[key] = (weakref.ref(array, lambda _: _axes_of.pop(key, None)), values)
    return array


def _checked_axis(axis: Axis) -> Axis:
    """The axis with its numbers as floats; raises ValueError for one that cannot be sent."""
    if not all(isinstance(text, str) for text in (axis.name, axis.type, axis.unit or "")):
        raise ValueError(f"name, type and unit are texts: {axis}")
    checked = axis._replace(scale=float(axis.scale), translation=float(axis.translation))
    if not math.isfinite(checked.scale) or not math.isfinite(checked.translation):
        raise ValueError(f"scale and translation are finite numbers: {axis}")
    return checked


def axis_from_json(value: Any) -> Axis:
    """The axis that stands in a descriptor; raises TypeError, AttributeError or ValueError for none."""
    members = {name: value[name] for name in Axis._fields if value.get(name) is not None}
    return _checked_axis(Axis(**members))


def axis_to_json(axis: Axis) -> dict[str, Any]:
    """The axis as it stands in a descriptor."""
    members: dict[str, Any] = {"name": axis.name, "type": axis.type}
    if axis.unit is not None:
        members["unit"] = axis.unit
    if axis.scale != 1.0:
        members["scale"] = float(axis.scale)
    if axis.translation != 0.0:
        members["translation"] = float(axis.translation)
    return members


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

    @property
    def pooled_bytes(self) -> int:
        """Bytes of all blocks that this worker made."""
        return self._pool.total_bytes

    def empty(self, shape: Union[int, Sequence[int]], dtype: Any) -> Array:
        """An ndarray of undefined content in a block of its own, so that returning it copies nothing."""
        import numpy

        kind = numpy.dtype(dtype).newbyteorder("=")
        dimensions = (int(shape),) if isinstance(shape, int) else tuple(int(size) for size in shape)
        size = kind.itemsize
        for dimension in dimensions:
            size *= dimension
        if size == 0 or kind.name not in DTYPES:
            return numpy.empty(dimensions, kind)
        with self._lock:
            root = self._pool.take(size).mapping.root()
        array: Array = root[:size].view(kind).reshape(dimensions)
        return array

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
        count = 1
        for dimension in shape:
            count *= dimension
        if count == 0:
            array = numpy.empty(shape, kind)
        elif name is None:
            raise unexpected(path, "a block for an array that is not empty")
        else:
            root = self._root_of(name, offset + count * kind.itemsize, writable, path)
            array = root[offset : offset + count * kind.itemsize].view(kind).reshape(shape)
        array.flags.writeable = writable
        if axes is not None:
            set_axes(array, axes)
        return array

    def describe(self, array: Array) -> dict[str, Any]:
        """A descriptor of the array: of its own place when it lives in a block already, else of a copy in a new one."""
        import numpy

        if array.dtype.name not in DTYPES:
            raise TypeError(f"ndarray of dtype {array.dtype}")
        known_axes = axes(array)
        name, offset = self._place_of(array)
        if array.size and name is None:
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
        return descriptor

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
        kept = []
        for name, writable in self._borrowed.items():
            mapping = self._attached.get((name, writable))
            if mapping is not None and mapping.live_root() is not None:
                kept.append(name)
        self._borrowed.clear()
        with self._lock:
            self._pool.recycle()
        return kept

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
            message = f"{path}: block {name} has {mapping.size} bytes, the array ends at {end}"
            raise AlcoveError("array_unavailable", message, block=name)
        return mapping.root()

    def _attach(self, name: str, writable: bool) -> Mapping:
        mapping = self._attached.get((name, writable))
        if mapping is None:
            try:
                descriptor = os.open(self._directory / name, os.O_RDWR if writable else os.O_RDONLY)
            except OSError as error:
                raise AlcoveError("array_unavailable", f"block {name}: {error.strerror}", block=name) from None
            try:
                mapping = Mapping(name, descriptor, os.fstat(descriptor).st_size, writable)
            except (ValueError, OSError) as error:
                raise AlcoveError("array_unavailable", f"block {name}: {error}", block=name) from None
            finally:
                os.close(descriptor)
            self._attached[name, writable] = mapping
        return mapping

    def _place_of(self, array: Array) -> tuple[Optional[str], int]:
        """Block and offset of an array that can be described where it lies, else (None, 0)."""
        if not array.flags.c_contiguous or not array.dtype.isnative or array.size == 0:
            return None, 0
        root: Any = array
        while isinstance(root.base, type(root)):
            root = root.base
        mapping = self._mapping_of(root)
        if mapping is None:
            return None, 0
        offset = _address(array) - _address(root)
        return (mapping.name, offset) if offset % _ALIGNMENT == 0 else (None, 0)

    def _mapping_of(self, root: Any) -> Optional[Mapping]:
        with self._lock:
            for mapping in self._pool.mappings():
                if mapping.live_root() is root:
                    return mapping
        # A block that an earlier call brought may be its maker's again, so a view that an op kept of it is copied.
        for (name, _), mapping in list(self._attached.items()):
            if name in self._borrowed and mapping.live_root() is root:
                return mapping
        return None


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _checked(
    descriptor: dict[str, Any], path: str
) -> tuple[Optional[str], int, tuple[int, ...], Any, bool, Optional[list[Axis]]]:
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
        axes = None if axes is None else [axis_from_json(axis) for axis in axes]
    except (TypeError, AttributeError, ValueError):
        axes = []
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
