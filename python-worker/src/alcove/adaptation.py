"""Fitting images to what an op declares: axes are permuted as views, and axes that it does not know are iterated."""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

from .annotations import Axes, Axis, named_axes
from .arrays import axes, empty, set_axes
from .binding import check_outputs
from .calls import current, progress
from .descriptors import Description
from .messages import AlcoveError

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_logger = logging.getLogger("alcove")


class _Fitted(NamedTuple):
    """An input in the op's order of axes, with the ``outer`` axes, unknown to the op, in front."""

    array: Array
    outer: tuple[Axis, ...]
    inner: tuple[Axis, ...]


def call_adapted(function: Callable[..., Any], description: Description, arguments: dict[str, Any]) -> dict[str, Any]:
    """Calls the op's function, once for each position along the axes that it does not know, and names its outputs.

    Raises:
        AlcoveError: ``invalid_params`` for an image that lacks an axis or does not fit the other images.
    """
    fitted = {
        parameter.descriptor["name"]: _fit(arguments[name], parameter.descriptor["axes"], f"inputs.{name}")
        for parameter in description.inputs
        if (name := parameter.descriptor["name"]) in arguments
        and "axes" in parameter.descriptor
        and arguments[name] is not None
    }
    outer, sizes = _common_outer(fitted)
    reference = next(iter(fitted.values()), None)
    if not outer:
        inputs = {**arguments, **{name: _hand_over(image.array, image.inner) for name, image in fitted.items()}}
        outputs = _call(function, description, inputs)
        for described in description.outputs:
            _give_axes(outputs[described.descriptor["name"]], described.descriptor, (), reference)
        return outputs
    return _iterate(function, description, arguments, fitted, outer, sizes)


def _call(function: Callable[..., Any], description: Description, inputs: dict[str, Any]) -> dict[str, Any]:
    outputs = _named(function(**inputs), description)
    check_outputs(description, outputs)
    return outputs


def _hand_over(array: Array, names: tuple[Axis, ...]) -> Array:
    return set_axes(array, names)


def _fit(array: Array, pattern: str, path: str) -> _Fitted:
    wanted = Axes(pattern)
    given = axes(array) or _assumed_axes(array, wanted, path)
    names = [axis.name for axis in given]
    missing = [name for name in wanted.required() if name not in names]
    if missing:
        raise AlcoveError(
            "invalid_params",
            f"{path}: an image with the axes {' '.join(names) or '(none)'}, but the op needs {pattern}",
            path=path,
            expected=f"axes {pattern}",
        )
    inner = [name for name in wanted.names() if name in names]
    outer = [name for name in names if name not in inner]
    order = [names.index(name) for name in outer + inner]
    if order == list(range(len(order))):
        permuted = array
    else:
        permuted = array.transpose(order)
    return _Fitted(permuted, tuple(given[names.index(n)] for n in outer), tuple(given[names.index(n)] for n in inner))


def _assumed_axes(array: Array, wanted: Axes, path: str) -> tuple[Axis, ...]:
    """Axes for an array that came without: its last ones are the op's, those before them are just numbered."""
    names = wanted.required() if array.ndim < len(wanted.names()) else wanted.names()
    if array.ndim < len(names):
        raise AlcoveError(
            "invalid_params",
            f"{path}: an array of {array.ndim} dimensions, but the op needs {wanted.pattern}",
            path=path,
            expected=f"axes {wanted.pattern}",
        )
    extra = array.ndim - len(names)
    return tuple(Axis(f"axis{index}") for index in range(extra)) + named_axes(names)


def _common_outer(fitted: dict[str, _Fitted]) -> tuple[tuple[Axis, ...], tuple[int, ...]]:
    outer: tuple[Axis, ...] = ()
    sizes: dict[str, int] = {}
    # The image with most axes leads, so that one that lacks some of them does not change their order.
    for name, image in sorted(fitted.items(), key=lambda item: -len(item[1].outer)):
        for axis, size in zip(image.outer, image.array.shape):
            if axis.name not in sizes:
                outer += (axis,)
            if size == 0:
                raise AlcoveError(
                    "invalid_params",
                    f"inputs.{name}: an image without any position along {axis.name}",
                    path=f"inputs.{name}",
                    expected=f"a position along {axis.name}",
                )
            if sizes.setdefault(axis.name, size) != size:
                raise AlcoveError(
                    "invalid_params",
                    f"inputs.{name}: {size} positions along {axis.name}, another image has {sizes[axis.name]}",
                    path=f"inputs.{name}",
                    expected=f"{sizes[axis.name]} positions along {axis.name}",
                )
    return outer, tuple(sizes[axis.name] for axis in outer)


