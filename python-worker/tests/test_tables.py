"""Tables: what an op may return as one, and what it is given."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker_process import Host, WorkerProcess

from alcove import Table
from alcove.arrays import Arrays
from alcove.messages import AlcoveError
from alcove.values import blocks_in, decode_value, encode_value


@pytest.fixture
def arrays(host: Host) -> Arrays:
    return Arrays(host.directory, f"{host.prefix}-w1-", 1 << 20, lambda names: None)


def encoded(value: Any) -> dict[str, Any]:
    """The cells by column as they are sent; no column is an ndarray."""
    table = encode_value(value, "outputs.table", None)
    assert table["$type"] == "table"
    return {column["name"]: column["values"] for column in table["columns"]}


def refused(value: Any) -> tuple[str, str]:
    """Path and reason."""
    with pytest.raises(AlcoveError) as error:
        encode_value(value, "outputs.table", None)
    assert error.value.kind == "unencodable_output"
    return error.value.data["path"], error.value.data["type"]


def test_a_table_is_a_dictionary_of_columns() -> None:
    area = numpy.array([1.5, 2.5])
    table = Table({"name": ("a", "b"), "area": area, "seen": range(2)})
    assert table == {"name": ["a", "b"], "area": table["area"], "seen": [0, 1]}
    assert table["area"] is area
    assert (table.rows, Table().rows, Table({"a": []}).rows) == (2, 0, 0)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"a": [1], "b": [1, 2]}, r"columns of different lengths \(a: 1, b: 2\)"),
        ({1: [1]}, "a column whose name 1 is no string"),
        ({"a": numpy.zeros((2, 2))}, r"a column of 2 dimensions \(a\)"),
        ({"a": numpy.array(1)}, r"a column of 0 dimensions \(a\)"),
        ({"a": "text"}, r"a column that is str, neither list nor ndarray \(a\)"),
        ({"a": 5}, r"a column that is int, neither list nor ndarray \(a\)"),
        (pandas.DataFrame([[1, 2]], columns=["a", "a"]), r"two columns of one name \(a, a\)"),
        (pandas.DataFrame([[1, 2]]), "a column whose name 0 is no string"),
    ],
)
def test_what_is_no_table(columns: Any, reason: str) -> None:
    with pytest.raises((TypeError, ValueError), match=reason):
        Table(columns)


def test_what_was_changed_since_is_checked_again() -> None:
    table = Table({"a": [1]})
    table["b"] = [1, 2]
    assert refused(table) == ("outputs.table", "a table with columns of different lengths (a: 1, b: 2)")


def test_cells_that_are_no_scalars_are_named() -> None:
    assert refused(Table({"a": [1, [2]]})) == ("outputs.table.a[1]", "list in a table")
    assert refused(Table({"a": [b"x"]})) == ("outputs.table.a[0]", "bytes in a table")
    assert refused(Table({"a": [{"$type": "float"}]})) == ("outputs.table.a[0]", "dict in a table")
    assert refused(Table({"a": [datetime.timedelta(1)]})) == ("outputs.table.a[0]", "datetime.timedelta")
    assert refused(Table({"a": numpy.array([5], "m8[ns]")})) == ("outputs.table.a[0]", "numpy.timedelta64")
    assert refused(pandas.DataFrame({"a": pandas.to_timedelta(["1s"])}))[0] == "outputs.table.a[0]"
    assert refused(Table({"a": [numpy.zeros(1)]}))[0] == "outputs.table.a[0]"


def test_times_are_iso_8601_and_what_is_missing_is_null() -> None:
    day, noon = datetime.date(2024, 2, 29), datetime.time(12, 30)
    moment = datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone.utc)
    stamp = pandas.Timestamp("2024-02-29T12:30:00.000000001")
    nano = numpy.datetime64("2024-02-29T12:30:00.000000001")
    cells = [day, noon, moment, stamp, nano, None, pandas.NaT, pandas.NA, numpy.datetime64("NaT")]
    assert encoded(Table({"when": cells}))["when"] == [
        "2024-02-29",
        "12:30:00",
        "2024-02-29T12:30:00+00:00",
        "2024-02-29T12:30:00.000000001",
        "2024-02-29T12:30:00.000000001",
        None,
        None,
        None,
        None,
    ]
    times = numpy.array(["2024-02-29T12:30", "NaT"], "M8[ns]")
    assert encoded(Table({"when": times}))["when"] == ["2024-02-29T12:30:00.000000000", None]
    assert encoded(Table({"what": numpy.array(["a", "bc"])}))["what"] == ["a", "bc"]


def test_what_is_missing_in_a_data_frame_is_null_but_nan_in_a_column_of_floats_stays() -> None:
    frame = pandas.DataFrame(
        {
            "text": ["a", None],
            "mixed": pandas.Series([1, float("nan")], dtype=object),
            "whole": pandas.Series([1, None], dtype="Int64"),
            "flag": pandas.Series([True, None], dtype="boolean"),
            "kind": pandas.Categorical(["x", None]),
            "when": pandas.to_datetime(["2024-02-29T12:30", None]),
            "zoned": pandas.to_datetime(["2024-02-29T12:30", None]).tz_localize("UTC"),
        }
    )
    columns = encoded(frame)
    assert {name: cells[1] for name, cells in columns.items()} == dict.fromkeys(frame.columns)
    assert {name: cells[0] for name, cells in columns.items() if name not in ("when", "zoned")} == {
        "text": "a",
        "mixed": 1,
        "whole": 1,
        "flag": True,
        "kind": "x",
    }
    assert columns["when"][0].startswith("2024-02-29T12:30:00")
    assert columns["zoned"][0] == "2024-02-29T12:30:00+00:00"
    assert numpy.isnan(Table(pandas.DataFrame({"a": [1.0, None]}))["a"][1])


def test_numbers_of_a_data_frame_go_as_arrays(arrays: Arrays, host: Host) -> None:
    frame = pandas.DataFrame({"area": numpy.array([1, 2], "uint16"), "mean": [0.5, float("nan")], "name": ["a", "b"]})
    table = encode_value(frame, "outputs.table", arrays)
    arrays.place_small()
    area, mean, name = (column["values"] for column in table["columns"])
    assert (area["dtype"], mean["dtype"], name) == ("uint16", "float64", ["a", "b"])
    assert host.array(area).tolist() == [1, 2]
    assert area["block"] == mean["block"]
    assert blocks_in({"deep": [table]}) == {area["block"]}
    back = decode_value(table, "inputs.table", arrays)
    assert isinstance(back, Table)
    assert pandas.DataFrame(back).equals(frame)
    arrays.close()


def test_no_other_library_is_asked_what_it_is() -> None:
    class Frame:
        columns = ("a", "b")

        def __getitem__(self, name: str) -> Any:
            return {"a": (1, None), "b": ["x", "y"]}[name]

    assert encoded(Frame()) == {"a": [1, None], "b": ["x", "y"]}


cells = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
tables = st.integers(0, 4).flatmap(
    lambda rows: st.dictionaries(st.text(), st.lists(cells, min_size=rows, max_size=rows))
)


@given(tables)
def test_every_table_survives_the_wire(columns: dict[str, Any]) -> None:
    table = decode_value(encode_value(Table(columns), "t", None), "t", None)
    assert isinstance(table, Table)
    assert table == columns
    assert list(table) == list(columns)


def test_a_worker_takes_and_returns_tables(worker: WorkerProcess, host: Host, tmp_path: Path) -> None:
    path = tmp_path / "tabular.py"
    path.write_text(
        "from typing import Any\nfrom alcove import op\n"
        "@op\ndef totals(table: Any) -> Any:\n"
        "    import pandas\n"
        "    frame = pandas.DataFrame(table)\n"
        "    frame['total'] = frame['a'] + frame['b']\n"
        "    return {'kind': type(table).__name__, 'table': frame}\n"
        "@op\ndef same(table: Any) -> Any:\n    return [table]\n"
    )
    worker.load(path)
    b = host.share(numpy.array([0.5, 1.5]))
    table = {"$type": "table", "columns": [{"name": "a", "values": [1, 2]}, {"name": "b", "values": b}]}
    result = worker.call("totals", table=table)["result"]
    assert result["kind"] == "Table"
    columns = {column["name"]: host.array(column["values"]).tolist() for column in result["table"]["columns"]}
    assert columns == {"a": [1, 2], "b": [0.5, 1.5], "total": [1.5, 3.5]}
    # An array that came in a table is described in its own place, and is on loan like any other.
    (again,) = worker.call("same", table=table)["result"]
    assert again["columns"][1]["values"]["block"] == b["block"]
    assert again["columns"][0]["values"] == [1, 2]
