# /// script
# requires-python = ">=3.11"
# dependencies = ["zarr>=3"]
# ///
"""Reads OME-Zarr images (OME-NGFF 0.4 and 0.5), for ``--reader examples/readers/ome_zarr.py:read``."""

from pathlib import Path
from typing import Annotated, Any

from alcove import Array, Axis, OpError, Range, op, set_axes


@op(title="Read OME-Zarr", output="image", idempotent=True)
def read(path: Path, level: Annotated[int, Range(minimum=0)] = 0) -> Array:
    """Reads an image with its axes, units and scale; axes of length 1, other than y and x, are left out.

    path: the folder of an image; one whose parent holds several, as ``plate.zarr/A/1/0``, is such a folder, too.
    level: of the resolutions that the folder holds; 0 is the full one.
    """
    import zarr

    try:
        group = zarr.open_group(path, mode="r")
    except Exception as error:
        raise OpError(
            f"{path} is no Zarr folder", hint="Give the folder that ends in .zarr.", path=str(path)
        ) from error
    attributes: dict[str, Any] = dict(group.attrs)
    multiscales = attributes.get("ome", attributes).get("multiscales")
    if not multiscales:
        hint = "Of a plate or a collection, give a folder in it that is an image: plate.zarr/A/1/0."
        raise OpError(f"{path} holds no OME-Zarr image", hint=hint, path=str(path))
    datasets = multiscales[0]["datasets"]
    if level >= len(datasets):
        raise OpError(f"{path} has no level {level}", hint=f"Levels are 0 to {len(datasets) - 1}.", path=str(path))
    axes = _axes(multiscales[0], datasets[level])
    stored = group[datasets[level]["path"]]
    sizes = zip(axes, stored.shape, strict=True)
    kept = tuple(slice(None) if size > 1 or axis.name in "yx" else 0 for axis, size in sizes)
    image = stored[kept]
    return set_axes(image, [axis for axis, part in zip(axes, kept, strict=True) if part != 0])


def _axes(multiscale: dict[str, Any], dataset: dict[str, Any]) -> list[Axis]:
    known = multiscale["axes"]
    scale = [1.0] * len(known)
    translation = [0.0] * len(known)
    # Those of the level come first, then those that all levels have.
    for step in [*dataset.get("coordinateTransformations", []), *multiscale.get("coordinateTransformations", [])]:
        if step["type"] == "scale":
            scale = [old * new for old, new in zip(scale, step["scale"], strict=True)]
            translation = [old * new for old, new in zip(translation, step["scale"], strict=True)]
        elif step["type"] == "translation":
            translation = [old + new for old, new in zip(translation, step["translation"], strict=True)]
    return [
        Axis(axis["name"], axis.get("type", "space"), axis.get("unit"), scale[index], translation[index])
        for index, axis in enumerate(known)
    ]
