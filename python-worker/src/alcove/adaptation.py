"""Fitting what an op gets to what it declares: axes are permuted as views, those that it does not know are iterated,
and elements are converted where nothing is lost or the host asks for it."""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from .alignment import Aligned, align, align_all, common_outer
from .annotations import Axis
from .array_axes import given_axes, remember_axes
from .calls import current, progress
from .conversion import MODES, chosen_dtype, converted, declared_dtypes, in_words, made_dtypes
from .descriptors import Described, Description
from .fitting import is_array
from .messages import AlcoveError
from .outputs import Collected, give_axes, named_outputs
from .tables import Table

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_logger = logging.getLogger("alcove")


def call_adapted(
    function: Callable[..., Any], description: Description, arguments: dict[str, Any], adapt: str = "lossless"
) -> dict[str, Any]:
    """Calls the op's function, once for each position along the axes that it does not know, and names its outputs.

    Args:
        function: called with keyword arguments.
        description: of the op.
        arguments: those that ``bind`` returned.
        adapt: one of ``conversion.MODES``.

    Raises:
        AlcoveError: ``invalid_params`` for an array that cannot be fitted, ``op_failed`` for a result that is not what
            the op declares.
    """
    given = [parameter for parameter in description.inputs if arguments.get(parameter.descriptor["name"]) is not None]
    inputs = dict(arguments)
    single = [_Fitting(parameter, adapt) for parameter in given if parameter.descriptor["type"] == "array"]
    for fitting in single:
        fitting.check(arguments[fitting.name], fitting.path)
        if not fitting.pattern:
            inputs[fitting.name] = fitting.hand_over(arguments[fitting.name])
    for parameter in given:
        if parameter.descriptor.get("items", {}).get("type") == "array":
            inputs[parameter.descriptor["name"]] = _fit_list(arguments[parameter.descriptor["name"]], parameter, adapt)
    images = {fitting.path: fitting for fitting in single if fitting.pattern}
    aligned = align_all({path: (arguments[image.name], image.pattern) for path, image in images.items()})
    outer, sizes = common_outer(aligned, {path for path, image in images.items() if image.is_written})
    if outer and adapt == "strict":
        _refuse_outer(images, aligned)
    parts = [(image, aligned[path]) for path, image in images.items()]
    if outer:
        outputs = _iterate(function, description, inputs, parts, outer, sizes)
    else:
        inputs.update({image.name: image.hand_over(whole.array, whole.inner) for image, whole in parts})
        outputs = named_outputs(function(**inputs), description)
    # The first that the op reads, where there is one.
    readable = sorted(parts, key=lambda part: part[0].is_only_written)
    give_axes(outputs, description, outer, readable[0][1] if readable else None)
    return outputs


class _Fitting:
    """What a parameter wants of an array, and how the op gets it."""

    def __init__(self, parameter: Described, adapt: str, descriptor: Optional[dict[str, Any]] = None) -> None:
        self.name: str = parameter.descriptor["name"]
        self.path = f"inputs.{self.name}"
        self._descriptor = descriptor or parameter.descriptor
        self.pattern: str = self._descriptor.get("axes", "")
        self.is_written = "direction" in self._descriptor
        self.is_only_written = self._descriptor.get("direction") == "out"
        self._is_writable = parameter.private
        self._adapt = "strict" if self.is_written else adapt
        self._dtypes = (made_dtypes if self.is_written else declared_dtypes)(self._descriptor)

    def check(self, array: Array, path: str) -> None:
        """Raises ``invalid_params`` for a dtype that the op does not take and that is not converted."""
        if self._dtypes and chosen_dtype(array.dtype.name, self._dtypes, self._adapt) is None:
            wanted = in_words(self._dtypes)
            message = f"{path}: an array of dtype {array.dtype.name}, but the op takes {wanted}"
            raise AlcoveError("invalid_params", message, path=path, expected=wanted, hint=self._hint(array))

    def _hint(self, array: Array) -> Optional[str]:
        """Names the mode in which the array would do, if there is one."""
        helping = [mode for mode in MODES if chosen_dtype(array.dtype.name, self._dtypes, mode)]
        return f"convert it, or call the op with adapt {helping[0]}" if helping and not self.is_written else None

    def hand_over(self, array: Array, names: Optional[tuple[Axis, ...]] = None) -> Array:
        """What the op gets: the view itself unless its elements are converted or it is to be the op's own.

        Args:
            array: in the op's order of axes.
            names: its axes; its own where there are none.
        """
        own = given_axes(array)
        names = names if names is not None else own
        dtype = chosen_dtype(array.dtype.name, self._dtypes, self._adapt) if self._dtypes else None
        if dtype is not None and dtype != array.dtype.name:
            array, own = converted(array, dtype), None
            # As every other input, lest an op that changes it works for some images alone.
            array.flags.writeable = self._is_writable
        elif self._is_writable and not self.is_written:
            array, own = array.copy(), None
        return array if names == own or names is None else remember_axes(array, names)


