"""``map``: one request, many rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from worker_process import Failure, Host, WorkerProcess

NAN = {"$type": "float", "value": "NaN"}


@pytest.fixture
def worker(worker: WorkerProcess) -> WorkerProcess:
    worker.load("rows.py")
    return worker


def map_rows(worker: WorkerProcess, op: str, columns: list[Any], rows: list[Any], **more: Any) -> dict[str, Any]:
    return worker.reply(worker.send_map(op, columns, rows, **more))


def failure_of(worker: WorkerProcess, op: str, columns: Any, rows: Any, **more: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        map_rows(worker, op, columns, rows, **more)
    return failure.value


def test_each_row_is_a_call(worker: WorkerProcess) -> None:
    result = map_rows(worker, "add", ["b", "a"], [[1, 2], [3, 4], [-1, 2**100]])
    assert result == {"columns": ["result"], "rows": [[3], [7], [2**100 - 1]], "errors": {}, "kept": []}
    assert map_rows(worker, "add", ["a"], [[1], [2]], inputs={"b": 10})["rows"] == [[11], [12]]
    assert map_rows(worker, "add", ["a"], [[1], [2]])["rows"] == [[2], [3]]


def test_what_a_row_changes_is_not_changed_for_the_next(worker: WorkerProcess) -> None:
    assert map_rows(worker, "collect", ["a"], [[1], [2]])["rows"] == [[1], [1]]
    common = {"values": [0], "table": {"$type": "table", "columns": [{"name": "a", "values": [0]}]}}
    assert map_rows(worker, "collect", ["a"], [[1], [2]], inputs=common)["rows"] == [[22], [22]]


def test_no_rows_no_columns_no_outputs(worker: WorkerProcess) -> None:
    assert map_rows(worker, "add", ["a"], []) == {"columns": ["result"], "rows": [], "errors": {}, "kept": []}
    assert map_rows(worker, "no_inputs", [], [[], []])["rows"] == [[7], [7]]
    assert map_rows(worker, "add", [], [[], []], inputs={"a": 1})["rows"] == [[2], [2]]
    assert map_rows(worker, "nothing", ["a"], [[1], [2]]) == {"columns": [], "rows": [[], []], "errors": {}, "kept": []}
    assert worker.call("called") == {"result": [1, 2]}


def test_columns_stand_in_any_order(worker: WorkerProcess) -> None:
    for op in ("subtract", "by_keyword", "wrapped"):
        assert map_rows(worker, op, ["b", "a"], [[1, 10], [2, 20]])["rows"] == [[9], [18]], op
        assert map_rows(worker, op, ["b"], [[1], [2]], inputs={"a": 10})["rows"] == [[9], [8]], op
        assert map_rows(worker, op, ["a"], [[1], [2]], inputs={"b": 10})["rows"] == [[-9], [-8]], op
    assert map_rows(worker, "subtract", ["a", "scale"], [[3, 2], [5, 0.5]], inputs={"b": 1})["rows"] == [[4.0], [2.0]]


def test_several_outputs(worker: WorkerProcess) -> None:
    for on_error in ("stop", "continue"):
        result = map_rows(worker, "division", ["a", "b"], [[7, 2], [9, 4]], on_error=on_error)
        assert (result["columns"], result["rows"]) == (["whole", "rest"], [[3, 1.0], [2, 1.0]])
        # Each row's outputs are taken before the next row can change them.
        assert map_rows(worker, "same_object", ["a"], [[1], [2]], on_error=on_error)["rows"] == [[1, "1"], [2, "2"]]


def test_cells_are_scalars(worker: WorkerProcess) -> None:
    cells = [None, True, 3, 2.0, "µ", NAN, {"$type": "complex", "real": 1, "imag": -0.0}]
    rows = map_rows(worker, "describe", ["value"], [[cell] for cell in cells])["rows"]
    assert rows == [
        ["NoneType None"],
        ["bool True"],
        ["int 3"],
        ["float 2.0"],
        ["str 'µ'"],
        ["float nan"],
        ["complex (1-0j)"],
    ]
    no_scalars: list[Any] = [
        [1],
        {"a": 1},
        {"$type": "bytes", "base64": ""},
        {"$type": "object", "value": {}},
        {"$type": "table", "columns": []},
        {"$type": "ndarray", "block": None, "offset": 0, "dtype": "uint8", "shape": [0]},
        {"$type": "float", "value": "nan"},
        {"$type": 5},
    ]
    errors = map_rows(worker, "describe", ["value"], [[cell] for cell in no_scalars], on_error="continue")["errors"]
    assert list(errors) == [str(index) for index in range(len(no_scalars))]
    assert {(error["data"]["kind"], error["data"]["path"]) for error in errors.values()} == {
        ("invalid_params", "inputs.value")
    }


def test_it_stops_at_the_first_row_that_fails(worker: WorkerProcess) -> None:
    rows: list[Any] = [[1], [0], [2], ["x"]]
    failure = failure_of(worker, "divide", ["b"], rows, inputs={"a": 1})
    assert (failure.kind, failure.data["type"], failure.data["row"]) == ("op_failed", "ZeroDivisionError", 1)
    assert failure.data["frames"][0]["function"] == "divide"
    assert failure_of(worker, "divide", ["b"], rows[2:], inputs={"a": 1}).data["row"] == 1
    failure_of(worker, "nothing", ["a"], [[1], [True], [3]], on_error="stop")
    assert worker.call("called") == {"result": [1]}
    failure = failure_of(worker, "text_of_three", ["a"], [[2], [3], [4]])
    assert (failure.kind, failure.data["type"], failure.data["row"]) == ("op_failed", "TypeError", 1)
    assert worker.call("called") == {"result": [2, 3]}


def test_or_tells_each_failure_beside_the_results(worker: WorkerProcess) -> None:
    rows: list[Any] = [[2, 1], [0, 1], [1, 1, 1], [], "row", None, {"b": 1}, [1, True], [4, 1]]
    result = map_rows(worker, "divide", ["b", "a"], rows, on_error="continue")
    assert result["rows"] == [[0.5], None, None, None, None, None, None, None, [0.25]]
    found = {row: (error["data"]["kind"], error["data"].get("path")) for row, error in result["errors"].items()}
    assert found == {
        "1": ("op_failed", None),
        **{str(row): ("invalid_params", f"rows[{row}]") for row in range(2, 7)},
        "7": ("invalid_params", "inputs.a"),
    }
    assert result["errors"]["1"]["code"] == -32000
    assert result["errors"]["1"]["message"].startswith("ZeroDivisionError")


def test_no_row_is_run_twice(worker: WorkerProcess) -> None:
    """However a row fails, the ones after it go on where it was."""
    rows: list[Any] = [[1], [5], [2], ["x"], [6], [1]]
    result = map_rows(worker, "out_of_items", ["a"], rows, on_error="continue")
    assert result["rows"] == [[1], None, [2], None, None, [1]]
    assert [result["errors"][row]["data"].get("type") for row in "134"] == ["StopIteration", None, "StopIteration"]
    assert worker.call("called") == {"result": [1, 5, 2, 6, 1]}
    fitting = [row for row in rows if row != ["x"]]
    assert list(map_rows(worker, "out_of_items", ["a"], fitting, on_error="continue")["errors"]) == ["1", "3"]
    assert worker.call("called") == {"result": [1, 5, 2, 6, 1]}
    assert failure_of(worker, "out_of_items", ["a"], [[1], [5], [2]]).data["row"] == 1
    assert worker.call("called") == {"result": [1, 5]}
    result = map_rows(worker, "text_of_three", ["a"], [[2], [3], [4]], on_error="continue")
    assert (result["rows"], list(result["errors"])) == ([[2], None, [4]], ["1"])
    assert worker.call("called") == {"result": [2, 3, 4]}


def test_rows_are_checked_like_calls(worker: WorkerProcess) -> None:
    rows: list[Any] = [[0], [11], [NAN], ["1"], [True], [None]]
    errors = map_rows(worker, "scaled", ["value"], rows, on_error="continue")["errors"]
    assert list(errors) == ["1", "2", "3", "4", "5"]
    assert errors["1"]["data"]["expected"] == "a float from 0 to 10"
    rows = [[1, "sum"], [2.5, "product"], [3, "mean"]]
    result = map_rows(worker, "scaled", ["value", "method"], rows, on_error="continue")
    assert result["rows"] == [[3.0], [5.0], None]
    assert result["errors"]["2"]["data"]["path"] == "inputs.method"


def test_whatever_a_row_raises_the_others_run(worker: WorkerProcess) -> None:
    result = map_rows(worker, "exit_at", ["a"], [[0], [1], [2]], on_error="continue")
    assert result["rows"] == [[0], None, [2]]
    assert result["errors"]["1"]["data"]["type"] == "SystemExit"


def test_an_array_in_an_output_is_the_rows_error(worker: WorkerProcess) -> None:
    result = map_rows(worker, "array_of", ["count"], [[0], [2]], on_error="continue")
    assert result["rows"] == [[[]], None]
    error = result["errors"]["1"]["data"]
    assert (error["kind"], error["path"], error["type"]) == (
        "unencodable_output",
        "outputs.result[0]",
        "numpy.ndarray",
    )
    assert worker.request("status")["pooled_bytes"] == 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"columns": None}, "columns"),
        ({"columns": "a"}, "columns"),
        ({"columns": ["a", "c"]}, "columns[1]"),
        ({"columns": [5]}, "columns[0]"),
        ({"columns": [["a"]]}, "columns[0]"),
        ({"columns": ["a", "a"]}, "columns[1]"),
        ({"inputs": {"a": 1}}, "columns[0]"),
        ({"rows": None}, "rows"),
        ({"rows": {}}, "rows"),
        ({"inputs": None}, "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": {"c": 1}}, "inputs.c"),
        ({"inputs": {"b": True}}, "inputs.b"),
        ({"inputs": {"b": {"$type": "x"}}}, "inputs.b"),
        ({"columns": ["b"]}, "inputs.a"),
        ({"on_error": "ignore"}, "on_error"),
        ({"on_error": None}, "on_error"),
        ({"on_error": ["stop"]}, "on_error"),
        ({"adapt": "maybe"}, "adapt"),
        ({"adapt": None}, "adapt"),
    ],
)
def test_what_is_wrong_with_the_whole_is_no_rows_error(
    worker: WorkerProcess, change: dict[str, Any], path: str
) -> None:
    params: dict[str, Any] = {"columns": ["a"], "rows": [[1]], "on_error": "continue", **change}
    failure = failure_of(worker, "add", **params)
    assert (failure.kind, failure.data["path"]) == ("invalid_params", path)
    assert "row" not in failure.data


def test_columns_and_rows_must_be_there(worker: WorkerProcess) -> None:
    op = worker.load("rows.py")["add"]["id"]
    for given, path in (({"rows": []}, "columns"), ({"columns": ["a"]}, "rows")):
        with pytest.raises(Failure) as failure:
            worker.request("map", op=op, **given)
        assert failure.value.data["path"] == path


def test_common_arrays_are_mapped_once_and_let_go(host: Host, worker: WorkerProcess) -> None:
    values = host.share(numpy.array([1.5, 2.5, 3.5]))
    result = map_rows(worker, "pick", ["index"], [[2], [0], [9]], inputs={"values": values}, on_error="continue")
    assert result["rows"] == [[3.5], [1.5], None]
    assert result["errors"]["2"]["data"]["type"] == "IndexError"
    assert result["kept"] == []
    assert map_rows(worker, "keep", ["index"], [[0], [1]], inputs={"values": values})["kept"] == [values["block"]]
    failure = failure_of(worker, "keep", ["index"], [[0], [""]], inputs={"values": values})
    assert (failure.data["row"], failure.data["kept"]) == (1, [values["block"]])


def test_common_arrays_are_fitted_as_in_a_call(host: Host, worker: WorkerProcess) -> None:
    image = host.share(numpy.arange(6, dtype="uint8").reshape(2, 3), axes="x y")
    assert map_rows(worker, "threshold", ["level"], [[0], [4]], inputs={"image": image})["rows"] == [[5.0], [1.0]]
    stack = host.share(numpy.zeros((2, 2, 2), "uint8"), axes="z y x")
    rows = map_rows(worker, "threshold", ["level"], [[0]], inputs={"image": stack})["rows"]
    assert rows == [[[0.0, 0.0]]]
    failure = failure_of(worker, "threshold", ["level"], [[0]], inputs={"image": stack}, adapt="strict")
    assert (failure.kind, failure.data["path"]) == ("invalid_params", "inputs.image")


def test_common_arrays_are_converted_once(host: Host, worker: WorkerProcess) -> None:
    image = host.share(numpy.arange(6, dtype="uint8").reshape(2, 3), axes="y x")
    rows = map_rows(worker, "address", ["a"], [[1], [2], [3]], inputs={"image": image})["rows"]
    assert rows[0][0][1:] == ["float32", False]
    assert rows[0] == rows[1] == rows[2]
    wide = host.share(numpy.zeros((2, 3), "float64"), axes="y x")
    failure = failure_of(worker, "address", ["a"], [[1]], inputs={"image": wide})
    assert (failure.kind, failure.data["path"]) == ("invalid_params", "inputs.image")
    assert (
        map_rows(worker, "address", ["a"], [[1]], inputs={"image": wide}, adapt="convert")["rows"][0][0][1] == "float32"
    )


def test_progress_counts_rows(worker: WorkerProcess) -> None:
    map_rows(worker, "slow", ["a"], [[index] for index in range(100)])
    updates = worker.take_notifications("progress")
    fractions = [update["fraction"] for update in updates]
    assert (updates[0]["fraction"], updates[0]["message"]) == (0.0, "row 1 of 100")
    assert (updates[-1]["fraction"], updates[-1]["message"]) == (1.0, "row 100 of 100")
    assert len(fractions) > 2
    assert fractions == sorted(fractions)


def test_a_row_that_lasts_is_told(worker: WorkerProcess, tmp_path: Path) -> None:
    """Between rows that are run in bulk nothing is said; of one that hangs the host must hear which it is."""
    file = tmp_path / "go on"
    running = worker.send_map(
        "wait_at", ["a"], [[index] for index in range(1000)], inputs={"row": 700, "file": str(file)}
    )
    while (update := worker.notification("progress"))["fraction"] != 0.7:
        assert update["fraction"] < 0.7
    assert update["message"] == "row 701 of 1000"
    file.touch()
    assert len(worker.reply(running)["rows"]) == 1000


def test_an_ops_own_progress_is_a_part_of_its_rows(worker: WorkerProcess) -> None:
    map_rows(worker, "reporting", ["a"], [[1], [2]])
    fractions = [update["fraction"] for update in worker.take_notifications("progress")]
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert fractions == sorted(fractions)


def test_a_cancel_comes_between_two_rows(worker: WorkerProcess) -> None:
    running = worker.send_map("slow", ["a"], [[index] for index in range(100_000)], on_error="continue")
    worker.notification("progress")
    worker.notify("cancel", id=running)
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(running)


def test_a_cancel_interrupts_a_row(worker: WorkerProcess) -> None:
    running = worker.send_map("loop", ["a"], [[0], [1], [1]], on_error="continue")
    worker.notification("progress")
    worker.notify("cancel", id=running)
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(running)
    assert map_rows(worker, "add", ["a"], [[1]])["rows"] == [[2]]


def test_a_queued_map_is_cancelled_at_once(worker: WorkerProcess) -> None:
    running = worker.send_map("slow", ["a"], [[index] for index in range(100_000)])
    worker.notification("progress")
    queued = worker.send_map("add", ["a"], [[1]])
    worker.notify("cancel", id=queued)
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(queued)
    worker.notify("cancel", id=running)
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(running)


def test_many_rows_in_one_request(worker: WorkerProcess) -> None:
    rows = [[index, index] for index in range(50_000)]
    assert map_rows(worker, "add", ["a", "b"], rows)["rows"] == [[2 * index] for index in range(50_000)]


def test_a_result_that_is_too_long_is_told(start: Callable[..., WorkerProcess]) -> None:
    worker = start()
    worker.initialize(max_line_bytes=5000)
    worker.load("arithmetic.py")
    failure = failure_of(worker, "repeat", ["times"], [[1], [10_000]], inputs={"text": "x"})
    assert failure.kind == "message_too_large"
    assert "row" not in failure.data
    assert map_rows(worker, "repeat", ["times"], [[1]], inputs={"text": "x"})["rows"] == [["x"]]


def test_a_forked_child_does_not_go_on_with_the_rows(start: Callable[..., WorkerProcess], tmp_path: Path) -> None:
    worker = start(variables={"FORKS": str(tmp_path / "forks")})
    worker.initialize()
    worker.load("rows.py")
    result = map_rows(worker, "fork_and_leave", ["a"], [[0], [1], [2], [3]], on_error="continue")
    assert result["rows"] == [[0], [1], [2], [3]]
    assert (tmp_path / "forks").read_text() == "xxxx"


def map_columns(worker: WorkerProcess, op: str, columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The result of a map of columns; what stands in blocks of the worker's is given back."""
    given = [{"name": name, "values": values} for name, values in columns.items()]
    return worker.request("map", op=worker.load("rows.py")[op]["id"], columns=given, **more)


