"""``map``: one op for many rows of scalars in one request, for tiny ops in long loops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Callable

from . import calls
from .adaptation import call_adapted, fresh
from .array_axes import given_axes, set_axes
from .binding import argument_for, bind
from .calls import Call, Cancelled
from .conversion import chosen_dtype, converted, declared_dtypes
from .failures import to_alcove_error
from .messages import unexpected
from .outputs import named_outputs
from .params import adapt, choice, member
from .values import decode_scalar, decode_value, encode_value

if TYPE_CHECKING:
    from .arrays import Arrays
    from .descriptors import Described
    from .loading import LoadedOp

_ON_ERROR = ("stop", "continue")


def map_rows(op: LoadedOp, params: dict[str, Any], arrays: Arrays, call: Call) -> dict[str, Any]:
    """The result of a ``map`` request: the op's outputs for each row.

    Raises:
        AlcoveError: ``invalid_params`` for what is wrong with the request as a whole; unless the host wants to continue
            after errors, that of the first row that fails, with ``row`` in its data.
        Cancelled: when the request was cancelled.
    """
    mapped = _Map(op, params, arrays)
    rows: list[Any] = []
    errors: dict[str, Any] = {}
    wanted = member(params, "rows", list)
    stops = choice(params, "on_error", _ON_ERROR, "stop") == "stop"
    for index, row in enumerate(wanted):
        call.set_whole(index, len(wanted))
        call.progress(0.0, f"row {index + 1} of {len(wanted)}")
        try:
            rows.append(mapped.outputs_of(row, index))
        except Cancelled:
            raise
        except BaseException as error:
            found = to_alcove_error(error)
            if stops:
                found.data["row"] = index
                raise found from None
            rows.append(None)
            errors[str(index)] = found.to_json()
        if calls.current() is not call:  # a child that the op forked must not go on with its parent's rows
            break
    call.progress(1.0, f"row {len(wanted)} of {len(wanted)}")
    return {"columns": mapped.output_names, "rows": rows, "errors": errors}


class _Map:
    """What is the same for all rows, decoded and checked once."""

    def __init__(self, op: LoadedOp, params: dict[str, Any], arrays: Arrays) -> None:
        inputs = member(params, "inputs", dict, default={})
        parameters = {parameter.descriptor["name"]: parameter for parameter in op.description.inputs}
        self._columns = list(_columns(params, parameters, inputs))
        decoded = {name: decode_value(value, f"inputs.{name}", arrays) for name, value in inputs.items()}
        names = {parameter.descriptor["name"] for parameter in self._columns}
        mode = adapt(params)
        self._common = _converted(op, bind(op.description, decoded, later=names), mode)
        self._changeable = [name for name, value in self._common.items() if isinstance(value, (list, dict))]
        self.output_names = [output.descriptor["name"] for output in op.description.outputs]
        self._call = _caller(op, mode)

    def outputs_of(self, row: Any, index: int) -> list[Any]:
        """The op's outputs for one row, encoded, in the order of ``output_names``."""
        if not isinstance(row, list) or len(row) != len(self._columns):
            raise unexpected(f"rows[{index}]", f"a list of {len(self._columns)}")
        arguments = dict(self._common)
        for name in self._changeable:
            arguments[name] = fresh(arguments[name])
        for parameter, cell in zip(self._columns, row):
            name = parameter.descriptor["name"]
            arguments[name] = argument_for(parameter, decode_scalar(cell, f"inputs.{name}"))
        outputs = self._call(arguments)
        return [encode_value(outputs[name], f"outputs.{name}", None) for name in self.output_names]


def _columns(
    params: dict[str, Any], parameters: Mapping[str, Described], inputs: dict[str, Any]
) -> Iterator[Described]:
    """The parameters that the columns name."""
    seen = set(inputs)
    for index, name in enumerate(member(params, "columns", list)):
        if not isinstance(name, str) or name not in parameters:
            raise unexpected(f"columns[{index}]", f"one of {', '.join(parameters)}" if parameters else "no columns")
        if name in seen:
            raise unexpected(f"columns[{index}]", "each input once, in columns or in inputs")
        seen.add(name)
        yield parameters[name]


def _converted(op: LoadedOp, arguments: dict[str, Any], adapt: str) -> dict[str, Any]:
    """The arguments with the arrays that are read in a dtype that the op takes, so that no row has to convert them."""
    converted_arguments = dict(arguments)
    for parameter in op.description.inputs:
        descriptor = parameter.descriptor
        array = arguments.get(descriptor["name"])
        if descriptor["type"] != "array" or "direction" in descriptor or array is None:
            continue
        dtype = chosen_dtype(array.dtype.name, declared_dtypes(descriptor), adapt)
        if dtype is not None and dtype != array.dtype.name:
            known = given_axes(array)
            array = converted(array, dtype)
            array.flags.writeable = False
            converted_arguments[descriptor["name"]] = array if known is None else set_axes(array, known)
    return converted_arguments


def _caller(op: LoadedOp, adapt: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """How the op is called: what fits arrays is left out where there are none."""
    description = op.description
    if any("array" in (each.descriptor["type"], _item_type(each)) for each in description.inputs):
        return lambda arguments: call_adapted(op.call, description, arguments, adapt=adapt)
    return lambda arguments: named_outputs(op.call(**arguments), description)


def _item_type(parameter: Described) -> Any:
    return parameter.descriptor.get("items", {}).get("type")