def _iterate(
    function: Callable[..., Any],
    description: Description,
    arguments: dict[str, Any],
    fitted: dict[str, _Fitted],
    outer: tuple[Axis, ...],
    sizes: tuple[int, ...],
) -> dict[str, Any]:
    if any(described.descriptor.get("role") == "labels" for described in description.outputs):
        _logger.warning("labels are numbered anew at each position along %s", " ".join(axis.name for axis in outer))
    collected: dict[str, _Collected] = {
        described.descriptor["name"]: _Collected(described.descriptor) for described in description.outputs
    }
    positions = list(itertools.product(*map(range, sizes)))
    reference = next(iter(fitted.values()))
    for done, position in enumerate(positions):
        place = ", ".join(f"{axis.name} {index + 1}/{size}" for axis, index, size in zip(outer, position, sizes))
        running = current()
        if running is not None:
            running.set_part(done, len(positions))
        progress(0.0, place)
        where = {axis.name: index for axis, index in zip(outer, position)}
        inputs = dict(arguments)
        for name, image in fitted.items():
            # Read-only as the whole image is: a slice inherits the flag.
            part = image.array[tuple(where[axis.name] for axis in image.outer)]
            inputs[name] = _hand_over(part, image.inner)
        for name, value in _call(function, description, inputs).items():
            collected[name].add(value, position, sizes)
    outputs = {name: collection.result() for name, collection in collected.items()}
    for described in description.outputs:
        _give_axes(outputs[described.descriptor["name"]], described.descriptor, outer, reference)
    return outputs


class _Collected:
    """One output over all positions: images of one shape in one array, anything else in a list."""

    def __init__(self, descriptor: dict[str, Any]) -> None:
        self._is_image = "axes" in descriptor
        self._stack: Optional[Array] = None
        self._values: list[Any] = []

    def add(self, value: Any, position: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        if self._is_image and not self._values:
            if self._stack is None:
                self._stack = empty(sizes + value.shape, value.dtype)
            if self._stack.shape[len(sizes) :] != value.shape or self._stack.dtype != value.dtype:
                raise AlcoveError(
                    "op_failed",
                    f"the op returned {value.dtype} {value.shape} for one slice and "
                    f"{self._stack.dtype} {self._stack.shape[len(sizes) :]} for another",
                    type="ValueError",
                    traceback="",
                    frames=[],
                )
            self._stack[position] = value
        else:
            self._values.append(value)

    def result(self) -> Any:
        return self._values if self._stack is None else self._stack


def _named(result: Any, description: Description) -> dict[str, Any]:
    names = [described.descriptor["name"] for described in description.outputs]
    if not names:
        return {}
    if hasattr(result, "__dataclass_fields__") or (isinstance(result, tuple) and hasattr(result, "_fields")):
        if all(hasattr(result, name) for name in names):
            return {name: getattr(result, name) for name in names}
    if len(names) == 1:
        return {names[0]: result}
    if isinstance(result, tuple) and len(result) == len(names):
        return dict(zip(names, result))
    raise AlcoveError(
        "op_failed",
        f"the op returned {type(result).__name__}, but declares the outputs {', '.join(names)}",
        type="TypeError",
        traceback="",
        frames=[],
    )


def _give_axes(value: Any, descriptor: dict[str, Any], outer: tuple[Axis, ...], reference: Optional[_Fitted]) -> None:
    """Names an output's axes as declared, calibrated like the axes of the same names of the first image input."""
    if "axes" not in descriptor or not hasattr(value, "ndim") or axes(value) is not None:
        return
    pattern = Axes(descriptor["axes"])
    dimensions = value.ndim - len(outer)
    inner = next((names for names in (pattern.names(), pattern.required()) if len(names) == dimensions), None)
    if inner is None:
        return
    known = {axis.name: axis for axis in (reference.outer + reference.inner if reference else ())}
    set_axes(value, outer + tuple(known.get(axis.name, axis) for axis in named_axes(inner)))