def fresh(value: Any, is_private: bool = False) -> Any:
    """What one call may change without the next one's noticing: lists, objects and tables anew, and with ``is_private``
    arrays, which are the op's own."""
    if isinstance(value, list):
        return [fresh(item, is_private) for item in value]
    if isinstance(value, dict):
        members = {key: fresh(item, is_private) for key, item in value.items()}
        return Table(members) if isinstance(value, Table) else members
    if not is_private or not is_array(value):
        return value
    names = given_axes(value)
    return value.copy() if names is None else remember_axes(value.copy(), names)


def _fit_list(values: list[Any], parameter: Described, adapt: str) -> list[Any]:
    """Arrays in a list are fitted each by itself, and not iterated."""
    fitting = _Fitting(parameter, adapt, parameter.descriptor["items"])
    fitted: list[Any] = []
    for index, array in enumerate(values):
        path = f"{fitting.path}[{index}]"
        if array is None:
            fitted.append(None)
            continue
        fitting.check(array, path)
        names = None
        if fitting.pattern:
            array, outer, names = align(path, array, fitting.pattern, _numbered(array))
            if outer:
                raise _unknown_axes(path, outer, fitting.pattern, in_list=True)
        fitted.append(fitting.hand_over(array, names))
    return fitted


def _numbered(array: Array) -> list[Axis]:
    return [Axis(f"axis{index}") for index in range(array.ndim)]


def _refuse_outer(images: dict[str, _Fitting], aligned: dict[str, Aligned]) -> None:
    path = next(path for path in images if aligned[path].outer)
    raise _unknown_axes(path, aligned[path].outer, images[path].pattern)


def _unknown_axes(path: str, outer: tuple[Axis, ...], pattern: str, in_list: bool = False) -> AlcoveError:
    unknown = " ".join(axis.name for axis in outer)
    message = f"{path}: an image with the axes {unknown}, which the op does not know; it needs {pattern}"
    hint = "give it slice by slice" + ("" if in_list else ", or call the op with adapt lossless")
    return AlcoveError("invalid_params", message, path=path, expected=f"axes {pattern}", hint=hint)


def _iterate(
    function: Callable[..., Any],
    description: Description,
    arguments: dict[str, Any],
    images: list[tuple[_Fitting, Aligned]],
    outer: tuple[Axis, ...],
    sizes: tuple[int, ...],
) -> dict[str, Any]:
    """Calls the function for each position along the outer axes, the last one fastest."""
    made = description.outputs + [parameter for parameter in description.inputs if "direction" in parameter.descriptor]
    if any(described.descriptor.get("role") == "labels" for described in made):
        _logger.warning("labels are numbered anew at each position along %s", " ".join(axis.name for axis in outer))
    collected = {
        described.descriptor["name"]: Collected(described.descriptor, outer, sizes) for described in description.outputs
    }
    private = {parameter.descriptor["name"] for parameter in description.inputs if parameter.private}
    positions = list(itertools.product(*map(range, sizes)))
    for done, position in enumerate(positions):
        place = ", ".join(f"{axis.name} {index + 1}/{size}" for axis, index, size in zip(outer, position, sizes))
        running = current()
        if running is not None:
            running.set_part(done, len(positions))
        progress(0.0, place)
        where = {axis.name: index for axis, index in zip(outer, position)}
        inputs = {name: fresh(value, name in private) for name, value in arguments.items()}
        for image, whole in images:
            # Read-only as the whole image is: a slice inherits the flag.
            part = whole.array[tuple(where[axis.name] for axis in whole.outer)]
            inputs[image.name] = image.hand_over(part, whole.inner)
        for name, value in named_outputs(function(**inputs), description).items():
            collected[name].add(value, position)
    return {name: collection.result() for name, collection in collected.items()}
