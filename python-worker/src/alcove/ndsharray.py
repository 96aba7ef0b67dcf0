"""The interface of the package ndsharray on top of Alcove's streams: its users change one import and go on.

::

    from alcove.ndsharray import NdShArray

    NdShArray("camera", r_w="w").write(image)  # in one process
    valid, image = NdShArray("camera", r_w="r").read()  # in another

What is better than there: a frame is never torn, a reader may come before the writer, a second writer is refused, and
when the last of both has ended nothing is left. https://ndsharray.readthedocs.io describes the original.
"""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING, Any, Optional

from .memory import size_class
from .messages import AlcoveError
from .stream_reader import StreamReader
from .stream_writer import StreamWriter

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]


class NdShArray:
    """An ndarray that one process writes and others read.

    Args:
        name: any text; both sides name it alike.
        array: what a writer writes at once, or what a reader gets while there is nothing else.
        r_w: "r" to read or "w" to write; it must be given.

    Raises:
        ValueError: when ``r_w`` is neither.
        AlcoveError: ``stream_busy`` when the name has a writer that lives, and what else ``StreamWriter`` and
            ``StreamReader`` raise.
    """

    def __init__(self, name: str, array: Optional[Array] = None, r_w: Optional[str] = None) -> None:
        import numpy

        if r_w not in ("r", "w", "R", "W"):
            raise ValueError(f'r_w must be "r" or "w", not {r_w!r}')
        self._name = name
        self._access = r_w.lower()
        self._array: Array = numpy.empty(0, numpy.uint8) if array is None else array
        self._sequence = 0
        self._is_valid = False
        self._read_time_ms = 0.0
        self._reader: Optional[StreamReader] = None
        self._writer: Optional[StreamWriter] = None
        stream = _stream_name(name)
        if self._access == "r":
            self._reader = StreamReader(stream)
        else:
            self._writer = StreamWriter(stream)
            if array is not None:
                self.write(array)

    @property
    def name(self) -> str:
        """The name that both sides know it by."""
        return self._name

    @property
    def access(self) -> str:
        """ "r" or "w"."""
        return self._access

    @property
    def is_valid(self) -> bool:
        """Whether the last ``read`` was valid; of a writer, whether it has written."""
        return self._is_valid

    @property
    def ndarray_mmap_name(self) -> str:
        """A name of the memory in which the array lies; another one when it needs more memory, or far less."""
        return f"{self._name}_{_digest(f'{self._name}={size_class(self._array.nbytes)}')[:32]}"

    @property
    def read_time_ms(self) -> float:
        """How old the array was when it was read: milliseconds since it was written."""
        return self._read_time_ms

    def write(self, array: Array) -> None:
        """Shows a copy of the array to all readers; its shape and dtype may be others than before.

        Raises:
            TypeError: when it is no ndarray, and of a reader.
            NotImplementedError: for a dtype that is none of ``supported_types``.
            AlcoveError: as ``StreamWriter.write``.
        """
        import numpy

        if self._writer is None:
            raise TypeError(f"{self._name} was opened to be read")
        if not isinstance(array, numpy.ndarray):
            raise TypeError(f"write takes an ndarray, not {type(array).__name__}")
        try:
            self._writer.write(array)
        except TypeError:
            raise NotImplementedError(f"arrays of {array.dtype} cannot be shared; see supported_types") from None
        self._array = array
        self._is_valid = True

    def read(self) -> tuple[bool, Array]:
        """The newest array, read-only, and whether it is one.

        It is valid also when it was read before. It is not when nothing was ever written, or when what the writer wrote
        last cannot be read any more; then the array is the last one that could.
        """
        if self._reader is None:
            self._reader = StreamReader(_stream_name(self._name))
        try:
            frame = self._reader.latest()
        except AlcoveError:
            frame = None
        self._is_valid = frame is not None
        if frame is not None:
            with frame:
                if frame.sequence != self._sequence:
                    self._array = frame.copy()
                    self._array.flags.writeable = False
                    self._sequence = frame.sequence
                self._read_time_ms = (time.time() - frame.time) * 1000
        return self._is_valid, self._array

    def close(self) -> None:
        """Ends reading or writing; so does the end of the object. Closing twice is safe."""
        for end in (self._reader, self._writer):
            if end is not None:
                end.close()

    def __enter__(self) -> NdShArray:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _stream_name(name: str) -> str:
    """The name itself where a stream can have it, else one that stands for it."""
    if re.fullmatch("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}", name):
        return name
    return f"{re.sub('[^A-Za-z0-9]', '_', name)[:40]}_{_digest(name)[:16]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _supported_types() -> list[Any]:
    import numpy

    sizes = [f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)]
    names = [*sizes, "float16", "float32", "float64", "complex64", "complex128", "float128", "complex256"]
    return [*(getattr(numpy, name) for name in names if hasattr(numpy, name)), bool]


def __getattr__(name: str) -> Any:
    if name == "supported_types":  # what may be written; not looked for before somebody asks, for it takes numpy
        return _supported_types()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
