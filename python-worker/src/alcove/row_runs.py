"""Running an op for many rows: in bulk, by ``map`` over whole columns, which costs little more than the function, and
row by row where a row does not fit."""

from __future__ import annotations

import array
import os
from typing import Any, Callable, Optional, Protocol

from . import calls
from .calls import Call, Cancelled
from .failures import to_alcove_error
from .messages import AlcoveError
from .row_clock import RowClock
from .row_functions import RowFunction

_ROWS_IN_BULK = 4096


class Arguments(Protocol):
    """The arguments of all rows."""

    def __len__(self) -> int: ...

    def of_row(self, index: int) -> list[Any]:
        """Those of one row; raises ``invalid_params`` when they are none."""

    def columns(self, first: int, last: int) -> Optional[list[list[Any]]]:
        """The same for several rows, by column; None when a row is among them whose are none."""


class _Failed:
    """Stands for the result of a row that failed."""


_FAILED = _Failed()
_clock = RowClock()
_running: Optional[RowRun] = None


class RowRun:
    """One run of an op over rows.

    ``columns`` are the encoded outputs so far, a list for each output, with None for rows that failed; ``errors`` are
    those rows' by index.

    Args:
        function: the op.
        arguments: of all rows.
        call: the running request.
        stops: whether the first row that fails ends it.
    """

    def __init__(self, function: RowFunction, arguments: Arguments, call: Call, outputs: int, stops: bool) -> None:
        self._function = function
        self._arguments = arguments
        self._call = call
        self._stops = stops
        # Results that are outputs as they stand are looked at many at a time; but after one that is wrong no row may be
        # run where that is to end it, and what can change is encoded before the next row does.
        self._is_plain = function.plain is not None and not stops
        self._mapped: Callable[..., Any] = function.call if self._is_plain else self._outputs_of_row
        self._done: list[Any] = []
        self._column: list[Any] = []  # the first of those that are gone through
        self.columns: list[list[Any]] = [[] for _ in range(outputs)]
        self.errors: dict[int, AlcoveError] = {}

    def run(self) -> None:
        """Runs all rows, or those up to the first that fails.

        Raises:
            AlcoveError: that of the first row that fails, if it stops there, with ``row`` in its data.
            Cancelled: when the call was cancelled.
        """
        global _running
        total = len(self._arguments)
        if total:
            self._call.count_rows(self._done, total)
            _running = self
            has_clock = _clock.start(self._tick)
            try:
                while len(self._done) < total and self._is_current():
                    if not has_clock or not self._done:
                        self._tell_row()
                    self._run_some(min(len(self._done) + (_ROWS_IN_BULK if has_clock else 1), total))
            finally:
                _clock.stop()
                _running = None
        self._call.conclude(f"row {total} of {total}")

    def _tell_row(self) -> None:
        """Unless too little time has passed; raises ``Cancelled`` once the call is."""
        self._call.progress(0.0, f"row {len(self._done) + 1} of {len(self._arguments)}")

    def _is_current(self) -> bool:
        """False in a child that the op forked, which must not go on with its parent's rows."""
        return calls.current() is self._call

    def _tick(self) -> None:
        if self._call.cancelled:
            self.stop()
        self._call.tell_row()

    def stop(self) -> None:
        """Ends what runs in bulk after the row that it is at; from any thread."""
        self._column.clear()  # no iterator finds a next item in it

    def _run_some(self, last: int) -> None:
        first = len(self._done)
        columns = self._arguments.columns(first, last)
        if columns is not None:
            self._run_in_bulk([columns[index] for index in self._function.order], last)
            self._collect(first)
            return
        while len(self._done) < last and self._is_current():
            index = len(self._done)
            self._tell_row()
            try:
                row = self._arguments.of_row(index)
                outputs = self._outputs_of_row(*[row[each] for each in self._function.order])
            except Cancelled:
                raise
            except BaseException as error:
                self._fail(index, error)
                outputs = [None] * len(self.columns)
            self._done.append(None)
            for column, value in zip(self.columns, outputs):
                column.append(value)

    def _run_in_bulk(self, columns: list[list[Any]], last: int) -> None:
        first = len(self._done)
        while len(self._done) < last and self._is_current():
            if self._call.cancelled:
                raise Cancelled
            begin = len(self._done) - first
            self._column, *others = [column[begin:] for column in columns] if begin else columns
            try:
                self._done.extend(map(self._mapped, self._column, *others))
                if len(self._done) < last and self._is_current() and not self._call.cancelled:
                    raise StopIteration  # from the function, which nobody but map itself has seen
            except Cancelled:
                raise
            except BaseException as error:
                self._fail(len(self._done), error)
                self._done.append(_FAILED)

    def _outputs_of_row(self, *row: Any) -> list[Any]:
        return self._function.outputs(self._function.call(*row))

    def _collect(self, first: int) -> None:
        """Puts the outputs of rows that were run in bulk behind those before them."""
        results = self._done[first:]
        if self._is_plain:
            succeeded = [result for result in results if result is not _FAILED] if self.errors else results
            if _are_all(self._function.plain, succeeded):
                self.columns[0] += (
                    [None if result is _FAILED else result for result in results] if self.errors else results
                )
                return
            results = [self._outputs_of(result, index) for index, result in enumerate(results, first)]
        nothing = [None] * len(self.columns)
        for column, values in zip(self.columns, zip(*[nothing if row is _FAILED else row for row in results])):
            column.extend(values)

    def _outputs_of(self, result: Any, index: int) -> Any:
        if result is not _FAILED:
            try:
                return self._function.outputs(result)
            except Cancelled:
                raise
            except BaseException as error:
                self._fail(index, error)
        return _FAILED

    def _fail(self, index: int, error: BaseException) -> None:
        found = to_alcove_error(error)
        if self._stops:
            found.data["row"] = index
            raise found from None
        self.errors[index] = found


def _are_all(plain: Optional[type], results: list[Any]) -> bool:
    """Whether the results can be sent as they stand."""
    if not set(map(type, results)) <= {plain}:
        return False
    if plain is int:
        try:
            array.array("q", results)  # the fastest way to see that none is too long to be sent
        except OverflowError:
            return False
    return True


def _stop_in_child() -> None:
    if _running is not None:
        _running.stop()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_stop_in_child)
