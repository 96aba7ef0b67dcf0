"""Tables: columns by name, and what a data frame or a mapping of columns becomes on its way to the host."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Union

from .labelled import is_labelled, unlabelled

_NUMBERS = "biufc"  # the kinds of dtypes that can be shared


class Table(dict[str, Any]):
    """A table: the columns by name, in order, all equally long. A column is a list or an ndarray of shape (rows,).

    An op that declares a ``Table`` gets one and may return one, a dictionary of columns, or a data frame. Cells of a
    list are None (missing), bool, int, float, complex, str, or a date, time or datetime, which travels as ISO 8601
    text.

    Args:
        columns: a mapping of columns, or a data frame: whatever has ``columns`` and gives one as ``[name]``. Of a data
            frame, columns of numpy's numbers become ndarrays, others lists with None where a value is missing.

    Raises:
        TypeError: for a name that is no string, and a column that is neither a sequence of cells nor of one dimension.
        ValueError: for two columns of one name, and columns that are not equally long.
    """

    def __init__(self, columns: Union[Mapping[str, Any], Any] = ()) -> None:
        if isinstance(columns, Mapping):
            super().__init__({name: _column(name, column) for name, column in columns.items()})
        elif is_frame(columns):
            super().__init__({name: _column(name, _without_index(columns[name])) for name in _names(columns)})
        else:
            super().__init__(columns)
        lengths = {name: len(column) for name, column in self.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of different lengths ({', '.join(f'{n}: {k}' for n, k in lengths.items())})")

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(next(iter(self.values()), ()))


def is_frame(value: Any) -> bool:
    """Whether it is a data frame, of whatever library."""
    return hasattr(value, "columns") and hasattr(value, "__getitem__") and not isinstance(value, type)


def plain_cell(cell: Any) -> Any:
    """The cell with times as ISO 8601 text and None where it is missing."""
    # What pandas calls missing exists only where somebody imported pandas; its NaT passes for a datetime.
    pandas: Any = sys.modules.get("pandas")
    if pandas is not None and (cell is getattr(pandas, "NaT", None) or cell is getattr(pandas, "NA", None)):
        return None
    datetime: Any = sys.modules.get("datetime")  # of which a cell can be only where somebody imported it
    if datetime is not None and isinstance(cell, (datetime.date, datetime.time)):  # a datetime is a date
        return cell.isoformat()
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and isinstance(cell, numpy.datetime64):
        return None if numpy.isnat(cell) else str(numpy.datetime_as_string(cell))
    return cell


def _names(frame: Any) -> list[str]:
    names = list(frame.columns)
    if len(set(names)) < len(names):
        raise ValueError(f"two columns of one name ({', '.join(map(str, names))})")
    return names


def _column(name: Any, column: Any) -> Any:
    if not isinstance(name, str):
        raise TypeError(f"a column whose name {name!r} is no string")
    if is_labelled(column):
        column = unlabelled(column)
    if _is_ndarray(column):
        if column.ndim != 1:
            raise TypeError(f"a column of {column.ndim} dimensions ({name})")
        return column if column.dtype.kind in _NUMBERS else _cells(column)
    if isinstance(column, (str, bytes, Mapping)) or not isinstance(column, Iterable):
        raise TypeError(f"a column that is {type(column).__name__}, neither list nor ndarray ({name})")
    return column if isinstance(column, list) else list(column)


def _cells(array: Any) -> list[Any]:
    """The cells of an ndarray; times and their differences stay numpy's, which makes integers of the finest ones."""
    return list(array) if array.dtype.kind in "mM" else list(array.tolist())


def _without_index(series: Any) -> Any:
    """A data frame's column as an ndarray or a list of cells, None where it is missing."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and isinstance(getattr(series, "dtype", None), numpy.dtype) and series.dtype.kind in "biufcM":
        return series.to_numpy()
    cells = list(series)
    if not hasattr(series, "isna"):
        return cells
    # In a column of objects pandas writes what is missing as None, NaN, NaT or NA.
    return [None if missing else cell for cell, missing in zip(cells, series.isna())]


def _is_ndarray(value: Any) -> bool:
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)
