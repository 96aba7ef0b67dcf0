"""Values on the wire: JSON's own, and tagged objects for what JSON lacks."""

from __future__ import annotations

import enum
import math
import os
import sys
from collections.abc import Iterable
from typing import Any, Optional

from .arrays import DTYPES, Arrays
from .labelled import is_labelled, unlabelled, way_to_ndarray
from .messages import MAX_INTEGER_DIGITS, AlcoveError, unexpected
from .tables import Table, is_frame, plain_cell

_LARGEST_INTEGER = 10**MAX_INTEGER_DIGITS
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
# Inside a reply a value already stands three levels deep (message, result, outputs).
_MAX_NESTING = 190


def encode_value(value: Any, path: str, arrays: Optional[Arrays], depth: int = 0) -> Any:
    """The JSON form of a value.

    Args:
        value: None, bool, int, float, complex, str, bytes, Path, Enum member, numpy scalar, ndarray, DataArray, or
            lists, tuples and dictionaries with string keys of these; a Table or any data frame.
        path: where it stands, for the error.
        arrays: where ndarrays are shared; None where none may stand.

    Raises:
        AlcoveError: ``unencodable_output``, naming the path to what cannot be encoded.
    """
    if value is None or value is True or value is False or type(value) is str:
        return value
    if type(value) is int and -_LARGEST_INTEGER < value < _LARGEST_INTEGER:
        return value
    # A value of numpy's exists only where somebody imported numpy; importing it here would cost every start.
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is numpy.ndarray and arrays is not None and depth < _MAX_NESTING:
        return _encode_array(value, path, arrays, depth)
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, int):
        if not -_LARGEST_INTEGER < value < _LARGEST_INTEGER:
            raise _unencodable(path, f"an integer of more than {MAX_INTEGER_DIGITS} digits")
        return int(value)
    if isinstance(value, float):
        return _encode_float(float(value))
    if isinstance(value, str):
        return str(value)
    if depth >= _MAX_NESTING:
        raise _unencodable(path, f"nested deeper than {_MAX_NESTING}")
    if isinstance(value, Table):
        return _encode_table(value, path, arrays, depth)
    if isinstance(value, dict):
        return _encode_dict(value, path, arrays, depth)
    if isinstance(value, (list, tuple)):
        return [encode_value(item, f"{path}[{index}]", arrays, depth + 1) for index, item in enumerate(value)]
    if isinstance(value, (bytes, bytearray)):
        import base64

        return {"$type": "bytes", "base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, complex):
        return {"$type": "complex", "real": _encode_float(value.real), "imag": _encode_float(value.imag)}
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    return _encode_numpy(value, path, arrays, depth)


def _encode_float(value: float) -> Any:
    if math.isfinite(value):
        return value
    return {"$type": "float", "value": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}


def _encode_dict(value: dict[Any, Any], path: str, arrays: Optional[Arrays], depth: int) -> dict[str, Any]:
    members = {}
    depth += 2 if "$type" in value else 1
    for key, item in value.items():
        if not isinstance(key, str):
            raise _unencodable(path, f"a dictionary whose key {key!r} is no string")
        if not _is_text(key):
            raise _unencodable(path, f"a dictionary whose key {key!r} has half a surrogate pair")
        members[key] = encode_value(item, f"{path}.{key}", arrays, depth)
    return {"$type": "object", "value": members} if "$type" in members else members


def _is_text(key: str) -> bool:
    """Whether every parser can read the key: as a value half a surrogate pair is fine, as a name some refuse it."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def _encode_numpy(value: Any, path: str, arrays: Optional[Arrays], depth: int) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        value = unlabelled(value) if is_labelled(value) else value
        if isinstance(value, numpy.ndarray) and arrays is not None:
            return _encode_array(value, path, arrays, depth)
        # Numbers alone: item() makes an integer of a time, and of a float128 nothing but itself.
        if isinstance(value, numpy.generic) and value.dtype.kind in "biufc" and value.dtype.name in DTYPES:
            return encode_value(value.item(), path, arrays, depth)
    if is_frame(value):
        return _encode_table(value, path, arrays, depth)
    name = f"{type(value).__module__}.{type(value).__qualname__}".replace("builtins.", "")
    raise _unencodable(path, name, way_to_ndarray(value))


def _encode_array(value: Any, path: str, arrays: Arrays, depth: int) -> dict[str, Any]:
    try:
        return arrays.describe(value, among_others=depth > 0)
    except TypeError as error:
        raise _unencodable(path, str(error)) from None


def _encode_table(value: Any, path: str, arrays: Optional[Arrays], depth: int) -> dict[str, Any]:
    try:
        table = Table(value)  # again: whoever made it may have changed it
    except (TypeError, ValueError) as error:
        raise _unencodable(path, f"a table with {error}") from None
    columns = []
    for name, column in table.items():
        where = f"{path}.{name}"
        if isinstance(column, list):
            values = [_encode_cell(cell, f"{where}[{index}]") for index, cell in enumerate(column)]
        else:
            values = encode_value(column, where, arrays, depth + 3)
        columns.append({"name": name, "values": values})
    return {"$type": "table", "columns": columns}


def _encode_cell(cell: Any, path: str) -> Any:
    encoded = encode_value(plain_cell(cell), path, None)
    if _is_scalar(encoded):
        return encoded
    raise _unencodable(path, f"{type(cell).__name__} in a table")


def _is_scalar(encoded: Any) -> bool:
    """Whether an encoded value may stand in a table's cell or in a row of ``map``."""
    return not isinstance(encoded, (list, dict)) or (
        isinstance(encoded, dict) and encoded.get("$type") in ("float", "complex")
    )


def _unencodable(path: str, what: str, hint: Optional[str] = None) -> AlcoveError:
    more = {} if hint is None else {"hint": hint}
    return AlcoveError("unencodable_output", f"{path}: {what} cannot be sent", path=path, type=what, **more)


def decode_value(value: Any, path: str, arrays: Optional[Arrays]) -> Any:
    """The Python value of its JSON form; ndarrays are views of shared memory.

    Args:
        value: what was parsed.
        path: where it stands, for the error.
        arrays: where the blocks are; None where no array may stand.

    Raises:
        AlcoveError: ``invalid_params`` for an unknown or malformed tagged object; what ``Arrays.attach`` raises.
    """
    if isinstance(value, list):
        return [decode_value(item, f"{path}[{index}]", arrays) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if "$type" not in value:
        return {key: decode_value(item, f"{path}.{key}", arrays) for key, item in value.items()}
    tag = value["$type"]
    try:
        if tag == "ndarray" and arrays is not None:
            return arrays.attach(value, path)
        if tag == "table":
            return _decode_table(value.get("columns"), path, arrays)
        if tag == "object":
            return {key: decode_value(item, f"{path}.{key}", arrays) for key, item in value["value"].items()}
        if tag == "float":
            return _NON_FINITE[value["value"]]
        if tag == "complex":
            parts = [decode_value(value[part], f"{path}.{part}", arrays) for part in ("real", "imag")]
            if any(isinstance(part, bool) or not isinstance(part, (int, float)) for part in parts):
                raise TypeError("a part that is no real number")
            return complex(*parts)
        if tag == "bytes":
            import base64

            return base64.b64decode(value["base64"], validate=True)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        raise unexpected(path, f"the members of a {tag}") from None
    raise unexpected(path, "a $type of float, complex, bytes, ndarray, table or object")


def decode_scalar(value: Any, path: str) -> Any:
    """The Python value of what may stand in a table's cell or in a row of ``map``.

    Raises:
        AlcoveError: ``invalid_params`` for anything but null, a boolean, a number, a string, a tagged float or complex.
    """
    if not isinstance(value, (list, dict)):
        return value
    if _is_scalar(value):
        return decode_value(value, path, None)
    raise unexpected(path, "null, a boolean, a number or a string")


def _decode_table(columns: Any, path: str, arrays: Optional[Arrays]) -> Table:
    if not isinstance(columns, list):
        raise unexpected(f"{path}.columns", "a list of columns")
    table = Table()
    for index, column in enumerate(columns):
        where = f"{path}.columns[{index}]"
        if not isinstance(column, dict):
            raise unexpected(where, "an object with name and values")
        name = column.get("name")
        if not isinstance(name, str) or name in table:
            raise unexpected(f"{where}.name", "a string that no other column has")
        table[name] = _decode_column(column.get("values"), f"{where}.values", arrays)
        if len(table[name]) != table.rows:
            raise unexpected(f"{where}.values", f"{table.rows} cells as in the columns before")
    return table


def _decode_column(cells: Any, path: str, arrays: Optional[Arrays]) -> Any:
    if isinstance(cells, list):
        return [decode_scalar(cell, f"{path}[{index}]") for index, cell in enumerate(cells)]
    if isinstance(cells, dict) and cells.get("$type") == "ndarray":
        array = decode_value(cells, path, arrays)
        if array.ndim == 1:
            return array
    raise unexpected(path, "a list of cells or an ndarray of one dimension")


def blocks_in(value: Any, names: Optional[set[str]] = None) -> set[str]:
    """The names of all blocks that an encoded value names."""
    names = set() if names is None else names
    members: Iterable[Any] = ()
    if isinstance(value, list):
        members = value
    elif isinstance(value, dict):
        tag = value.get("$type")
        if tag == "ndarray":
            if value["block"] is not None:
                names.add(value["block"])
        else:
            members = (value["value"] if tag == "object" else value).values()
    for member in members:
        if isinstance(member, (list, dict)):
            blocks_in(member, names)
    return names
