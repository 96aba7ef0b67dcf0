"""Image files, opened by whoever can: the pixels then go to where the demo wants them."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

from alcove import Axis
from alcove.arrays import DTYPES

from ._failures import DemoError

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]


class Picture(NamedTuple):
    """An opened image.

    Attributes:
        dtype: its name.
        axes: one a dimension, or none of them.
        fill: puts the pixels into an ndarray of that dtype and shape.
    """

    dtype: str
    shape: tuple[int, ...]
    axes: Sequence[Axis]
    fill: Callable[[Array], None]


def open_image(file: Path, reader: Optional[str]) -> Picture:
    """Opens an image file.

    Args:
        reader: ``imagej``, ``pyimagej``, ``files`` or ``numpy``; chosen for the file where there is none.

    Raises:
        DemoError: when there is no such file, it is no image, or the reader is not installed.
    """
    if not file.is_file():
        raise DemoError(f"there is no file {file}", "check the name; it is looked for from the current folder")
    picture = _READERS[reader or _reader_for(file)](file.resolve())
    if 0 in picture.shape or not picture.shape:
        raise DemoError(f"{file} holds no image", "take one that has pixels")
    if picture.dtype not in DTYPES:
        raise DemoError(
            f"pixels of {file} have the type {picture.dtype}", "numpy's astype makes numbers of 64 bits or less"
        )
    return picture


def _reader_for(file: Path) -> str:
    if file.suffix.lower() == ".npy":
        return "numpy"
    for reader, modules in (("imagej", ["scyjava"]), ("files", ["tifffile", "imageio"])):
        if all(importlib.util.find_spec(module) for module in modules):
            return reader
    raise DemoError(
        f"nothing that is installed here opens {file.name}",
        "python -m pip install scyjava (which brings ImageJ), or tifffile and imageio, or give an .npy file",
    )


def _by_imagej(file: Path) -> Picture:
    from ._imagej import open_by_imagej

    return open_by_imagej(file)


def _by_pyimagej(file: Path) -> Picture:
    from ._pyimagej import open_by_pyimagej

    return open_by_pyimagej(file)


def _by_files(file: Path) -> Picture:
    """As the ops of the toolbox do it: tifffile, imageio."""
    from alcove import axes, files

    array = files.read(file)
    return _picture(array, axes(array) or ())


def _by_numpy(file: Path) -> Picture:
    import numpy

    from alcove.files._layout import assumed_names, axis

    try:
        stored = numpy.load(file, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise DemoError(
            f"{file} cannot be opened: {error}", "save it with numpy.save, as an array of numbers"
        ) from error
    return _picture(stored, [axis(name) for name in assumed_names(stored.shape, stored.dtype.name)])


def _picture(array: Array, axes: Sequence[Axis]) -> Picture:
    def fill(target: Array) -> None:
        target[...] = array

    return Picture(array.dtype.name, array.shape, axes, fill)


_READERS = {"imagej": _by_imagej, "pyimagej": _by_pyimagej, "files": _by_files, "numpy": _by_numpy}
