"""``play``: an image as a stream of frames."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Optional

from alcove import StreamWriter

from ._frames import Film
from ._images import open_image
from ._words import java_command, python_command


def play(
    file: Path, reader: Optional[str], name: str, rate: float, frames: Optional[int], seconds: Optional[float]
) -> int:
    """Writes frames at a rate until there were so many, so long, or Ctrl-C."""
    import numpy

    picture = open_image(file, reader)
    image = numpy.empty(picture.shape, picture.dtype)
    picture.fill(image)
    film = Film(image, list(picture.axes))
    last = frames if frames is not None else None if seconds is None else max(1, round(seconds * rate))
    number = 0
    with StreamWriter(name) as writer:
        print(f"Playing {file.name} as the stream {name}, {rate:g} frames a second. Ctrl-C ends. Watch it with:")
        print(f"  {python_command()} watch {name}\n  {java_command()} watch {name}")
        began = time.monotonic()
        try:
            while last is None or number < last:
                number += 1
                with writer.frame(film.shape(number), image.dtype) as target:
                    film.draw(number, target)
                # A frame that is late makes those after it late, too: nobody wants to see them in a rush.
                began = max(began, time.monotonic() - (number + 1) / rate)
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
        except KeyboardInterrupt:
            pass
    print(f"played {number} frames")
    return 0
