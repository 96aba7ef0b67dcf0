"""PNG, JPEG and whatever else imageio reads."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, BinaryIO

from alcove import Array, empty, progress, set_axes
from alcove.files._failures import not_an_image, unsupported
from alcove.files._layout import assumed_names, axis

_PNG = b"\x89PNG\r\n\x1a\n"
# Pillow's modes whose numbers are not grey values, red, green, blue or opacity, and what they are converted to.
_CONVERTED = {"CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB", "HSV": "RGB", "PA": "RGBA", "RGBa": "RGBA", "La": "LA"}


def read_picture(path: Path, start: bytes) -> Array:
    """Grey ``y x`` or coloured ``y x c``; an animation has ``t`` in front."""
    if start.startswith(_PNG) and _is_deep_colour(start):
        return _shared(_decoded_png(path), ["y", "x", "c"])
    import imageio.v3 as imageio

    # Open files, not paths: imageio's plugins leave files open that they turn out not to know.
    with open(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's about large images; what it refuses, it says by an error
        try:
            opened: Any = imageio.imopen(file, "r", plugin="pillow")
        except OSError as error:
            if error.errno is not None:
                raise
            return _read_other(path, file)
        with opened:
            return _read_frames(path, opened)


def _is_deep_colour(start: bytes) -> bool:
    """Whether a PNG has 16 bits and several channels, which Pillow would cut down to 8 bits."""
    bits, colour_type = start[24], start[25]
    return bits == 16 and colour_type != 0


def _decoded_png(path: Path) -> Array:
    import imagecodecs

    image: Array = imagecodecs.png_decode(path.read_bytes())
    return image


def _read_frames(path: Path, opened: Any) -> Array:
    from PIL.Image import DecompressionBombError

    try:
        properties = opened.properties()
        mode = opened.metadata(index=0)["mode"]
        count = properties.n_images if properties.is_batch else 1
        first = _frame(opened, 0, mode)
    except DecompressionBombError as error:
        raise unsupported(path, f"{path} has too many pixels for its format", "Save it as TIFF.") from error
    names = ["y", "x"] + (["c"] if first.ndim == 3 else [])
    if count == 1:
        return _shared(first, names)
    image = empty((count, *first.shape), first.dtype)
    for index in range(count):
        progress(index / count, f"reading {path.name}")
        image[index] = _frame(opened, index, mode)
    return set_axes(image, [axis(name) for name in ["t", *names]])


def _frame(opened: Any, index: int, mode: str) -> Array:
    frame: Array = opened.read(index=index, mode=_CONVERTED.get(mode), writeable_output=False)
    return frame


def _read_other(path: Path, file: BinaryIO) -> Array:
    import imageio.v3 as imageio

    file.seek(0)
    try:
        opened: Any = imageio.imopen(file, "r", extension=path.suffix.lower())
    except Exception as error:  # each of imageio's plugins has its own way to stumble over what it does not know
        raise not_an_image(path, f"{path} is not an image of a format that can be read") from error
    with opened:
        image = opened.read()
    return _shared(image, assumed_names(image.shape, image.dtype.name))


def _shared(image: Array, names: list[str]) -> Array:
    target = empty(image.shape, image.dtype.newbyteorder("="))
    target[...] = image
    return set_axes(target, [axis(name) for name in names[: image.ndim]])


def encoded_png(image: Array) -> bytes:
    """uint8 or uint16 with the axes y x or y x c as the bytes of a PNG file."""
    import imagecodecs

    return bytes(imagecodecs.png_encode(image))


def write_jpeg(file: BinaryIO, image: Array) -> None:
    """uint8 with the axes y x or y x c."""
    import imageio.v3 as imageio

    imageio.imwrite(file, image, plugin="pillow", extension=".jpg", quality=95)
