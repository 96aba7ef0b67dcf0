"""Image files: ops that read them into arrays and write arrays as files, with axes and calibration.

They run in the toolbox (tifffile, imageio, imagecodecs), started by the manager, and are plain functions as well::

    from alcove import files

    image = files.read(Path("nuclei.tif"))
    files.write(Path("copy.tif"), image)

What cannot be read or written raises ``alcove.OpError`` with a message, a hint, and in ``details`` the ``path`` and a
stable ``cause``: ``not_found``, ``not_an_image``, ``damaged``, ``unsupported``, ``permission``, ``exists``,
``disk_full``, ``out_of_memory`` or ``failed``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from alcove import Array, Range, op

__all__ = ["read", "write"]

# The libraries are imported when a file is at hand, not here: a toolbox worker that lists environments needs none.


@op(title="Read image", output="image", idempotent=True)
def read(path: Path, series: Annotated[int, Range(minimum=0)] = 0) -> Array:
    """Reads an image file: TIFF (ImageJ, OME and others), PNG, JPEG, GIF, BMP, .npy, and what else imageio opens.

    The values and their dtype are those of the file. ``alcove.axes`` of the result has names, units, scale and
    translation as far as the file tells them; axes of length 1, other than y and x, are left out. Colours are a last
    axis ``c``. The pages of a plain TIFF are ``z``, as in ImageJ.

    path: the file.
    series: which image of a file that holds several, from 0.
    """
    from alcove.files import _reading

    return _reading.read(path, series)


@op(title="Write image", idempotent=True)
def write(path: Path, image: Array, overwrite: bool = True) -> dict[str, Any]:
    """Writes an image file whose format follows from the name: .tif, .ome.tif, .png, .jpg or .npy.

    The file appears under its name when it is complete, not before; folders that are missing are made. All formats but
    .jpg keep values exactly. .tif is what ImageJ opens as a hyperstack where ImageJ can hold the dtype (uint8, uint16,
    float32, RGB of uint8), else OME-TIFF; both keep axes, scale and unit, ImageJ's translation too. A mask (bool)
    becomes 0 and 255 of uint8, integers wider than 16 bits become uint16 where their values fit, float16 becomes
    float32.

    Returns ``path``, and what the file holds: ``shape``, ``dtype``, ``axes`` ("z y x") and ``size_bytes``.

    path: the file to write.
    image: the array; without axes of its own its last ones are taken for y and x.
    overwrite: replace a file that exists; otherwise that is an error.
    """
    from alcove.files import _writing

    return _writing.write(path, image, overwrite)
