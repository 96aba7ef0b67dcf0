"""Writing a stream: frames that any other processes read, by name, without copying and without waiting.

A video, a camera's live picture, a preview of a training. Shape and dtype may change with every frame. A frame is
always whole: a reader looks at a slot of its own, and the writer takes another. docs/streams.md says how.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from .memory import Mapping, create_block, size_class
from .messages import AlcoveError
from .places import memory_directory
from .range_locks import Hold
from .stream_files import (
    CLOSED,
    MAX_DIMENSIONS,
    NEWEST,
    SLOTS,
    STATE,
    STREAM_DTYPES,
    USED,
    Control,
    bytes_of_frame,
    delete,
    discard,
)
from .stream_registry import leave, open_to_write

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_FRAMES_BEFORE_SHRINKING = 16


class StreamWriter:
    """The one writer of a stream::

        with StreamWriter("camera") as writer:
            writer.write(image)
            with writer.frame((1080, 1920, 3), "uint8") as frame:
                camera.read_into(frame)

    It never waits for a reader. Usable from several threads. After its end, also by a signal, readers still get the
    last frame. A name whose writer has died can be taken over.

    Args:
        name: 1 to 64 letters, digits, dots, underscores and hyphens.
        directory: the memory directory; that of this machine where None.

    Raises:
        AlcoveError: of kind ``stream_busy`` when the stream has a writer, ``stream_unavailable`` for a name that no
            stream can have or a file that is none, ``out_of_shared_memory``.
    """

    def __init__(self, name: str, directory: Union[str, Path, None] = None) -> None:
        self.name = name
        self._directory = memory_directory() if directory is None else Path(directory)
        control, hold = open_to_write(self._directory, name)
        self._control = control
        self._mutex = threading.Lock()
        self._mappings: dict[int, Mapping] = {}
        self._frames_too_small: dict[int, int] = {}  # slot -> how many in a row
        self._end = weakref.finalize(self, _end_writer, control, hold)

    def write(self, array: Any) -> None:
        """Publishes a copy of an ndarray of any shape up to 32 dimensions.

        Raises:
            TypeError: for a dtype that no stream carries (objects, texts, structures, times).
            ValueError: for more than 32 dimensions, and after ``close``.
            AlcoveError: ``out_of_shared_memory``, and then the newest frame stays what it was; ``stream_busy`` when
                readers hold all 64 slots.
        """
        import numpy

        array = numpy.asarray(array)
        with self.frame(array.shape, array.dtype) as frame:
            numpy.copyto(frame, array)

    @contextmanager
    def frame(self, shape: Union[int, Sequence[int]], dtype: Any) -> Iterator[Array]:
        """A frame to fill in place; it is published at the end of the ``with`` block, or not at all after an exception.

        Yields:
            a C-contiguous ndarray of undefined content, to be written to within the block alone.

        Raises:
            as ``write`` does.
        """
        import numpy

        kind = numpy.dtype(dtype).newbyteorder("=")
        sizes = (int(shape),) if isinstance(shape, int) else tuple(int(size) for size in shape)
        size = _checked_size(kind, sizes)
        with self._mutex:
            hold, slot = self._take_slot(size)
        try:
            with self._mutex:
                root = self._memory_of(slot, size) if size else numpy.empty(0, numpy.uint8)
            array: Array = root[:size].view(kind).reshape(sizes)
            try:
                yield array
            finally:
                array.flags.writeable = False
            with self._mutex:
                self._require_open()
                self._control.publish(slot, kind.name, sizes, time.time_ns())
        finally:
            hold.release()

    def close(self) -> None:
        """Ends the stream: readers get the last frame and then know. Closing twice is safe."""
        with self._mutex:
            self._end()
            self._mappings.clear()

    def __enter__(self) -> StreamWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _require_open(self) -> None:
        if not self._control.is_open and self._end.alive:
            raise AlcoveError(
                "stream_unavailable",
                f"stream {self.name} is written by the process from which this one was forked",
                hint="open the writer in the process that writes",
            )
        if not self._end.alive:
            raise ValueError(f"the writer of stream {self.name} is closed")

    def _take_slot(self, size: int) -> tuple[Hold, int]:
        """A slot that nobody looks at, locked, empty; one whose file fits if there is one."""
        self._require_open()
        control = self._control
        newest, used = control.words[NEWEST] - 1, control.words[USED]
        # The first ones, so that frames take turns in few slots, whose memory stays in the processor's caches.
        for slot in sorted(range(used), key=lambda slot: not self._fits(slot, size)):
            hold = control.slot(slot, shared=False)
            if slot != newest and hold.take():
                break
        else:
            slot = used
            hold = control.slot(slot, shared=False)
            if slot == SLOTS or not hold.take():
                raise AlcoveError(
                    "stream_busy",
                    f"readers of stream {self.name} hold all {SLOTS} slots",
                    hint="close frames after use, and let go of views of their arrays",
                )
        control.empty_slot(slot)
        control.words[USED] = max(used, slot + 1)
        return hold, slot

    def _fits(self, slot: int, size: int) -> bool:
        mapping = self._mappings.get(slot)
        return mapping is not None and mapping.size >= size

    def _memory_of(self, slot: int, size: int) -> Array:
        """The slot's file as bytes; another file when this one is too small or has long been too large."""
        mapping = self._mappings.get(slot)
        wanted = size_class(size)
        is_small = mapping is not None and wanted * 4 < mapping.size
        self._frames_too_small[slot] = self._frames_too_small.get(slot, 0) + 1 if is_small else 0
        if mapping is None or mapping.size < size or self._frames_too_small[slot] >= _FRAMES_BEFORE_SHRINKING:
            mapping = self._new_file(slot, wanted)
        return mapping.root()

    def _new_file(self, slot: int, size: int) -> Mapping:
        self._give_back_file(slot)
        try:
            mapping = self._create_file(slot, size)
        except AlcoveError:
            self._give_back_unused()
            mapping = self._create_file(slot, size)
        self._mappings[slot] = mapping
        self._frames_too_small[slot] = 0
        return mapping

    def _create_file(self, slot: int, size: int) -> Mapping:
        while True:
            number = self._control.next_number()
            path = self._control.slot_path(number)
            try:
                mapping = create_block(path.parent, path.name, size)
            except FileExistsError:
                continue
            self._control.set_file(slot, number, size)
            return mapping

    def _give_back_file(self, slot: int) -> None:
        number = self._control.entry(slot).number
        mapping = self._mappings.pop(slot, None)
        self._control.set_file(slot, 0, 0)
        path = self._control.slot_path(number)
        if mapping is None:  # an earlier writer's
            discard(path)
        else:
            mapping.close(discard=True)
        if number:
            delete(path)

    def _give_back_unused(self) -> None:
        """Memory is short: gives back that of slots that nobody needs now."""
        for slot in range(self._control.words[USED]):
            hold = self._control.slot(slot, shared=False)
            if slot != self._control.words[NEWEST] - 1 and hold.take():
                self._control.empty_slot(slot)
                self._give_back_file(slot)
                hold.release()


def _end_writer(control: Control, hold: Hold) -> None:
    if control.is_open:  # not in a forked child
        control.words[STATE] = CLOSED
        leave(control, hold)


def _checked_size(kind: Any, shape: Sequence[int]) -> int:
    """The bytes of a frame; raises TypeError or ValueError for one that no stream carries."""
    if kind.name not in STREAM_DTYPES:
        raise TypeError(f"a stream carries numbers and bools, not {kind}")
    if len(shape) > MAX_DIMENSIONS or min(shape, default=0) < 0:
        raise ValueError(f"a frame has up to {MAX_DIMENSIONS} dimensions of sizes from 0, not {tuple(shape)}")
    return bytes_of_frame(int(kind.itemsize), shape)
