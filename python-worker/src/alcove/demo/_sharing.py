"""``share``: an image in named shared memory, until somebody says that it is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from alcove import share_empty

from ._changes import Watched
from ._ending import Ending
from ._images import open_image
from ._words import axis_names, described, lines_to_paste


def share(file: Path, reader: Optional[str], seconds: Optional[float]) -> int:
    """Shares the image in a file, prints how to open it elsewhere, and what changes there."""
    picture = open_image(file, reader)
    with share_empty(picture.shape, picture.dtype, picture.axes or None) as shared:
        picture.fill(shared.array)
        assert shared.file is not None
        given = [axis.name for axis in picture.axes]
        names = axis_names(picture.shape, given)
        print(f"{file.name}: {described(picture.dtype, picture.shape, names)}")
        print(lines_to_paste(shared, given))
        watched = Watched(shared.file, shared.offset, picture.dtype, picture.shape)
        print(_waiting(watched, seconds))
        try:
            watched.report_until(Ending(seconds).comes_within, names)
        except KeyboardInterrupt:
            pass
    print("The memory is given back.")
    return 0


def _waiting(watched: Watched, seconds: Optional[float]) -> str:
    end = "Enter or Ctrl-C takes the memory away." if seconds is None else f"The memory is there for {seconds:g} s."
    return f"{'It is too large to look for changes.' if watched.is_too_large else 'Waiting for changes.'} {end}"