def test_columns_may_be_arrays(host: Host, worker: WorkerProcess) -> None:
    numbers = numpy.arange(10_000)
    columns = {"b": host.share(numbers.astype("uint16")), "a": host.share(numbers * 3)}
    result = map_columns(worker, "subtract", columns)
    assert (result.keys(), result["errors"], result["kept"]) == ({"columns", "errors", "kept"}, {}, [])
    (column,) = result["columns"]
    assert (column["name"], column["values"]["dtype"], column["values"]["shape"]) == ("result", "float64", [10_000])
    assert (host.array(column["values"]) == numbers * 2).all()
    worker.release(column["values"]["block"])
    again = map_columns(worker, "subtract", columns)["columns"][0]["values"]
    assert again["block"] == column["values"]["block"], "the block is used again"
    two = map_columns(worker, "division", {"a": columns["a"], "b": [4] * 10_000})["columns"]
    assert [each["name"] for each in two] == ["whole", "rest"]
    assert (host.array(two[0]["values"]) == numbers * 3 // 4).all()
    assert (host.array(two[1]["values"]) == numbers * 3 % 4).all()


def test_cells_of_arrays_are_pythons_own(host: Host, worker: WorkerProcess) -> None:
    words = ["int 1", "int 0"]
    for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        values = host.share(numpy.array([1, 0], dtype))
        assert map_columns(worker, "describe", {"value": values})["columns"][0]["values"] == words, dtype
    for dtype, words in (
        ("bool", ["bool True", "bool False"]),
        ("float32", ["float 1.0", "float 0.0"]),
        ("float64", ["float 1.0", "float 0.0"]),
        ("float16", ["float 1.0", "float 0.0"]),
        ("complex64", ["complex (1+0j)", "complex 0j"]),
    ):
        values = host.share(numpy.array([1, 0], dtype))
        assert map_columns(worker, "describe", {"value": values})["columns"][0]["values"] == words, dtype


def test_numbers_need_no_numpy(host: Host, worker: WorkerProcess) -> None:
    result = map_columns(worker, "has_numpy", {"a": host.share(numpy.zeros(3, "int32"))})["columns"][0]["values"]
    assert result["dtype"] == "bool"
    assert host.array(result).tolist() == [False, False, False]


def test_outputs_that_no_array_holds_are_lists(host: Host, worker: WorkerProcess) -> None:
    a = host.share(numpy.array([2, 3]))
    assert map_columns(worker, "half", {"a": a})["columns"][0]["values"] == [1, 1.5]
    assert map_columns(worker, "add", {"a": [1, 2**63 - 1], "b": a})["columns"][0]["values"] == [3, 2**63 + 2]
    cells = [NAN, 2, {"$type": "complex", "real": 0.5, "imag": 1.0}, None, "a"]
    assert map_columns(worker, "echo", {"value": cells})["columns"][0]["values"] == cells
    floats = map_columns(worker, "echo", {"value": [NAN, 1.5]})["columns"][0]["values"]
    assert numpy.isnan(host.array(floats)).tolist() == [True, False]
    assert map_columns(worker, "nothing", {"a": a})["columns"] == []
    empty = host.share(numpy.zeros(0))
    assert map_columns(worker, "half", {"a": empty})["columns"][0]["values"] == []


def test_a_row_of_columns_fails_alone(host: Host, worker: WorkerProcess) -> None:
    b = host.share(numpy.array([0.0, 2.0, 4.0]))
    result = map_columns(worker, "divide", {"a": [1, 1, "x"], "b": b}, on_error="continue")
    values = host.array(result["columns"][0]["values"])
    assert (numpy.isnan(values[[0, 2]]).all(), values[1]) == (True, 0.5)
    found = {row: (error["data"]["kind"], error["data"].get("path")) for row, error in result["errors"].items()}
    assert found == {"0": ("op_failed", None), "2": ("invalid_params", "inputs.a")}
    whole = map_columns(worker, "text_of_three", {"a": host.share(numpy.array([3, 2]))}, on_error="continue")
    assert host.array(whole["columns"][0]["values"]).tolist() == [0, 2]
    with pytest.raises(Failure) as failure:
        map_columns(worker, "divide", {"a": [1, 1], "b": [2, 0]})
    assert (failure.value.kind, failure.value.data["row"]) == ("op_failed", 1)


def test_what_is_wrong_with_columns(worker: WorkerProcess) -> None:
    op = worker.load("rows.py")["add"]["id"]
    wrong: list[tuple[Any, str]] = [
        ([{"name": "a"}], "columns[0].values"),
        ([{"name": "a", "values": 5}], "columns[0].values"),
        ([{"name": "a", "values": {"$type": "float", "value": "NaN"}}], "columns[0].values"),
        ([{"name": "c", "values": []}], "columns[0]"),
        ([{"values": []}], "columns[0]"),
        ([{"name": "a", "values": []}, "b"], "columns[0]"),
        ([{"name": "a", "values": [1]}, {"name": "a", "values": [1]}], "columns[1]"),
        ([{"name": "a", "values": [1]}, {"name": "b", "values": [1, 2]}], "columns[1].values"),
        ([{"name": "a", "values": {"$type": "ndarray", "dtype": "int8", "shape": [0, 2]}}], "columns[0].values"),
        ([{"name": "a", "values": {"$type": "ndarray", "dtype": "int8", "shape": [2]}}], "columns[0].values"),
    ]
    for columns, path in wrong:
        with pytest.raises(Failure) as failure:
            worker.request("map", op=op, columns=columns, on_error="continue")
        assert (failure.value.kind, failure.value.data["path"]) == ("invalid_params", path)


def test_columns_whose_block_is_not_there_or_too_small(host: Host, worker: WorkerProcess) -> None:
    for block in (f"{host.prefix}-h-99", host.block(8)):
        values = {"$type": "ndarray", "block": block, "offset": 0, "dtype": "int64", "shape": [2]}
        with pytest.raises(Failure) as failure:
            map_columns(worker, "add", {"a": values})
        assert (failure.value.kind, failure.value.data["block"]) == ("array_unavailable", block)


def test_without_room_the_outputs_are_lists(host: Host, start: Callable[..., WorkerProcess]) -> None:
    worker = start()
    worker.initialize(memory={"directory": str(host.directory), "prefix": worker.prefix, "quota_bytes": 4096})
    worker.load("rows.py")
    values = map_columns(worker, "add", {"a": host.share(numpy.arange(513))})["columns"][0]["values"]
    assert values == list(range(1, 514))
    assert worker.request("status")["pooled_bytes"] == 0


def test_the_block_of_a_column_can_be_forgotten_after_a_failure(host: Host, worker: WorkerProcess) -> None:
    values = host.share(numpy.array([2.0, 0.0]))
    for _ in range(2):
        with pytest.raises(Failure) as failure:
            map_columns(worker, "divide", {"b": values}, inputs={"a": 1})
        assert "kept" not in failure.value.data
        worker.notify("forget", blocks=[values["block"]])
    assert map_rows(worker, "add", ["a"], [[1]])["rows"] == [[2]]
