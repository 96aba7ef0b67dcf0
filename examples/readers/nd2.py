# /// script
# requires-python = ">=3.10"
# dependencies = ["nd2"]  # which brings numpy
# ///
"""Reads Nikon's ND2 files, for ``--reader examples/readers/nd2.py:read``."""

from pathlib import Path
from typing import Annotated

from alcove import Array, Axis, OpError, Range, op, set_axes

_NAMES = {"S": "c"}  # the samples of a coloured pixel


@op(title="Read ND2", output="image", idempotent=True)
def read(path: Path, position: Annotated[int, Range(minimum=0)] = 0) -> Array:
    """Reads one position of a file with its axes and scale.

    path: the file.
    position: which of its positions on the stage, from 0.
    """
    import nd2

    with nd2.ND2File(path) as file:
        positions = file.sizes.get("P", 1)
        if position >= positions:
            raise OpError(f"{path} has no position {position}", hint=f"It has {positions}, from 0 on.", path=str(path))
        letters = [letter for letter in file.sizes if letter != "P"]
        image = file.asarray(position if "P" in file.sizes else None)
        if image.ndim > len(letters):
            image = image.squeeze(list(file.sizes).index("P"))
        size = file.voxel_size()
    scales = {"X": size.x, "Y": size.y, "Z": size.z}
    return set_axes(image, [_axis(letter, scales) for letter in letters])


def _axis(letter: str, scales: dict[str, float]) -> Axis:
    name = _NAMES.get(letter, letter.lower())
    if letter in scales:
        return Axis(name, "space", "micrometer", scales[letter] or 1.0)
    return Axis(name, "time" if name == "t" else "channel" if name == "c" else "space")
