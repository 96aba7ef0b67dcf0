"""Is all of a TIFF there? tifffile reads what it finds and leaves a missing rest out or black; an incomplete image must
be an error instead."""

from __future__ import annotations

import math
import operator
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from alcove.files._failures import damaged

if TYPE_CHECKING:
    from tifffile import TiffPageSeries

_INCOMPLETE = "the file ends before the image does"
# A claim of more than this must be backed by a file of some size. Nothing compresses better than zstd does with zeros,
# 32768 to 1.
_LARGE_BYTES = 1 << 30
_BEST_COMPRESSION = 50_000


def check_page_list(path: Path) -> None:
    """Follows the chain of pages to its end.

    Raises:
        OpError: ``damaged`` when it leads out of the file.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        start = file.read(16)
        order = "<" if start[:2] == b"II" else ">"
        if struct.unpack(order + "H", start[2:4])[0] == 43:
            offset_format, count_format, entry_size, offset = "Q", "Q", 20, struct.unpack(order + "Q", start[8:16])[0]
        else:
            offset_format, count_format, entry_size, offset = "I", "H", 12, struct.unpack(order + "I", start[4:8])[0]
        count_size, offset_size = struct.calcsize(count_format), struct.calcsize(offset_format)
        seen: set[int] = set()
        while offset and offset not in seen:
            seen.add(offset)
            if offset + count_size > size:
                raise damaged(path, _INCOMPLETE)
            file.seek(offset)
            (entries,) = struct.unpack(order + count_format, file.read(count_size))
            end = offset + count_size + entries * entry_size
            if end + offset_size > size:
                raise damaged(path, _INCOMPLETE)
            file.seek(end)
            (offset,) = struct.unpack(order + offset_format, file.read(offset_size))


def check_claim(path: Path, series: TiffPageSeries) -> None:
    """Refuses a small file that claims a huge image, before any memory is taken for it."""
    claimed, held = series.nbytes, path.stat().st_size
    if not series.is_multifile and claimed > _LARGE_BYTES and claimed > held * _BEST_COMPRESSION:
        sizes = " x ".join(map(str, series.shape))
        raise damaged(path, f"it claims {sizes} pixels, {claimed / 1e9:.1f} GB, but has {held} bytes")


def check_data(path: Path, series: TiffPageSeries) -> None:
    """Raises ``damaged`` when pixels of the series would lie beyond the file's end, or pages are missing."""
    if series.dataoffset is not None and not series.is_multifile:
        if series.dataoffset + series.nbytes > path.stat().st_size:
            raise damaged(path, _INCOMPLETE)
        return
    if len(series) * series.keyframe.size != series.size:
        raise damaged(path, f"it has {len(series)} of {series.size // max(1, series.keyframe.size)} planes")
    segments = math.prod(series.keyframe.chunked)
    for page in series:
        if page is None:
            continue
        if not page.is_contiguous and len(page.dataoffsets) < segments:
            raise damaged(path, "its list of tiles or strips is too short")
        size = page.parent.filehandle.size
        if page.is_contiguous:
            complete = not page.dataoffsets or page.dataoffsets[0] + page.nbytes <= size
        elif series.keyframe.compression == 1:
            # Some writers give the last strip its full length although the image ends before.
            complete = all(offset < size for offset in page.dataoffsets)
        else:
            ends = map(operator.add, page.dataoffsets, page.databytecounts)
            complete = max(ends, default=0) <= size
        if not complete:
            raise damaged(path, _INCOMPLETE)
