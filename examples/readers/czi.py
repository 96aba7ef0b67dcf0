# /// script
# requires-python = ">=3.10"
# dependencies = ["pylibCZIrw", "numpy"]  # Zeiss's own library
# ///
"""Reads Zeiss's CZI files, for ``--reader examples/readers/czi.py:read``."""

from pathlib import Path
from typing import Annotated, Any

from alcove import Array, Axis, OpError, Range, empty, op, progress, set_axes

_METERS_TO_MICROMETERS = 1e6
_PLANES = "TZC"  # what a file may have one plane for each of


@op(title="Read CZI", output="image", idempotent=True)
def read(path: Path, scene: Annotated[int, Range(minimum=0)] = 0) -> Array:
    """Reads one scene of a file with its axes and scale; tiles are put together.

    path: the file.
    scene: which of its scenes, from 0.
    """
    import numpy
    from pylibCZIrw import czi

    with czi.open_czi(str(path)) as file:
        scenes = file.scenes_bounding_rectangle
        if scene >= max(1, len(scenes)):
            raise OpError(
                f"{path} has no scene {scene}", hint=f"It has {max(1, len(scenes))}, from 0 on.", path=str(path)
            )
        wanted = {"scene": sorted(scenes)[scene]} if scenes else {}
        ranges = {letter: file.total_bounding_box.get(letter, (0, 1)) for letter in _PLANES}
        letters = [letter for letter in _PLANES if ranges[letter][1] - ranges[letter][0] > 1]
        sizes = [ranges[letter][1] - ranges[letter][0] for letter in letters]
        image = None
        for index in numpy.ndindex(*sizes):
            plane = {letter: start for letter, (start, _) in ranges.items()}
            plane.update({letter: ranges[letter][0] + at for letter, at in zip(letters, index, strict=True)})
            pixels = file.read(plane=plane, **wanted)
            pixels = pixels[..., 0] if pixels.shape[-1] == 1 else pixels[..., 2::-1]  # blue, green, red in the file
            if image is None:
                image = empty((*sizes, *pixels.shape), pixels.dtype)
            image[index] = pixels
            progress(None, f"reading {path.name}")
        assert image is not None
        scales = _scales(file.metadata)
    names = [letter.lower() for letter in letters] + ["y", "x", "c"][: image.ndim - len(letters)]
    if names.count("c") == 2:
        names[names.index("c")] = "channel"
    return set_axes(image, [_axis(name, scales) for name in names])


def _axis(name: str, scales: dict[str, float]) -> Axis:
    if name in scales:
        return Axis(name, "space", "micrometer", scales[name])
    return Axis(name, "time" if name == "t" else "channel" if name in ("c", "channel") else "space")


def _scales(metadata: dict[str, Any]) -> dict[str, float]:
    """Micrometers from one element to the next, where the file says so."""
    known = metadata.get("ImageDocument", {}).get("Metadata", {}).get("Scaling", {}).get("Items") or {}
    distances = known.get("Distance") or []
    scales = {}
    for distance in distances if isinstance(distances, list) else [distances]:
        if float(distance.get("Value") or 0) > 0:
            scales[str(distance["@Id"]).lower()] = float(distance["Value"]) * _METERS_TO_MICROMETERS
    return scales
