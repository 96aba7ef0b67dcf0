# /// script
# requires-python = ">=3.11"
# dependencies = ["liffile", "imagecodecs", "numpy"]
# ///
"""Reads Leica's LIF files (also LOF and XLIF), for ``--reader examples/readers/lif.py:read``."""

from pathlib import Path
from typing import Annotated, Any

from alcove import Array, Axis, OpError, Range, op, set_axes

_METERS_TO_MICROMETERS = 1e6
# The samples of a coloured pixel, and what a spectral detector goes through.
_NAMES = {"S": "c", "Λ": "wavelength", "λ": "excitation"}


@op(title="Read LIF", output="image", idempotent=True)
def read(path: Path, image: Annotated[int, Range(minimum=0)] = 0) -> Array:
    """Reads one image of a file with its axes and scale.

    path: the file.
    image: which of its images, from 0.
    """
    import liffile

    with liffile.LifFile(path) as file:
        if image >= len(file.images):
            raise OpError(f"{path} has no image {image}", hint=f"It has {len(file.images)}, from 0 on.", path=str(path))
        chosen = file.images[image]
        return set_axes(chosen.asarray(), [_axis(letter, chosen.coords) for letter in chosen.dims])


def _axis(letter: str, coordinates: Any) -> Axis:
    """Coordinates are positions in meters or seconds; samples have none."""
    name = _NAMES.get(letter, letter.lower())
    positions = coordinates.get(letter, ())
    if name not in "xyzt" or len(positions) < 2:
        return Axis(name, "channel" if name == "c" else "time" if name == "t" else "space")
    step = float(positions[-1] - positions[0]) / (len(positions) - 1)
    if name == "t":
        return Axis(name, "time", "second", step, float(positions[0]))
    start = float(positions[0]) * _METERS_TO_MICROMETERS
    return Axis(name, "space", "micrometer", abs(step) * _METERS_TO_MICROMETERS, start)
