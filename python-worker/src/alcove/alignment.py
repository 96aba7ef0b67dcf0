"""The axes of images: brought into the op's order, with those that it does not know, the outer ones, in front."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .annotations import Axes, Axis, named_axes
from .array_axes import given_axes
from .messages import AlcoveError

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]


class Pattern(NamedTuple):
    """The axes that an op wants, as ``Axes`` has them: all names, and those that must be there, in order."""

    text: str
    names: tuple[str, ...]
    required: tuple[str, ...]


@functools.lru_cache(maxsize=1024)
def pattern_of(text: str) -> Pattern:
    """The pattern of a descriptor, taken apart once: it is asked for in each call."""
    axes = Axes(text)
    return Pattern(text, tuple(axes.names()), tuple(axes.required()))


class Aligned(NamedTuple):
    """An image in the op's order of axes: a view, with the ``outer`` axes, unknown to the op, in front."""

    array: Array
    outer: tuple[Axis, ...]
    inner: tuple[Axis, ...]


def align_all(images: dict[str, tuple[Array, str]]) -> dict[str, Aligned]:
    """Aligns the images that an op gets together, each by its path (``inputs.image``) with the pattern of its axes.

    Of an image that comes without axes the last ones are the op's. Those before them are, counted from the back, the
    outer axes of the image that has most, or numbered where no image has a name for them.

    Raises:
        AlcoveError: ``invalid_params`` for an image that lacks an axis.
    """
    found = {}
    for path, (array, pattern) in images.items():
        given = given_axes(array)
        if given is not None:
            found[path] = _aligned(path, array, given, pattern_of(pattern))
    if len(found) == len(images):
        return found
    leading = max((image.outer for image in found.values()), key=len, default=())
    extra = [_extra(path, array, pattern_of(pattern)) for path, (array, pattern) in images.items() if path not in found]
    numbered = max(extra, default=0) - len(leading)
    names = [axis.name for axis in leading]
    # In front, so that from the back all count alike.
    outer = tuple(Axis(name) for name in _unused_names(numbered, names)) + leading
    for path, (array, pattern) in images.items():
        if path not in found:
            found[path] = align(path, array, pattern, outer)
    return {path: found[path] for path in images}


def align(path: str, array: Array, pattern: str, outer: Sequence[Axis] = ()) -> Aligned:
    """Aligns one image; ``outer`` are the axes in front of the op's for one that comes without."""
    wanted = pattern_of(pattern)
    given = given_axes(array)
    if given is None:
        extra = _extra(path, array, wanted)
        inner_names = wanted.names if array.ndim >= len(wanted.names) else wanted.required
        given = tuple(outer[len(outer) - extra :]) + named_axes(list(inner_names))
    return _aligned(path, array, given, wanted)


def _aligned(path: str, array: Array, given: tuple[Axis, ...], wanted: Pattern) -> Aligned:
    names = tuple([axis.name for axis in given])
    if names == wanted.names:  # as nearly always
        return Aligned(array, (), given)
    if len(set(names)) < len(names) or not set(wanted.required) <= set(names):
        what = f"an image with the axes {' '.join(names) or '(none)'}, but the op needs {wanted.text}"
        raise _misfit(path, what, f"axes {wanted.text}")
    inner = [name for name in wanted.names if name in names]
    order = [index for index, name in enumerate(names) if name not in inner]
    count = len(order)
    order += [names.index(name) for name in inner]
    ordered = tuple(given[index] for index in order)
    in_order = order == list(range(len(order)))
    return Aligned(array if in_order else array.transpose(order), ordered[:count], ordered[count:])


def common_outer(images: dict[str, Aligned], written: set[str]) -> tuple[tuple[Axis, ...], tuple[int, ...]]:
    """The outer axes of all images together and their sizes. An image that lacks some is the same along them.

    Args:
        images: by path.
        written: paths of those that the op writes to; they must have all outer axes.

    Raises:
        AlcoveError: ``invalid_params`` for an image that does not fit the others.
    """
    if not any(image.outer for image in images.values()):
        return (), ()
    outer: tuple[Axis, ...] = ()
    sizes: dict[str, int] = {}
    # The image with most axes leads, so that one that lacks some of them does not change their order.
    for path, image in sorted(images.items(), key=lambda item: -len(item[1].outer)):
        for axis, size in zip(image.outer, image.array.shape):
            if axis.name not in sizes:
                outer += (axis,)
            if size == 0:
                wanted = f"a position along {axis.name}"
                raise _misfit(path, f"an image without any position along {axis.name}", wanted)
            if sizes.setdefault(axis.name, size) != size:
                wanted = f"{sizes[axis.name]} positions along {axis.name}"
                what = f"{size} positions along {axis.name}, another image has {sizes[axis.name]}"
                raise _misfit(path, what, wanted)
    for path in images:
        missing = [axis.name for axis in outer if axis.name not in [own.name for own in images[path].outer]]
        if path in written and missing:
            what = f"an image without the axis {missing[0]}, along which the op is run again and again"
            raise _misfit(path, what, "axes " + " ".join(axis.name for axis in outer + images[path].inner))
    return outer, tuple(sizes[axis.name] for axis in outer)


def _extra(path: str, array: Array, wanted: Pattern) -> int:
    """How many dimensions an image without axes has beyond the op's."""
    if array.ndim < len(wanted.required):
        what = f"an array of {array.ndim} dimensions, but the op needs {wanted.text}"
        raise _misfit(path, what, f"axes {wanted.text}")
    return max(array.ndim - len(wanted.names), 0)


def _unused_names(count: int, used: Sequence[str]) -> list[str]:
    names = (f"axis{index}" for index in range(max(count, 0) + len(used)))
    return [name for name in names if name not in used][: max(count, 0)]


def _misfit(path: str, what: str, expected: str) -> AlcoveError:
    return AlcoveError("invalid_params", f"{path}: {what}", path=path, expected=expected)
