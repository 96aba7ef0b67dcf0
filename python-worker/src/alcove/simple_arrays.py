"""The arrays of simple mode: inputs out of files or a host's shared memory, outputs into files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from .array_axes import axes, axes_to_json, axis_from_json, set_axes
from .array_files import ending_for, read_array, write_array
from .arrays import DTYPES, Arrays
from .messages import AlcoveError, unexpected

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_IMAGES = ("image", "labels", "mask")
_LONGEST_NAME = 100
# Windows takes these for devices, whatever their ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


class _File(dict[str, Any]):
    """A tagged object of type ``file`` among the inputs, dressed as the ``ndarray`` that ``decode_value`` knows."""


class InputArrays(Arrays):
    """Attaches blocks of a host's and reads files.

    Args:
        memory: the directory of the blocks, None where there is no host.
        written: names of the inputs that the op writes to; arrays out of files are read-only for all others.
    """

    def __init__(self, memory: Optional[Path], written: set[str]) -> None:
        super().__init__(memory or Path(os.devnull), "", 0, lambda names: None)
        self._has_memory = memory is not None
        self._written = written
        self.written_files: list[str] = []  # the names of those inputs that are files and written to

    def attach(self, descriptor: dict[str, Any], path: str) -> Array:
        """The ndarray that a descriptor or a file stands for; raises ``invalid_params`` and ``array_unavailable``."""
        if isinstance(descriptor, _File):
            return self._read(descriptor, path)
        if descriptor.get("block") is not None and not self._has_memory:
            message = f"{path}: an array in shared memory, but no --memory says where that is"
            raise AlcoveError("invalid_params", message, path=path, expected="a file, or --memory DIR")
        return super().attach(descriptor, path)

    def _read(self, descriptor: dict[str, Any], path: str) -> Array:
        file, given = descriptor.get("path"), descriptor.get("axes")
        if not isinstance(file, str):
            raise unexpected(f"{path}.path", "the path of a file")
        array, names = read_array(file, path)
        if given is not None:
            try:
                names = tuple(axis_from_json(axis) for axis in given)
            except (TypeError, AttributeError, ValueError):
                names = ()
            if len(names) != array.ndim:
                raise unexpected(f"{path}.axes", f"an object with a name for each of {array.ndim} dimensions")
        name = path[len("inputs.") :]
        array.flags.writeable = name in self._written
        if name in self._written:
            self.written_files.append(name)
        return array if names is None else set_axes(array, names)


def with_files(value: Any) -> Any:
    """The encoded inputs with each file made known to ``InputArrays.attach``."""
    if isinstance(value, list):
        return [with_files(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("$type") == "file":
        return _File(value, **{"$type": "ndarray"})
    if value.get("$type") == "object" and isinstance(value.get("value"), dict):
        # Its members are values; it itself is none, whatever its own $type is.
        return {**value, "value": {key: with_files(item) for key, item in value["value"].items()}}
    return {key: with_files(item) for key, item in value.items()}


class OutputFiles:
    """Describes arrays as files, writes these under names of their own, and gives them their places at the end, so that
    nobody ever finds half a file.

    Args:
        folder: where they go; it exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: dict[Path, Path] = {}  # what is written -> where it will be
        self._names: set[str] = set()

    def describe(self, array: Array, *, among_others: bool = False) -> dict[str, Any]:
        """The file that the array will be in, its own always; raises TypeError for a dtype that cannot be sent."""
        if array.dtype.name not in DTYPES:
            raise TypeError(f"ndarray of dtype {array.dtype}")
        return _Unwritten(array)

    def write(self, encoded: Any, name: str, role: Optional[str]) -> None:
        """Writes the arrays of an output beside their places, and fills these in.

        Args:
            encoded: what ``encode_value`` made of the output with the help of ``describe``.
            name: of the output.
            role: of its arrays.

        Raises:
            AlcoveError: ``unencodable_output`` when the file system refuses.
        """
        for parts, unwritten in _files_in(encoded, [name]):
            array, unwritten.array = unwritten.array, None
            names = axes(array)
            ending = ending_for(array, names, is_image=role in _IMAGES)
            place = self._folder / (self._unused("-".join(parts)) + ending)
            part = place.with_name(f".{place.name}.{os.getpid()}.part")
            self._parts[part] = place
            try:
                with open(part, "wb") as content:
                    write_array(array, names, content, ending)
            except OSError as error:
                raise _unwritable("outputs." + ".".join(parts), place, error) from None
            unwritten["path"] = str(place)
            if names is not None:
                unwritten["axes"] = axes_to_json(tuple(names))

    def publish(self) -> None:
        """Puts the files into their places, each instead of what was there; raises ``unencodable_output``."""
        while self._parts:
            part, place = next(iter(self._parts.items()))
            try:
                os.replace(part, place)
            except OSError as error:
                raise _unwritable(f"outputs.{place.stem}", place, error) from None
            del self._parts[part]

    def discard(self) -> None:
        """Deletes what is not in its place."""
        for part in self._parts:
            try:
                part.unlink()
            except OSError:  # it was never made
                pass
        self._parts.clear()

    def _unused(self, name: str) -> str:
        """The name in letters that every file system takes, and unlike all before, whatever their case."""
        plain = re.sub(r"[^\w-]", "_", name)[:_LONGEST_NAME]
        plain = f"_{plain}" if _DEVICES.match(plain) else plain
        unused, count = plain, 1
        while unused.lower() in self._names:
            count += 1
            unused = f"{plain}-{count}"
        self._names.add(unused.lower())
        return unused


class _Unwritten(dict[str, Any]):
    """The encoded form of an array that has no file yet."""

    def __init__(self, array: Optional[Array]) -> None:
        super().__init__({"$type": "file"})
        self.array: Any = array


def _files_in(encoded: Any, parts: list[str]) -> Iterator[tuple[list[str], _Unwritten]]:
    """The arrays in an encoded output, each with the names on the way to it."""
    if isinstance(encoded, _Unwritten):
        yield parts, encoded
    elif isinstance(encoded, list):
        for index, item in enumerate(encoded):
            yield from _files_in(item, [*parts, str(index)])
    elif isinstance(encoded, dict):
        tag = encoded.get("$type")
        members = encoded["value"] if tag == "object" else encoded
        if tag == "table":
            members = {column["name"]: column["values"] for column in encoded["columns"]}
        for key, item in members.items():
            yield from _files_in(item, [*parts, key])


def _unwritable(path: str, place: Path, error: OSError) -> AlcoveError:
    hint = "free some space there, or name another folder with --output"
    message = f"{path}: {place} cannot be written: {error.strerror or error}"
    return AlcoveError("unencodable_output", message, path=path, type=type(error).__name__, hint=hint)
