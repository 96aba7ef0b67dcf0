"""Arrays that this process shares by name with others that do not call it: ``share`` and ``attach``."""

from __future__ import annotations

import atexit
import math
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from . import leases
from .annotations import Axis
from .array_axes import axes as axes_of
from .array_axes import set_axes
from .arrays import DTYPES
from .labelled import is_labelled, unlabelled
from .leases import Lease
from .memory import Mapping, attach_block, create_block, out_of_memory
from .messages import AlcoveError
from .places import free_bytes, memory_directory, prepared

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]
    Names = Union[str, Sequence[Axis]]

_guard = threading.RLock()
_makers: dict[Path, _Maker] = {}


class SharedArray:
    """An ndarray in a block of shared memory that other processes see, and see change: what ``share``, ``share_empty``
    and ``attach`` return. A context manager that closes itself.

    Attributes:
        name: of the block; None for an array without elements, which needs no memory.
        file: the block's file, which numpy.memmap opens; None as above.
        offset: where the array begins in it, in bytes. It is C-contiguous from there, and little-endian.
    """

    def __init__(self, array: Array, file: Optional[Path], offset: int, on_close: Callable[[], None]) -> None:
        self.name = None if file is None else file.name
        self.file = file
        self.offset = offset
        self._array: Optional[Array] = array
        self._on_close = on_close

    @property
    def array(self) -> Array:
        """The ndarray over the block itself. Raises ValueError after ``close``."""
        if self._array is None:
            raise ValueError(f"the shared array {self.name} is closed")
        return self._array

    @property
    def axes(self) -> Optional[tuple[Axis, ...]]:
        """The axes of the array, None where it has no names for them."""
        return axes_of(self.array)

    def close(self) -> None:
        """Ends the sharing: whoever shared the array deletes its block, whoever attached it detaches. Views that are
        left, here and elsewhere, keep their memory. Closing twice is safe."""
        if self._array is not None:
            self._array = None
            self._on_close()

    def __enter__(self) -> SharedArray:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._array is None:
            return f"<SharedArray {self.name}, closed>"
        return f"<SharedArray {self.name}, {self._array.dtype} {self._array.shape}>"


def share(array: Any, axes: Optional[Names] = None, *, directory: Union[str, Path, None] = None) -> SharedArray:
    """Copies an array into a block of this process's own, under a name by which others open it: ``attach`` in Python,
    ``Alcove.attach`` in Java, numpy.memmap of its ``file`` anywhere.

    The block is there until ``close``, at the latest until this process ends; that of a process that was killed is
    deleted by the next host that starts.

    Args:
        array: an ndarray or DataArray, or what numpy makes an ndarray of.
        axes: names in order (``"z y x"``) or ``Axis`` objects; those that the array has where there are none.
        directory: where the block lies; the memory directory of this machine where there is none.

    Raises:
        AlcoveError: ``out_of_shared_memory``, also beyond half of the room that was free at first.
        TypeError: for a dtype that cannot be shared.
    """
    import numpy

    content = unlabelled(array) if is_labelled(array) else numpy.asarray(array)
    names = axes_of(content) if axes is None else axes
    shared = share_empty(content.shape, content.dtype.newbyteorder("="), names, directory=directory)
    numpy.copyto(shared.array, content)
    return shared


def share_empty(
    shape: Union[int, Sequence[int]],
    dtype: Any,
    axes: Optional[Names] = None,
    *,
    directory: Union[str, Path, None] = None,
) -> SharedArray:
    """As ``share``, of an array that is yet to be filled; its elements are zero."""
    place = memory_directory() if directory is None else prepared(Path(directory))
    layout = _Layout(shape, dtype)
    if layout.size == 0:
        return _nothing(layout, axes)
    with _guard:
        real = place.resolve()
        if real not in _makers:
            _makers[real] = _Maker(real)
        maker = _makers[real]
        mapping = maker.make(layout.size)
    try:
        array = _with_axes(layout.view(mapping.root(), 0), axes)
    except BaseException:
        maker.delete(mapping)
        raise
    return SharedArray(array, real / mapping.name, 0, lambda: maker.delete(mapping))


