"""``map``: one op for many rows of scalars in one request, for tiny ops in long loops."""

from __future__ import annotations

import array
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional

from .array_axes import given_axes, set_axes
from .conversion import chosen_dtype, converted, declared_dtypes
from .messages import AlcoveError, unexpected
from .outputs import Naming
from .params import adapt, choice, member
from .row_functions import RowFunction
from .row_runs import RowRun
from .values import decode_scalar, decode_value, encode_value

if TYPE_CHECKING:
    from .arrays import Arrays
    from .binding import Binding, Parameter
    from .calls import Call
    from .descriptors import Description
    from .plans import Plan

_ON_ERROR = ("stop", "continue")
# By type of an output: how an array has it, and what stands there where a row failed.
_FLAT: dict[type, tuple[str, str, Any]] = {
    int: ("q", "int64", 0),
    float: ("d", "float64", math.nan),
    bool: ("B", "bool", False),
}


def map_rows(plan: Plan, params: dict[str, Any], arrays: Arrays, call: Call) -> dict[str, Any]:
    """The result of a ``map`` request: the op's outputs for each row.

    Raises:
        AlcoveError: ``invalid_params`` for what is wrong with the request as a whole; unless the host wants to continue
            after errors, that of the first row that fails, with ``row`` in its data.
        Cancelled: when the request was cancelled.
    """
    op, binding, naming = plan.op, plan.binding, Naming(plan.op.description)
    inputs = member(params, "inputs", dict, default={})
    columns = member(params, "columns", list)
    by_column = bool(columns) and "rows" not in params and all(isinstance(column, dict) for column in columns)
    names = [column.get("name") for column in columns] if by_column else columns
    parameters = _parameters(names, binding, inputs)
    decoded = {name: decode_value(value, f"inputs.{name}", arrays) for name, value in inputs.items()}
    common = binding.arguments(decoded, later={parameter.name for parameter in parameters})
    mode = adapt(params)
    function = RowFunction(op, parameters, _converted(op.description, common, mode), naming, mode)
    arguments = _Columns(parameters, columns, arrays) if by_column else _Rows(parameters, member(params, "rows", list))
    stops = choice(params, "on_error", _ON_ERROR, "stop") == "stop"
    run = RowRun(function, arguments, call, len(naming.outputs), stops)
    try:
        run.run()
    finally:
        arguments.end()
    names = [output.name for output in naming.outputs]
    errors = {str(index): error.to_json() for index, error in sorted(run.errors.items())}
    return {**arguments.answer(names, run), "errors": errors}


def _parameters(names: list[Any], binding: Binding, inputs: dict[str, Any]) -> list[Parameter]:
    """The parameters that the columns name."""
    known, seen, found = binding.parameters, set(inputs), []
    for index, name in enumerate(names):
        if not isinstance(name, str) or name not in known:
            raise unexpected(f"columns[{index}]", f"one of {', '.join(known)}" if known else "no columns")
        if name in seen:
            raise unexpected(f"columns[{index}]", "each input once, in columns or in inputs")
        seen.add(name)
        found.append(known[name])
    return found


def _converted(description: Description, arguments: dict[str, Any], adapt: str) -> dict[str, Any]:
    """The arguments with the arrays that are read in a dtype that the op takes, so that no row has to convert them."""
    converted_arguments = dict(arguments)
    for parameter in description.inputs:
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


class _Rows:
    """Arguments that come as a list of cells for each row."""

    def __init__(self, parameters: list[Parameter], rows: list[Any]) -> None:
        self._parameters = parameters
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def of_row(self, index: int) -> list[Any]:
        row = self._rows[index]
        if not isinstance(row, list) or len(row) != len(self._parameters):
            raise unexpected(f"rows[{index}]", f"a list of {len(self._parameters)}")
        return [_argument(parameter, cell) for parameter, cell in zip(self._parameters, row)]

    def columns(self, first: int, last: int) -> Optional[list[list[Any]]]:
        rows = self._rows[first:last]
        if set(map(type, rows)) != {list} or set(map(len, rows)) != {len(self._parameters)} or not self._parameters:
            return None
        columns = list(zip(*rows))
        return _all_arguments(self._parameters, columns, [set(map(type, cells)) for cells in columns])

    def end(self) -> None:
        """The rows have ended."""

    def answer(self, names: list[str], run: RowRun) -> dict[str, Any]:
        """The result without its errors."""
        rows: list[Any] = list(zip(*map(_finite, run.columns))) if run.columns else [()] * len(self)
        for index in run.errors:
            rows[index] = None
        return {"columns": names, "rows": rows}


