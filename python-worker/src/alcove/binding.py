"""Checking a call's inputs and outputs against the op's descriptor."""

from __future__ import annotations

from typing import Any

from .descriptors import Description
from .fitting import mismatch
from .loading import to_argument
from .messages import AlcoveError


def bind(description: Description, inputs: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments for the op's function.

    Raises:
        AlcoveError: ``invalid_params`` naming the first input that is missing, unknown or does not fit.
    """
    parameters = {parameter.descriptor["name"]: parameter for parameter in description.inputs}
    for name in inputs:
        if name not in parameters:
            raise _refused(name, "one of " + ", ".join(parameters), f"no input {name}")
    arguments = {}
    for name, parameter in parameters.items():
        descriptor = parameter.descriptor
        if name not in inputs:
            if descriptor["required"]:
                raise _refused(name, "a value", f"input {name} is missing")
            continue
        expected = mismatch(inputs[name], descriptor)
        if expected is not None:
            raise _refused(name, expected, f"input {name} must be {expected}")
        dtypes = descriptor.get("dtypes")
        if dtypes and inputs[name] is not None and inputs[name].dtype.name not in dtypes:
            expected = "dtype " + " or ".join(dtypes)
            raise _refused(name, expected, f"input {name} has dtype {inputs[name].dtype.name}, the op takes {expected}")
        arguments[name] = to_argument(inputs[name], parameter)
    return arguments


def check_outputs(description: Description, outputs: dict[str, Any]) -> None:
    """Raises ``op_failed`` when an output that is declared as an array is none."""
    for output in description.outputs:
        name, descriptor = output.descriptor["name"], output.descriptor
        if descriptor["type"] != "array":
            continue
        if "axes" not in descriptor and type(outputs[name]).__module__ == "numpy":
            outputs[name] = _as_array(outputs[name])
        if mismatch(outputs[name], descriptor) is not None:
            returned = type(outputs[name]).__name__
            message = f"the op returned {returned} for its output {name}, which is declared as an array"
            raise AlcoveError("op_failed", message, type="TypeError", traceback="", frames=[])


def _as_array(value: Any) -> Any:
    """numpy makes numbers of arrays without dimensions as soon as it calculates with them."""
    import numpy

    return numpy.asarray(value) if isinstance(value, numpy.generic) else value


def _refused(name: str, expected: str, message: str) -> AlcoveError:
    return AlcoveError("invalid_params", message, path=f"inputs.{name}", expected=expected)