def attach(
    block: str,
    dtype: Any,
    shape: Union[int, Sequence[int]],
    *,
    offset: int = 0,
    axes: Optional[Names] = None,
    writable: bool = True,
    directory: Union[str, Path, None] = None,
) -> SharedArray:
    """Opens a block that another process shares, by its name, without copying. Closing detaches, and deletes nothing.

    Args:
        block: its name: that of a ``SharedArray``, in Python or Java, or of a ``multiprocessing.shared_memory``.
        dtype: one of Alcove's, in this machine's byte order.
        shape: of the array, which is C-contiguous.
        offset: where it begins in the block, in bytes.
        axes: as for ``share``; names do not travel with a block.
        writable: whether the array may be written to, for all to see.
        directory: where the block lies, as for ``share``.

    Raises:
        AlcoveError: ``array_unavailable`` when there is no such block, or it ends before the array does.
        TypeError: for a dtype that cannot be shared.
    """
    layout = _Layout(shape, dtype)
    if not isinstance(offset, int) or offset < 0:
        raise ValueError(f"an offset is a number of bytes from 0, not {offset!r}")
    if layout.size == 0:
        return _nothing(layout, axes)
    file = (memory_directory() if directory is None else Path(directory)) / block
    if file.name != block:
        raise AlcoveError("array_unavailable", f"{block!r} is no name of a block", block=block)
    mapping = attach_block(file, writable, offset + layout.size)
    array = _with_axes(layout.view(mapping.root(), offset), axes)
    return SharedArray(array, file, offset, lambda: mapping.close(discard=False))


class _Layout:
    """A C-contiguous array of one of Alcove's dtypes. Raises TypeError and ValueError for another."""

    def __init__(self, shape: Union[int, Sequence[int]], dtype: Any) -> None:
        import numpy

        self.dtype = numpy.dtype(dtype)
        self.shape = tuple(map(int, (shape,) if isinstance(shape, int) else shape))
        if self.dtype.name not in DTYPES or not self.dtype.isnative:
            raise TypeError(f"an array of dtype {self.dtype.str} cannot be shared, only {' '.join(DTYPES)}")
        if any(size < 0 for size in self.shape):
            raise ValueError(f"a shape has sizes from 0, not {self.shape}")
        self.size = math.prod(self.shape) * self.dtype.itemsize

    def view(self, root: Array, offset: int) -> Array:
        """The array that begins at an offset into a block."""
        view: Array = root[offset : offset + self.size].view(self.dtype).reshape(self.shape)
        return view


class _Maker:
    """What this process shares in one directory: a lease, and under it the blocks; the last one takes it along."""

    def __init__(self, directory: Path) -> None:
        leases.sweep(directory)
        self._directory = directory
        self._process = os.getpid()
        self._quota_bytes = free_bytes(directory) // 2
        self._lease = Lease(directory)
        self._blocks: dict[str, Mapping] = {}
        self._count = 0

    def make(self, size: int) -> Mapping:
        """A new block; raises ``out_of_shared_memory``."""
        free = self._quota_bytes - sum(mapping.size for mapping in self._blocks.values())
        name = f"{self._lease.prefix}-h-{self._count}"
        try:
            if size > free:
                raise out_of_memory(self._directory, size, free, "close shared arrays that are no longer needed")
            mapping = create_block(self._directory, name, size)
        except BaseException:
            self._end_if_unused()
            raise
        self._count += 1
        self._blocks[name] = mapping
        return mapping

    def delete(self, mapping: Mapping) -> None:
        """Deletes a block; views of it keep their memory. In a forked child it is the parent's."""
        mapping.close(discard=False)
        with _guard:
            if os.getpid() == self._process and self._blocks.pop(mapping.name, None) is not None:
                self._unlink(mapping)
                self._end_if_unused()

    def end(self) -> None:
        """Deletes all blocks, because this process ends."""
        while self._blocks:
            self.delete(next(iter(self._blocks.values())))

    def _end_if_unused(self) -> None:
        if not self._blocks:
            del _makers[self._directory]
            self._lease.end()

    def _unlink(self, mapping: Mapping) -> None:
        try:
            os.unlink(self._directory / mapping.name)
        except OSError:  # deleted already, or Windows, where a mapped file stays for the next sweeper
            pass


def _nothing(layout: _Layout, axes: Optional[Names]) -> SharedArray:
    import numpy

    return SharedArray(_with_axes(numpy.empty(layout.shape, layout.dtype), axes), None, 0, lambda: None)


def _with_axes(array: Array, axes: Optional[Names]) -> Array:
    return array if axes is None else set_axes(array, axes)


def _end_all() -> None:
    with _guard:
        for maker in list(_makers.values()):
            maker.end()


def _start_anew() -> None:
    global _guard
    _guard = threading.RLock()  # another thread of the parent's may have held it
    _makers.clear()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
