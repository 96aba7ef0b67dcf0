"""What kind of file is it? Decided by content, since names lie."""

from __future__ import annotations

from pathlib import Path

from alcove import Array, OpError, empty, progress, set_axes
from alcove.files._failures import damaged, failure, not_an_image, not_found, unsupported, while_reading
from alcove.files._layout import assumed_names, axis

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_NPY = b"\x93NUMPY"
_CHUNK_BYTES = 64 << 20


def read(path: Path, series: int) -> Array:
    """See ``alcove.files.read``."""
    with while_reading(path):
        start = _start_of(path)
        progress(0.0, f"reading {path.name}")
        if start.startswith(_TIFF):
            from alcove.files._tiff_reading import read_tiff

            return read_tiff(path, series)
        if series != 0:
            raise no_such_series(path, series, 1)
        if start.startswith(_NPY):
            return _read_npy(path)
        from alcove.files._pictures import read_picture

        return read_picture(path, start)


def no_such_series(path: Path, series: int, count: int) -> OpError:
    """The file is there, the image of that number is not."""
    held = "one image" if count == 1 else f"{count} images"
    hint = "Leave series out, or give 0." if count == 1 else f"Series are 0 to {count - 1}."
    return failure("not_found", path, f"{path} holds {held}; there is no series {series}", hint)


def _start_of(path: Path) -> bytes:
    if path.is_dir():
        raise not_an_image(path, f"{path} is a folder, not an image file")
    if not path.exists():
        raise not_found(path)
    if not path.is_file():
        raise not_an_image(path, f"{path} is not a file on a disk")
    with open(path, "rb") as file:
        start = file.read(64)
    if not start:
        raise not_an_image(path, f"{path} is empty (0 bytes)")
    return start


def _read_npy(path: Path) -> Array:
    import numpy

    try:
        stored = numpy.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        if "allow_pickle" in str(error) or "objects" in str(error):
            hint = "Save it as an array of numbers."
            raise unsupported(path, f"{path} holds Python objects, not numbers", hint) from None
        raise damaged(path, str(error)) from error
    if stored.ndim == 0:
        raise not_an_image(path, f"{path} holds a single number, not an image")
    image = empty(stored.shape, stored.dtype.newbyteorder("="))
    rows = max(1, _CHUNK_BYTES // max(1, stored.nbytes // max(1, len(stored))))
    for start in range(0, len(stored), rows):
        progress(start / len(stored), f"reading {path.name}")
        image[start : start + rows] = stored[start : start + rows]
    return set_axes(image, [axis(name) for name in assumed_names(image.shape, image.dtype.name)])
