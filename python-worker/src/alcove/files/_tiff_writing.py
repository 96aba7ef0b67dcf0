"""TIFF files for ImageJ, and OME-TIFF for what ImageJ's own format cannot hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from alcove import Array, progress
from alcove.files._calibration import to_imagej, to_ome, to_resolution

if TYPE_CHECKING:
    from alcove.files._writing import Prepared

# A classic TIFF ends at 4 GiB; some of that goes to metadata.
_CLASSIC_BYTES = (1 << 32) - (1 << 25)


def is_imagej(pixels: Array) -> bool:
    """Whether ImageJ's own TIFF holds these values; ImageJ opens it as a hyperstack."""
    return pixels.dtype.name in ("uint8", "uint16", "float32") and pixels.nbytes < _CLASSIC_BYTES


def write_imagej(file: BinaryIO, prepared: Prepared, name: str) -> None:
    """Writes what ``is_imagej``, with the axes in the order t z c y x, then colours."""
    import tifffile

    resolution, metadata = to_imagej(prepared.axes)
    # Always with samples, or tifffile would take an x axis of length 1 for them.
    letters = _letters(prepared) + ("" if prepared.has_samples else "S")
    if "C" in letters:
        metadata["mode"] = "composite"
    with tifffile.TiffWriter(file, imagej=True) as tiff:
        tiff.write(
            _planes(prepared, name),
            shape=prepared.pixels.shape if prepared.has_samples else (*prepared.pixels.shape, 1),
            dtype=prepared.pixels.dtype,
            photometric="rgb" if prepared.has_samples else "minisblack",
            resolution=resolution,
            metadata={"axes": letters, **metadata},
        )


def write_ome(file: BinaryIO, prepared: Prepared, name: str) -> None:
    """Writes any dtype of OME, as BigTIFF where it must be."""
    import tifffile

    resolution = to_resolution(prepared.axes)
    with tifffile.TiffWriter(file, ome=True, bigtiff=prepared.pixels.nbytes >= _CLASSIC_BYTES) as tiff:
        tiff.write(
            _planes(prepared, name),
            shape=prepared.pixels.shape,
            dtype=prepared.pixels.dtype,
            photometric="rgb" if prepared.has_samples else "minisblack",
            resolution=resolution,
            resolutionunit="CENTIMETER" if resolution else None,
            metadata={"axes": _letters(prepared), "Name": name, **to_ome(prepared.axes)},
        )


def _letters(prepared: Prepared) -> str:
    names = [known.name for known in prepared.axes]
    return "".join(names[:-1]).upper() + ("S" if prepared.has_samples else names[-1].upper())


def _planes(prepared: Prepared, name: str) -> Iterator[Any]:
    import numpy

    pixels = prepared.pixels
    outer = pixels.shape[: pixels.ndim - (3 if prepared.has_samples else 2)]
    count = int(numpy.prod(outer, dtype=int))
    for done, position in enumerate(numpy.ndindex(*outer)):
        progress(done / count, f"writing {name}")
        yield numpy.ascontiguousarray(pixels[position])
