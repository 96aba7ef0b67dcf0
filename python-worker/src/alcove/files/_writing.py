"""Arrays into files: which format, which dtype, which order of axes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from alcove import Array, Axis, axes, progress
from alcove.files._failures import unsupported
from alcove.files._layout import arrange, assumed_names, axis
from alcove.files._replacing import replacing

_TIFF_DTYPES = ("uint8", "uint16", "int8", "int16", "float32", "float64", "complex64", "complex128")
_SUFFIXES = ".tif, .tiff, .ome.tif, .png, .jpg, .jpeg, .npy"


class Prepared(NamedTuple):
    """Pixels and axes exactly as a file is to hold them."""

    pixels: Array
    axes: tuple[Axis, ...]
    has_samples: bool


def write(path: Path, image: Array, overwrite: bool) -> dict[str, Any]:
    """See ``alcove.files.write``."""
    suffix = path.suffix.lower()
    writer = {
        ".tif": _write_tiff,
        ".tiff": _write_tiff,
        ".png": _write_png,
        ".jpg": _write_jpeg,
        ".jpeg": _write_jpeg,
        ".npy": _write_npy,
    }.get(suffix)
    if writer is None:
        named = f"the format {suffix}" if suffix else "a name without an ending"
        hint = f"End the name in one of {_SUFFIXES}."
        raise unsupported(path, f"images cannot be written with {named}: {path}", hint)
    known = axes(image) or tuple(axis(name) for name in assumed_names(image.shape, image.dtype.name))
    if not image.dtype.isnative:
        image = image.astype(image.dtype.newbyteorder("="))
    if image.ndim == 0 or image.size == 0:
        raise unsupported(path, f"no pixels to write to {path}: the array's shape is {image.shape}", "Check the input.")
    progress(0.0, f"writing {path.name}")
    with replacing(path, overwrite=overwrite) as file:
        prepared = writer(file, path, image, known)
        size = file.seek(0, io.SEEK_END)
    return {
        "path": str(path),
        "shape": list(prepared.pixels.shape),
        "dtype": prepared.pixels.dtype.name,
        "axes": " ".join(known.name for known in prepared.axes),
        "size_bytes": size,
    }


def _write_tiff(file: BinaryIO, path: Path, image: Array, known: tuple[Axis, ...]) -> Prepared:
    from alcove.files._tiff_writing import is_imagej, write_imagej, write_ome

    values = _narrowed(image)
    if values is None:
        raise unsupported(path, f"a TIFF cannot hold the {image.dtype} values of this image: {path}", "Write .npy.")
    named_ome = path.name.lower().endswith((".ome.tif", ".ome.tiff"))
    prepared = _arranged(path, values, known, keep_samples=named_ome or values.dtype.name == "uint8")
    if is_imagej(prepared.pixels) and not named_ome:
        write_imagej(file, prepared, path.name)
    else:
        write_ome(file, prepared, path.name)
    return prepared


def _write_png(file: BinaryIO, path: Path, image: Array, known: tuple[Axis, ...]) -> Prepared:
    from alcove.files._pictures import encoded_png

    prepared = _flat(path, image, known, ("uint8", "uint16"), "PNG holds whole numbers from 0 to 65535: write .tif.")
    file.write(encoded_png(prepared.pixels))
    return prepared


def _write_jpeg(file: BinaryIO, path: Path, image: Array, known: tuple[Axis, ...]) -> Prepared:
    from alcove.files._pictures import write_jpeg

    hint = "JPEG holds whole numbers from 0 to 255, grey or red, green, blue: write .tif or .png."
    prepared = _flat(path, image, known, ("uint8",), hint)
    if prepared.pixels.shape[2:] == (4,):
        raise unsupported(path, f"an image with opacity cannot be written to {path}", hint)
    write_jpeg(file, prepared.pixels)
    return prepared


def _write_npy(file: BinaryIO, path: Path, image: Array, known: tuple[Axis, ...]) -> Prepared:
    import numpy

    numpy.lib.format.write_array(file, image, allow_pickle=False)
    return Prepared(image, known, False)


def _narrowed(image: Array) -> Array | None:
    """The same values in a dtype that TIFF files have, or None.

    A mask becomes 0 and 255, which every program shows as black and white. Integers wider than 16 bits, labels above
    all, become uint16 where they fit, because ImageJ opens that with exact values; 32-bit integers it turns into
    float32.
    """
    import numpy

    if image.dtype.kind == "b":
        return _mask(image)
    if image.dtype.name == "float16":
        return image.astype(numpy.float32)
    if image.dtype.kind in "iu" and image.dtype.itemsize > 2:
        lowest, highest = int(image.min()), int(image.max())
        for name in ("uint16", "int32", "uint32"):
            if numpy.iinfo(name).min <= lowest and highest <= numpy.iinfo(name).max:
                return image.astype(name)
        return None
    return image if image.dtype.name in _TIFF_DTYPES else None


def _arranged(path: Path, values: Array, known: tuple[Axis, ...], *, keep_samples: bool) -> Prepared:
    arrangement = arrange([one.name for one in known], values.shape, keep_samples=keep_samples)
    if arrangement is None:
        raise unsupported(
            path,
            f"an image file cannot hold the axes {' '.join(one.name for one in known)}: {path}",
            "Files have t, z, c, y and x. Write .npy, or part of the array.",
        )
    ordered = tuple(
        known[index]._replace(name=name) for index, name in zip(arrangement.order, arrangement.names, strict=True)
    )
    pixels = values.transpose(arrangement.order)
    if "y" not in arrangement.names:
        pixels = pixels.reshape(*pixels.shape[:-1], 1, pixels.shape[-1])
        ordered = (*ordered[:-1], axis("y"), ordered[-1])
    return Prepared(pixels, ordered, arrangement.has_samples)


def _flat(path: Path, image: Array, known: tuple[Axis, ...], dtypes: tuple[str, ...], hint: str) -> Prepared:
    """One plane, grey or in colours, in the first of the dtypes that holds the values."""
    values = _dropped(image, known)
    prepared = None
    if values is not None:
        prepared = _arranged(path, values.pixels, values.axes, keep_samples=True)
    if prepared is None or prepared.pixels.ndim != (3 if prepared.has_samples else 2):
        names = " ".join(f"{one.name}={size}" for one, size in zip(known, image.shape, strict=True))
        raise unsupported(path, f"{path} can hold one plane, the image has more: {names}", "Write .tif.")
    pixels = _fitting(prepared.pixels, dtypes)
    if pixels is None:
        raise unsupported(path, f"{image.dtype} values of this image cannot be written to {path} exactly", hint)
    return prepared._replace(pixels=pixels)


def _dropped(image: Array, known: tuple[Axis, ...]) -> Prepared | None:
    """Without axes of length 1 except y and x, and with 3 or 4 channels as the last axis."""
    kept = [index for index, size in enumerate(image.shape) if size > 1 or known[index].name in ("y", "x")]
    names = [known[index].name for index in kept]
    if len(kept) == 3 and "c" in names:
        kept.append(kept.pop(names.index("c")))
    if len(kept) not in (2, 3):
        return None
    positions = [index for index in range(image.ndim) if index not in kept]
    plane = image.transpose(positions + kept)[(0,) * len(positions)]
    return Prepared(plane, tuple(known[index] for index in kept), False)


def _mask(values: Array) -> Array:
    import numpy

    return numpy.multiply(values, 255, dtype=numpy.uint8)


def _fitting(values: Array, dtypes: tuple[str, ...]) -> Array | None:
    import numpy

    if values.dtype.kind == "b":
        return _mask(values)
    if values.dtype.name in dtypes:
        return numpy.ascontiguousarray(values)
    if values.dtype.kind not in "iu":
        return None
    name = dtypes[-1]
    limits = numpy.iinfo(name)
    fits = limits.min <= int(values.min()) and int(values.max()) <= limits.max
    return numpy.ascontiguousarray(values.astype(name)) if fits else None