class _Columns:
    """Arguments that come as the columns of a table do: each an array, or a list of cells."""

    def __init__(self, parameters: list[Parameter], columns: list[dict[str, Any]], arrays: Arrays) -> None:
        self._parameters = parameters
        self._arrays = arrays
        self._columns = [_column(column, f"columns[{index}]", arrays) for index, column in enumerate(columns)]
        for index, column in enumerate(self._columns):
            if len(column) != len(self):
                raise unexpected(f"columns[{index}].values", f"{len(self)} cells as in the columns before")

    def __len__(self) -> int:
        return len(self._columns[0])

    def of_row(self, index: int) -> list[Any]:
        cells = (_listed(column[index : index + 1])[0] for column in self._columns)
        return [_argument(parameter, cell) for parameter, cell in zip(self._parameters, cells)]

    def columns(self, first: int, last: int) -> Optional[list[list[Any]]]:
        columns = [_listed(column[first:last]) for column in self._columns]
        # All elements of an array are of one type.
        kinds = [
            set(map(type, cells if isinstance(column, list) else cells[:1]))
            for column, cells in zip(self._columns, columns)
        ]
        return _all_arguments(self._parameters, columns, kinds)

    def end(self) -> None:
        """Lets go of the blocks, which must not wait for whoever still holds an error of these rows."""
        for column in self._columns:
            if isinstance(column, memoryview):
                column.release()

    def answer(self, names: list[str], run: RowRun) -> dict[str, Any]:
        """The result without its errors."""
        columns = [_flat(column, run.errors, self._arrays) for column in run.columns]
        return {"columns": [{"name": name, "values": values} for name, values in zip(names, columns)]}


def _column(column: dict[str, Any], path: str, arrays: Arrays) -> Any:
    values = column.get("values")
    if isinstance(values, list):
        return values  # cut where it is looked at, and never changed
    if isinstance(values, dict) and values.get("$type") == "ndarray":
        return arrays.flat(values, f"{path}.values")
    raise unexpected(f"{path}.values", "a list of cells or an ndarray of one dimension")


def _listed(cells: Any) -> list[Any]:
    return cells if isinstance(cells, list) else cells.tolist()


def _argument(parameter: Parameter, cell: Any) -> Any:
    return parameter.argument(decode_scalar(cell, f"inputs.{parameter.name}"))


def _all_arguments(
    parameters: list[Parameter], columns: Sequence[Sequence[Any]], kinds: list[set[type]]
) -> Optional[list[list[Any]]]:
    """The arguments that columns of cells, of these types, stand for; None when one does not fit."""
    try:
        return [_arguments(*each) for each in zip(parameters, columns, kinds)]
    except AlcoveError:
        return None


def _arguments(parameter: Parameter, cells: Sequence[Any], kinds: set[type]) -> list[Any]:
    if kinds == {parameter.plain}:
        return cells if isinstance(cells, list) else list(cells)
    return [_argument(parameter, cell) for cell in cells]


def _finite(column: list[Any]) -> list[Any]:
    """An output of all rows as JSON has it: numbers that are not finite are values of their own."""
    kinds = set(map(type, column))
    # A sum of finite numbers may be infinite; that costs time, and nothing else.
    if float not in kinds or (kinds == {float} and math.isfinite(sum(column))):
        return column
    return [encode_value(value, "", None) if type(value) is float else value for value in column]


def _flat(column: list[Any], errors: dict[int, AlcoveError], arrays: Arrays) -> Any:
    """An output of all rows as an array, where all are numbers that one holds and there is room; else as a list."""
    kinds = set(map(type, column))
    if errors and column.count(None) == len(errors):
        kinds.discard(type(None))
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind in _FLAT:
        code, dtype, nothing = _FLAT[kind]
        try:
            numbers = [nothing if value is None else value for value in column] if errors else column
            return arrays.describe_flat(memoryview(array.array(code, numbers)), dtype)
        except OverflowError:
            pass
        except AlcoveError as error:
            if error.kind != "out_of_shared_memory":
                raise
    return _finite(column)
