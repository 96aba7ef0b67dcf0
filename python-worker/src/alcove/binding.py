"""Checking a call's inputs against the op's descriptor, and making the function's arguments of them."""

from __future__ import annotations

import collections.abc
import enum
import typing
from collections.abc import Collection
from typing import Any, Callable, Optional

from .descriptors import Described, Description
from .fitting import PLAIN_TYPES, checker, expected, is_path_type
from .messages import AlcoveError


class Parameter:
    """A parameter of an op, with all that can be known before a call about how its arguments are made.

    ``fits`` tells whether a decoded value is what the parameter declares; ``convert`` makes the Python object of one
    that is not None, and is None where the value is that object. Values of exactly the type ``plain`` fit, and are that
    object; None where there is no such type.
    """

    __slots__ = ("name", "is_required", "fits", "convert", "plain", "_descriptor")

    def __init__(self, described: Described) -> None:
        self._descriptor = described.descriptor
        self.name: str = self._descriptor["name"]
        self.is_required = bool(self._descriptor.get("required"))
        self.fits = checker(self._descriptor)
        self.convert = _conversion(described.annotation)
        has_range = "minimum" in self._descriptor or "maximum" in self._descriptor
        self.plain = None if has_range else PLAIN_TYPES.get(self._descriptor["type"])

    def argument(self, value: Any) -> Any:
        """The argument that a value stands for; raises ``invalid_params`` when the value does not fit."""
        if not self.fits(value):
            wanted = expected(self._descriptor)
            raise _refused(self.name, wanted, f"input {self.name} must be {wanted}")
        return value if self.convert is None or value is None else self.convert(value)


class Binding:
    """An op's parameters, prepared once for all its calls."""

    def __init__(self, description: Description) -> None:
        self.parameters = {described.descriptor["name"]: Parameter(described) for described in description.inputs}
        self._mutable_defaults = description.mutable_defaults

    def arguments(self, inputs: dict[str, Any], later: Collection[str] = ()) -> dict[str, Any]:
        """The keyword arguments for the op's function.

        Args:
            inputs: the decoded values by name.
            later: names of inputs that are still to come, so none of them is missing.

        Raises:
            AlcoveError: ``invalid_params`` naming the first input that is unknown, else the first of the op's that is
                missing or does not fit.
        """
        if not inputs.keys() <= self.parameters.keys():
            name = next(name for name in inputs if name not in self.parameters)
            known = "one of " + ", ".join(self.parameters) if self.parameters else "no inputs"
            raise _refused(name, known, f"no input {name}")
        arguments = {}
        for name, parameter in self.parameters.items():
            if name in inputs:
                value = inputs[name]
                arguments[name] = value if type(value) is parameter.plain else parameter.argument(value)
            elif parameter.is_required and name not in later:
                raise _refused(name, "a value", f"input {name} is missing")
            elif name in self._mutable_defaults:
                import copy  # few ops have such defaults

                arguments[name] = copy.deepcopy(self._mutable_defaults[name])
        return arguments


def bind(description: Description, inputs: dict[str, Any], later: Collection[str] = ()) -> dict[str, Any]:
    """As ``Binding.arguments``, for one call."""
    return Binding(description).arguments(inputs, later)


def _refused(name: str, wanted: str, message: str) -> AlcoveError:
    return AlcoveError("invalid_params", message, path=f"inputs.{name}", expected=wanted)


def _conversion(annotation: Any) -> Optional[Callable[[Any], Any]]:
    """What makes the Python object of a checked value that is not None: a Path of a string, an Enum's member of its
    name. None where the value is that object."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _conversion(arguments[0])
    if origin in (list, collections.abc.Sequence) and arguments:
        return _conversion_of_list(_conversion(arguments[0]))
    if origin is not None and type(None) in arguments:
        return _conversion(next(argument for argument in arguments if argument is not type(None)))
    if is_path_type(annotation) or annotation is float or annotation is complex:
        made: Callable[[Any], Any] = annotation
        return made
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        members: type[enum.Enum] = annotation
        return members.__getitem__
    return None


def _conversion_of_list(convert: Optional[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    if convert is None:
        return list
    return lambda values: [None if value is None else convert(value) for value in values]
