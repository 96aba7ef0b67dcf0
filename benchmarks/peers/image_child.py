"""Adds one to images that come from Java in ways that people use without Alcove: how Java reads and writes them is in
``java/speed``.

    image_child.py pipe BYTES     raw bytes on standard input, raw bytes on standard output, again and again
    image_child.py base64         lines {"image": "..."} with base64, answered by such lines
    image_child.py tiff           lines with the path of a TIFF file, each answered by the path of a new one
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy

_LARGE_PIPE = 1 << 20


def pipe(size: int) -> None:
    """An image comes whole before any of its result goes back, because an op needs its whole image."""
    _enlarge(0)
    _enlarge(1)
    image = bytearray(size)
    while True:
        remaining = memoryview(image)
        while remaining:
            count = os.readv(0, [remaining])
            if not count:
                return
            remaining = remaining[count:]
        remaining = memoryview(_plus_one(numpy.frombuffer(image, "uint16"))).cast("B")
        while remaining:
            remaining = remaining[os.write(1, remaining) :]


def _enlarge(descriptor: int) -> None:
    """Fewer switches between the two processes; Linux alone has it."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _LARGE_PIPE)


def text() -> None:
    """Raw bytes would need no JSON; this is for those who have one line of JSON for all that they send."""
    for line in sys.stdin.buffer:
        image = numpy.frombuffer(base64.b64decode(json.loads(line)["image"]), "uint16")
        reply = json.dumps({"image": base64.b64encode(_plus_one(image)).decode("ascii")})
        sys.stdout.write(reply + "\n")
        sys.stdout.flush()


def tiff() -> None:
    """As everyone does who has two programs and no time."""
    import tifffile

    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        result = path.with_name("back.tif")
        tifffile.imwrite(result, _plus_one(tifffile.imread(path)))
        sys.stdout.write(f"{result}\n")
        sys.stdout.flush()


def _plus_one(image: Any) -> Any:
    return image + 1


if __name__ == "__main__":
    if sys.argv[1] == "pipe":
        pipe(int(sys.argv[2]))
    elif sys.argv[1] == "base64":
        text()
    else:
        tiff()
