"""Fitting what an op gets to what it declares: axes are permuted as views, those that it does not know are iterated,
and elements are converted where nothing is lost or the host asks for it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Callable, Optional

from .alignment import Aligned, align, align_all, common_outer
from .annotations import Axis
from .array_axes import given_axes, remember_axes
from .arrays import dtype_name
from .calls import current, progress
from .conversion import MODES, chosen_dtype, converted, declared_dtypes, in_words, made_dtypes
from .descriptors import Described, Description
from .fitting import is_array
from .messages import AlcoveError
from .outputs import Collected, Naming, give_axes
from .tables import Table

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]


class Adaptation:
    """How an op is called in one mode of adapting, prepared once for all its calls."""

    def __init__(self, description: Description, adapt: str = "lossless") -> None:
        self._description = description
        self._adapt = adapt
        self._naming = Naming(description)
        self._single = [_Fitting(each, adapt) for each in description.inputs if each.descriptor["type"] == "array"]
        self._lists = [
            _Fitting(each, adapt, each.descriptor["items"])
            for each in description.inputs
            if each.descriptor.get("items", {}).get("type") == "array"
        ]
        self._written = {fitting.path for fitting in self._single if fitting.is_written}
        self._gives_axes = any(output.pattern is not None for output in self._naming.outputs)

    def call(self, function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
        """Calls the op's function, once for each position along the axes that it does not know, and names its outputs.

        Args:
            function: called with keyword arguments.
            arguments: those that ``Binding.arguments`` returned.

        Raises:
            AlcoveError: ``invalid_params`` for an array that cannot be fitted, ``op_failed`` for a result that is not
                what the op declares.
        """
        if not self._single and not self._lists and not self._gives_axes:
            return self._naming.named(function(**arguments))
        return self._call_with_arrays(function, arguments)

    def _call_with_arrays(self, function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
        inputs = dict(arguments)
        images: list[_Fitting] = []
        for fitting in self._single:
            array = arguments.get(fitting.name)
            if array is None:
                continue
            fitting.check(array, fitting.path)
            if fitting.pattern:
                images.append(fitting)
            else:
                inputs[fitting.name] = fitting.hand_over(array)
        for fitting in self._lists:
            if arguments.get(fitting.name) is not None:
                inputs[fitting.name] = _fit_list(arguments[fitting.name], fitting)
        aligned = align_all({image.path: (arguments[image.name], image.pattern) for image in images})
        outer, sizes = common_outer(aligned, self._written)
        if outer and self._adapt == "strict":
            _refuse_outer(aligned, images)
        parts = [(image, aligned[image.path]) for image in images]
        if outer:
            outputs = _iterate(function, self._description, self._naming, inputs, parts, outer, sizes)
        else:
            for image, whole in parts:
                inputs[image.name] = image.hand_over(whole.array, whole.inner)
            outputs = self._naming.named(function(**inputs))
        if self._gives_axes:
            # The first that the op reads, where there is one.
            readable = [whole for image, whole in parts if not image.is_only_written] + [whole for _, whole in parts]
            give_axes(outputs, self._naming.outputs, outer, readable[0] if readable else None)
        return outputs


def call_adapted(
    function: Callable[..., Any], description: Description, arguments: dict[str, Any], adapt: str = "lossless"
) -> dict[str, Any]:
    """As ``Adaptation.call``, for one call."""
    return Adaptation(description, adapt).call(function, arguments)


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
        if self._dtypes and chosen_dtype(dtype_name(array.dtype), self._dtypes, self._adapt) is None:
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
        dtype = self._other_dtype(array)
        if dtype is not None:
            array, own = converted(array, dtype), None
            # As every other input, lest an op that changes it works for some images alone.
            array.flags.writeable = self._is_writable
        elif self._is_writable and not self.is_written:
            array, own = array.copy(), None
        return array if names == own or names is None else remember_axes(array, names)

    def _other_dtype(self, array: Array) -> Optional[str]:
        """What its elements are converted to; None where they stay as they are."""
        if not self._dtypes:
            return None
        given = dtype_name(array.dtype)
        dtype = chosen_dtype(given, self._dtypes, self._adapt)
        return None if dtype == given else dtype


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


def _fit_list(values: list[Any], fitting: _Fitting) -> list[Any]:
    """Arrays in a list are fitted each by itself, and not iterated."""
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


def _refuse_outer(aligned: dict[str, Aligned], images: list[_Fitting]) -> None:
    image = next(image for image in images if aligned[image.path].outer)
    raise _unknown_axes(image.path, aligned[image.path].outer, image.pattern)


def _unknown_axes(path: str, outer: tuple[Axis, ...], pattern: str, in_list: bool = False) -> AlcoveError:
    unknown = " ".join(axis.name for axis in outer)
    message = f"{path}: an image with the axes {unknown}, which the op does not know; it needs {pattern}"
    hint = "give it slice by slice" + ("" if in_list else ", or call the op with adapt lossless")
    return AlcoveError("invalid_params", message, path=path, expected=f"axes {pattern}", hint=hint)


def _iterate(
    function: Callable[..., Any],
    description: Description,
    naming: Naming,
    arguments: dict[str, Any],
    images: list[tuple[_Fitting, Aligned]],
    outer: tuple[Axis, ...],
    sizes: tuple[int, ...],
) -> dict[str, Any]:
    """Calls the function for each position along the outer axes, the last one fastest."""
    made = description.outputs + [parameter for parameter in description.inputs if "direction" in parameter.descriptor]
    if any(described.descriptor.get("role") == "labels" for described in made):
        import logging

        names = " ".join(axis.name for axis in outer)
        logging.getLogger("alcove").warning("labels are numbered anew at each position along %s", names)
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
        for name, value in naming.named(function(**inputs)).items():
            collected[name].add(value, position)
    return {name: collection.result() for name, collection in collected.items()}
