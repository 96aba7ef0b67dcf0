"""Arrays as files, for simple mode: .npy everywhere, .tif where tifffile is installed."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Optional

from .annotations import Axis, named_axes
from .arrays import DTYPES
from .messages import AlcoveError, text_of

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_LETTERS = {"t": "T", "z": "Z", "c": "C", "y": "Y", "x": "X"}
# Samples of a pixel are channels, too.
_NAMES = {**{letter: name for name, letter in _LETTERS.items()}, "S": "c"}


def read_array(file: str, path: str) -> tuple[Array, Optional[tuple[Axis, ...]]]:
    """The array in a file, and its axes where the file names them.

    Args:
        file: its path; the ending tells the format.
        path: where it stands among the inputs, for errors.

    Raises:
        AlcoveError: ``invalid_params`` for a file that cannot be read.
    """
    ending = Path(file).suffix.lower()
    if ending not in (".npy", ".tif", ".tiff"):
        raise _refused(path, f"{file} has another ending", "a .npy or .tif file")
    try:
        array, axes = _read_npy(file) if ending == ".npy" else _read_tiff(file, path)
    except AlcoveError:
        raise
    except ImportError as error:
        hint = f"add {error.name} to the dependencies in the op file's header"
        raise _refused(
            path, f"reading {file} needs {error.name}, which this Python lacks", "no file", hint=hint
        ) from None
    except OSError as error:
        raise _refused(path, f"{file}: {error.strerror or error}", "a file that can be read") from None
    except Exception as error:  # of a broken file the parsers raise all kinds
        raise _refused(path, f"{file}: {text_of(error)}", f"a {ending} file") from None
    if array.dtype.name not in DTYPES:
        raise _refused(path, f"{file} has the dtype {array.dtype}", "one of the dtypes " + " ".join(DTYPES))
    return array.astype(array.dtype.newbyteorder("="), copy=False), axes


def _read_npy(file: str) -> tuple[Array, None]:
    import numpy

    with open(file, "rb") as content:
        # Not numpy.load, which also takes archives and pickles for what they are.
        array: Array = numpy.lib.format.read_array(content, allow_pickle=False)
    return array, None


def _read_tiff(file: str, path: str) -> tuple[Array, Optional[tuple[Axis, ...]]]:
    tifffile = _tifffile()
    if tifffile is None:
        hint = "add tifffile to the dependencies in the op file's header, or give a .npy file"
        raise _refused(path, f"reading {file} needs tifffile, which this Python lacks", "a .npy file", hint=hint)
    with tifffile.TiffFile(file) as content:
        series = content.series[0]
        names = [_NAMES.get(letter, "") for letter in series.axes]
        array: Array = series.asarray()
    is_named = len(names) == array.ndim and all(names) and len(set(names)) == len(names)
    return array, named_axes(names) if is_named else None


def ending_for(array: Array, axes: Optional[tuple[Axis, ...]], *, is_image: bool) -> str:
    """``.tif`` for an image that one can hold, where tifffile is installed, else ``.npy``."""
    fits = is_image and array.size > 0 and _tiff_axes(array, axes) is not None
    return ".tif" if fits and _tifffile() is not None else ".npy"


def write_array(array: Array, axes: Optional[tuple[Axis, ...]], content: BinaryIO, ending: str) -> None:
    """Writes the array in C order; raises OSError."""
    import numpy

    array = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    if ending == ".npy":
        numpy.save(content, array, allow_pickle=False)
        return
    letters = _tiff_axes(array, axes)
    photometric = "rgb" if letters is not None and letters.endswith("S") else "minisblack"
    tifffile = _tifffile()
    assert tifffile is not None
    tifffile.imwrite(content, array, metadata={"axes": letters}, photometric=photometric)


def _tiff_axes(array: Array, axes: Optional[tuple[Axis, ...]]) -> Optional[str]:
    """The axes in TIFF's letters; None for an array that is no sequence of planes or of colour pictures."""
    letters = "".join(_LETTERS.get(axis.name, " ") for axis in axes or ())
    if letters.endswith("YXC") and array.shape[-1] in (3, 4) and array.dtype.name in ("uint8", "uint16"):
        letters = letters[:-1] + "S"
    return letters if letters.endswith(("YX", "YXS")) and " " not in letters else None


def _tifffile() -> Any:
    """The library, None where it is not installed; imported by its name because it is none of the worker's own."""
    try:
        return importlib.import_module("tifffile")
    except ImportError:
        return None


def _refused(path: str, what: str, expected: str, **data: str) -> AlcoveError:
    return AlcoveError("invalid_params", f"{path}: {what}", path=path, expected=expected, **data)
