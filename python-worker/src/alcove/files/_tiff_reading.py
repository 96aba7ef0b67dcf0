"""TIFF files into arrays, straight into shared memory when a worker reads."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcove import Array, Axis, empty, progress, set_axes
from alcove.files._calibration import factor, from_imagej, from_ome
from alcove.files._failures import damaged, not_an_image, unsupported
from alcove.files._layout import axis, names_of_letters
from alcove.files._reading import no_such_series
from alcove.files._tiff_structure import check_claim, check_data, check_page_list

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage, TiffPageSeries

_CHUNK_BYTES = 64 << 20
# TIFFs of no microscopy software. There a palette or an inverted scale belongs to the image; elsewhere they are a
# lookup table for display, and the values are the measured ones.
_PLAIN_KINDS = ("generic", "uniform")
_INCH, _CENTIMETER = 2, 3
_SAVE_AGAIN = "Open it in Fiji and save it as TIFF."

# What tifffile logs about odd files is told by our own errors; without a handler it would end up on stderr.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


def read_tiff(path: Path, index: int) -> Array:
    """The pixels of one series, native byte order, with axes set."""
    import tifffile

    check_page_list(path)
    # tifffile would leave open a file that it cannot make sense of.
    with open(path, "rb") as file, tifffile.TiffFile(file) as tiff:
        series = _series(tiff, path, index)
        names = _names(series)
        calibration = _calibration(tiff, series, index)
        check_claim(path, series)
        check_data(path, series)
        image = _pixels(path, tiff, series)
        image, names = _as_meant(tiff, series, image, names)
    return set_axes(image, [calibration.get(name) or axis(name) for name in names])


def _series(tiff: TiffFile, path: Path, index: int) -> TiffPageSeries:
    import tifffile

    if not tiff.series:
        raise not_an_image(path, f"{path} is a TIFF file without an image in it")
    if not 0 <= index < len(tiff.series):
        raise no_such_series(path, index, len(tiff.series))
    series = tiff.series[index]
    if series.size == 0:
        raise not_an_image(path, f"the image in {path} has no pixels")
    if series.kind in _PLAIN_KINDS and tiff.is_imagej and _imagej(tiff).get("images", 1) > len(tiff.pages):
        # tifffile gives up ImageJ's description when the file is too short for it, and takes the pages that are left.
        raise damaged(path, f"it has {len(tiff.pages)} of {_imagej(tiff)['images']} planes")
    if series.dtype.kind not in "buifc" or series.dtype.itemsize > 16:
        raise unsupported(path, f"pixels of {path} have the type {series.dtype}", _SAVE_AGAIN)
    try:
        tifffile.TIFF.DECOMPRESSORS[series.keyframe.compression]
    except (KeyError, ImportError, AttributeError):
        name = getattr(series.keyframe.compression, "name", series.keyframe.compression)
        raise unsupported(path, f"{path} is compressed with {name}, which cannot be read", _SAVE_AGAIN) from None
    return series


def _kept(series: TiffPageSeries) -> list[tuple[str, int]]:
    """Letter and size of each axis that means something: y and x always, others when longer than 1."""
    return [
        (letter, size) for letter, size in zip(series.axes, series.shape, strict=True) if size > 1 or letter in "YX"
    ]


def _names(series: TiffPageSeries) -> list[str]:
    return names_of_letters("".join(letter for letter, _ in _kept(series)))


def _pixels(path: Path, tiff: TiffFile, series: TiffPageSeries) -> Array:
    image = empty([size for _, size in _kept(series)], series.dtype.newbyteorder("="))
    if series.transform is not None or series.keyframe.dtype != series.dtype:
        image[...] = series.asarray().reshape(image.shape)
    elif series.dataoffset is not None and not series.is_multifile:
        _read_contiguous(path, series.dataoffset, image)
        if (tiff.byteorder == "<") != (sys.byteorder == "little"):
            image.byteswap(inplace=True)
    else:
        _read_pages(path, tiff, series, image)
    return image


def _read_contiguous(path: Path, offset: int, image: Array) -> None:
    import numpy

    target = image.reshape(-1).view(numpy.uint8).data
    with open(path, "rb", buffering=0) as file:
        file.seek(offset)
        done = 0
        while done < len(target):
            progress(done / len(target), f"reading {path.name}")
            count = file.readinto(target[done : done + _CHUNK_BYTES])
            if not count:
                raise damaged(path, "the file ends before the image does")
            done += count


def _read_pages(path: Path, tiff: TiffFile, series: TiffPageSeries, image: Array) -> None:
    pages = list(series)
    missing = sum(page is None for page in pages)
    if missing == len(pages):
        raise damaged(path, "none of its planes is there")
    if missing:
        warnings.warn(f"{path}: {missing} of {len(pages)} planes are not in the file, they are 0", stacklevel=2)
    planes = image.reshape(len(pages), *series.keyframe.shape)
    step = max(1, _CHUNK_BYTES // max(1, series.keyframe.nbytes))
    for start in range(0, len(pages), step):
        progress(start / len(pages), f"reading {path.name}")
        part = slice(start, start + step)
        if any(page is None for page in pages[part]):
            _read_one_by_one(pages[part], planes[part])
        else:
            tiff.asarray(key=part, series=series, out=planes[part])


def _read_one_by_one(pages: list[Any], planes: Array) -> None:
    for page, plane in zip(pages, planes, strict=True):
        if page is None:
            plane.fill(0)
        else:
            page.asarray(out=plane)


def _as_meant(tiff: TiffFile, series: TiffPageSeries, image: Array, names: list[str]) -> tuple[Array, list[str]]:
    """The image as its file means the stored numbers: signed, not inverted, in colours."""
    import numpy

    page = series.keyframe
    photometric = int(page.photometric)
    if series.kind == "imagej" and image.dtype == numpy.uint16 and _is_signed(_imagej(tiff)):
        image ^= numpy.uint16(0x8000)
        return image.view(numpy.int16), names
    if series.kind not in _PLAIN_KINDS:
        return image, names
    if photometric == 0 and image.dtype.kind == "b":
        numpy.logical_not(image, out=image)
    elif photometric == 0 and image.dtype.kind == "u":
        white = (1 << int(page.bitspersample)) - 1
        numpy.subtract(image.dtype.type(white), image, out=image)
    elif photometric == 3 and page.colormap is not None and image.dtype.kind in "bu":
        return _coloured(image, page.colormap, names)
    return image, names


def _is_signed(metadata: dict[str, Any]) -> bool:
    """Whether ImageJ stored signed 16-bit values, which it shifts by 32768 and undoes by a calibration function."""
    return (metadata.get("cf"), metadata.get("c0"), metadata.get("c1")) == (0, -32768, 1)


def _coloured(indices: Array, palette: Array, names: list[str]) -> tuple[Array, list[str]]:
    """The colours that the indices stand for; grey values where the palette is grey."""
    import numpy

    # TIFF palettes have 16 bits; most were made from 8, by a factor of 256 or 257.
    is_byte = bool(((palette & 0xFF == 0) | (palette & 0xFF == palette >> 8)).all())
    colours = (palette >> 8).astype(numpy.uint8) if is_byte else palette.astype(numpy.uint16)
    is_grey = bool((colours[0] == colours[1]).all() and (colours[0] == colours[2]).all())
    table = numpy.ascontiguousarray(colours[0] if is_grey else colours.T)
    image = empty(indices.shape + table.shape[1:], table.dtype)
    numpy.take(table, indices, axis=0, out=image, mode="clip")
    return image, names if is_grey else [*names, "s" if "c" in names else "c"]


def _imagej(tiff: TiffFile) -> dict[str, Any]:
    return tiff.imagej_metadata or {}


def _calibration(tiff: TiffFile, series: TiffPageSeries, index: int) -> dict[str, Axis]:
    sizes = dict(zip(series.axes, series.shape, strict=True))
    if series.kind == "ome" and tiff.ome_metadata:
        return from_ome(tiff.ome_metadata, index, sizes["X"], sizes["Y"])
    resolution = _resolution(series.keyframe)
    if series.kind == "imagej":
        return from_imagej(_imagej(tiff), resolution)
    return resolution


def _resolution(page: TiffPage) -> dict[str, Axis]:
    """x and y from the resolution tags, as ImageJ takes them, but for dots per inch: those are set for printing by
    nearly every program that writes them, so they would give a microscope image a false scale."""
    tag = page.tags.get("ResolutionUnit")
    unit = int(tag.value) if tag is not None else _INCH
    axes = {}
    for name, key in (("x", "XResolution"), ("y", "YResolution")):
        tag = page.tags.get(key)
        numerator, denominator = tag.value if tag is not None and isinstance(tag.value, tuple) else (0, 0)
        scale = denominator / numerator if numerator > 0 and denominator > 0 else 1.0
        if unit == _CENTIMETER and scale != 1.0:
            axes[name] = axis(name, "micrometer", scale * factor("centimeter", "micrometer"))
        else:
            axes[name] = axis(name, None, 1.0 if unit == _INCH else scale)
    return axes
