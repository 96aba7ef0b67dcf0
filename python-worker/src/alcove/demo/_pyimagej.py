"""Images opened through PyImageJ's gateway, where that can be had: net.imagej:imagej is not on Maven Central."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._failures import DemoError
from ._images import Picture

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_NAMES = {"row": "y", "col": "x", "pln": "z", "ch": "c"}


def open_by_pyimagej(file: Path) -> Picture:
    """Opens the file with ImageJ2.

    Raises:
        DemoError: when PyImageJ is not installed, its gateway cannot be started, or it cannot open the file.
    """
    try:
        import imagej  # type: ignore[import-not-found]
    except ImportError as error:
        raise DemoError(
            "PyImageJ is not installed here", "python -m pip install pyimagej, or take ImageJ itself: --reader imagej"
        ) from error
    import scyjava  # type: ignore[import-untyped]

    scyjava.config.set_java_constraints(fetch="never")
    scyjava.config.add_option("-Xrs")
    scyjava.config.add_kwargs(interrupt=False)
    try:
        gateway = imagej.init(mode=imagej.Mode.HEADLESS)
    except Exception as error:
        raise DemoError(
            f"PyImageJ's gateway could not be started: {error}",
            "it needs a JDK and net.imagej:imagej from the SciJava repository; --reader imagej needs the JDK alone",
        ) from error
    try:
        return picture_of(gateway.py.to_xarray(gateway.io().open(str(file))))
    except Exception as error:
        raise DemoError(f"ImageJ2 cannot open {file}: {error}", "try --reader imagej") from error


def picture_of(image: Any) -> Picture:
    """A DataArray with PyImageJ's names of dimensions (t, pln, row, col, ch) as a picture."""
    from alcove.files._layout import axis, fill_in

    plain = [dimension for dimension in image.dims if image.sizes[dimension] > 1 or dimension in ("row", "col")]
    image = image.squeeze([dimension for dimension in image.dims if dimension not in plain])
    names = fill_in([_NAMES.get(dimension, dimension) for dimension in plain])

    def fill(target: Array) -> None:
        target[...] = image.values

    axes = [axis(name, None, _step(image, dimension)) for name, dimension in zip(names, plain)]
    return Picture(image.dtype.name, tuple(image.shape), axes, fill)


def _step(image: Any, dimension: str) -> float:
    """The distance of two elements: a DataArray has their positions."""
    if dimension not in image.coords or image.sizes[dimension] < 2:
        return 1.0
    positions = image.coords[dimension].values
    try:
        return float(positions[1] - positions[0]) or 1.0
    except TypeError:  # channels that have names
        return 1.0
