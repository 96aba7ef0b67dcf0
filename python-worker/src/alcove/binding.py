"""Checking a call's inputs against the op's descriptor."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any

from .descriptors import Described, Description
from .fitting import mismatch
from .loading import to_argument
from .messages import AlcoveError


def bind(description: Description, inputs: dict[str, Any], later: Collection[str] = ()) -> dict[str, Any]:
    """The keyword arguments for the op's function.

    Args:
        description: of the op.
        inputs: the decoded values by name.
        later: names of inputs that are still to come, so none of them is missing.

    Raises:
        AlcoveError: ``invalid_params`` naming the first input that is unknown, else the first of the op's that is
            missing or does not fit.
    """
    parameters = {parameter.descriptor["name"]: parameter for parameter in description.inputs}
    for name in inputs:
        if name not in parameters:
            known = "one of " + ", ".join(parameters) if parameters else "no inputs"
            raise _refused(name, known, f"no input {name}")
    arguments = {}
    for name, parameter in parameters.items():
        if name not in inputs:
            if parameter.descriptor["required"] and name not in later:
                raise _refused(name, "a value", f"input {name} is missing")
            if name in description.mutable_defaults:
                arguments[name] = copy.deepcopy(description.mutable_defaults[name])
            continue
        arguments[name] = argument_for(parameter, inputs[name])
    return arguments


def argument_for(parameter: Described, value: Any) -> Any:
    """The argument for one parameter; raises ``invalid_params`` when the value does not fit it."""
    wanted = mismatch(value, parameter.descriptor)
    if wanted is not None:
        name = parameter.descriptor["name"]
        raise _refused(name, wanted, f"input {name} must be {wanted}")
    return to_argument(value, parameter)


def _refused(name: str, wanted: str, message: str) -> AlcoveError:
    return AlcoveError("invalid_params", message, path=f"inputs.{name}", expected=wanted)
