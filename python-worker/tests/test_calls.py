"""Calls: how arguments are checked and converted, and how failures come back."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from worker_process import OP_FILES, Failure, Host, WorkerProcess


def failure_of(worker: WorkerProcess, op: str, **inputs: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        worker.call(op, **inputs)
    return failure.value


def line_in(file: str, text: str) -> int:
    lines = (OP_FILES / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


NAN = {"$type": "float", "value": "NaN"}
INFINITY = {"$type": "float", "value": "Infinity"}


def test_arguments_are_checked(worker: WorkerProcess) -> None:
    worker.load("arithmetic.py")
    refused: list[tuple[str, dict[str, Any], str, str]] = [
        ("add", {"a": True}, "inputs.a", "an integer"),
        ("add", {"a": 3.0}, "inputs.a", "an integer"),
        ("add", {"a": "3"}, "inputs.a", "an integer"),
        ("add", {"a": None}, "inputs.a", "an integer"),
        ("add", {"a": [1]}, "inputs.a", "an integer"),
        ("add", {}, "inputs.a", "a value"),
        ("add", {"a": 1, "c": 2}, "inputs.c", "one of a, b"),
        ("halve", {"value": -0.1}, "inputs.value", "a float from 0 to 10"),
        ("halve", {"value": 11}, "inputs.value", "a float from 0 to 10"),
        ("halve", {"value": NAN}, "inputs.value", "a float from 0 to 10"),
        ("halve", {"value": INFINITY}, "inputs.value", "a float from 0 to 10"),
        ("halve", {"value": False}, "inputs.value", "a float from 0 to 10"),
        ("choose", {"method": "mean"}, "inputs.method", "one of otsu, li"),
        ("choose", {"level": True}, "inputs.level", "one of 1, 2"),
        ("choose", {"level": 1.0}, "inputs.level", "one of 1, 2"),
        ("choose", {"name": 5}, "inputs.name", "a string or null"),
    ]
    for op, inputs, path, expected in refused:
        failure = failure_of(worker, op, **inputs)
        assert (failure.kind, failure.code) == ("invalid_params", -32602), (op, inputs)
        assert (failure.data["path"], failure.data["expected"]) == (path, expected)
        assert path.partition(".")[2] in failure.message


def test_what_fits_goes_in(worker: WorkerProcess) -> None:
    worker.load("arithmetic.py")
    assert worker.call("add", a=1) == {"result": 2}
    assert worker.call("add", a=2**200, b=-1) == {"result": 2**200 - 1}
    for value, half in ((0, 0.0), (10, 5.0), (2.5, 1.25)):
        assert worker.call("halve", value=value) == {"result": half}
    assert worker.call("choose") == {"result": "otsu 1 None"}
    assert worker.call("choose", method="li", level=2, name=None) == {"result": "li 2 None"}


def test_arguments_become_what_the_signature_says(worker: WorkerProcess) -> None:
    worker.load("typed.py")
    called = worker.call("kinds", path="a/b", choice="LI", number=1, maybe="c", many=["d"])
    path = type(OP_FILES).__name__
    assert called == {"result": [path, "Method", "float", path, path]}
    assert worker.call("measure it", paths=["a b/ü", "c"]) == {"count": 2, "mean": 1.0, "where": "a b/ü"}
    assert failure_of(worker, "measure it", paths=[], choice="li").data["expected"] == "one of OTSU, LI"
    assert failure_of(worker, "kinds", path="a", choice="LI", number=10**400).data["path"] == "inputs.number"


def test_several_outputs_come_by_their_names(worker: WorkerProcess) -> None:
    worker.load("typed.py")
    outputs = worker.call("find", shape=[2, 3])
    assert list(outputs) == ["labels", "points", "note"]
    assert (outputs["labels"]["shape"], outputs["points"]["shape"]) == ([2, 3], [0, 2])
    assert worker.call("one_number") == {"result": None}


def test_an_exception_tells_the_authors_line_first(worker: WorkerProcess) -> None:
    worker.load("failing.py")
    failure = failure_of(worker, "divide_by_zero")
    assert (failure.kind, failure.code) == ("op_failed", -32000)
    assert failure.message == "ZeroDivisionError: division by zero"
    assert failure.data["type"] == "ZeroDivisionError"
    assert failure.data["frames"] == [
        {"file": str(OP_FILES / "failing.py"), "line": line_in("failing.py", "return 1 / number"), "function": "inner"},
        {
            "file": str(OP_FILES / "failing.py"),
            "line": line_in("failing.py", "return inner(0)"),
            "function": "divide_by_zero",
        },
    ]
    assert failure.data["traceback"].startswith("Traceback (most recent call last)")
    assert "return 1 / number" in failure.data["traceback"]


def test_frames_of_the_library_come_after_the_authors(worker: WorkerProcess, tmp_path: Any) -> None:
    package = tmp_path / "site-packages" / "installed_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("def fail(): raise ValueError('deep')\n")
    path = tmp_path / "calls_library.py"
    path.write_text(
        f"import sys\nsys.path.append({str(package.parent)!r})\nimport installed_package\nfrom alcove import op\n"
        "@op\ndef f() -> None: installed_package.fail()\n"
    )
    worker.load(path)
    files = [frame["file"] for frame in failure_of(worker, "f").data["frames"]]
    assert files == [str(path), str(package / "__init__.py")]


def test_an_expected_failure_has_its_hint_and_details(worker: WorkerProcess) -> None:
    worker.load("failing.py")
    failure = failure_of(worker, "raise_op_error")
    assert failure.kind == "op_failed"
    assert failure.message == "The camera is off."
    assert failure.data["hint"] == "Plug it in."
    assert failure.data["details"] == {"cause": "camera", "volts": 0.5}
    assert failure.data["type"] == "OpError"


def test_details_that_are_no_json_are_told_as_text(worker: WorkerProcess) -> None:
    worker.load("failing.py")
    data = failure_of(worker, "raise_op_error_with_odd_details").data
    assert data["hint"] == "5"
    assert data["details"] == {"cause": "ValueError('x')", "level": NAN, "names": "{1}", "both": [1, "a"]}


def test_whatever_is_raised_the_worker_lives(worker: WorkerProcess) -> None:
    worker.load("failing.py")
    raised: list[tuple[str, dict[str, Any], str, str]] = [
        ("exit_the_program", {"code": 3}, "SystemExit", "SystemExit: 3"),
        ("exit_the_program", {"code": 0}, "SystemExit", "SystemExit: 0"),
        ("interrupt", {}, "KeyboardInterrupt", "KeyboardInterrupt"),
        ("leave_a_generator", {}, "GeneratorExit", "GeneratorExit"),
        ("recurse", {}, "RecursionError", "maximum recursion depth"),
        ("raise_strange_error", {}, "StrangeError", "StrangeError"),
        ("raise_from_itself", {}, "ValueError", "its own cause"),
        ("fail_in_library", {}, "JSONDecodeError", "Expecting property name"),
        ("raise_with_long_message", {"length": 2_000_000}, "ValueError", "xxx"),
    ]
    for op, inputs, kind, message in raised:
        failure = failure_of(worker, op, **inputs)
        assert (failure.kind, failure.data["type"]) == ("op_failed", kind), op
        assert message in failure.message
        assert failure.data["frames"][0]["function"]
        assert worker.request("status")["running"] is None


@pytest.mark.parametrize(
    "body",
    [
        "image += 1",
        "image[0, 0] = 1",
        "image.sort()",
        "raise ValueError('buffer source array is read-only')",  # Cython's words
        "raise TypeError('No matching definition for argument type(s) readonly array(uint8, 2d, C)')",  # Numba's
    ],
)
def test_writing_to_an_input_has_a_hint(host: Host, worker: WorkerProcess, tmp_path: Any, body: str) -> None:
    path = tmp_path / "writes.py"
    path.write_text(f"from alcove import Image, op\n@op\ndef f(image: Image) -> None:\n    {body}\n")
    worker.load(path)
    failure = failure_of(worker, "f", image=host.share(numpy.zeros((2, 2), "uint8"), axes="y x"))
    assert failure.kind == "op_failed"
    assert failure.data["hint"].startswith("inputs are read-only")
    assert "Annotated[Image, Writable]" in failure.data["hint"]


def test_a_missing_package_has_a_hint(worker: WorkerProcess) -> None:
    worker.load("failing.py")
    failure = failure_of(worker, "import_what_is_missing")
    assert failure.data["type"] == "ModuleNotFoundError"
    assert "no_such_package" in failure.data["hint"]


def test_an_exception_in_a_thread_is_not_the_calls(worker: WorkerProcess) -> None:
    worker.load("failing.py")
    assert worker.call("fail_in_thread") == {"result": "went on"}
    worker.error_line("ZeroDivisionError")
    worker.close_input()
    assert worker.wait() == 0


def test_what_cannot_be_sent_is_named_with_its_path(worker: WorkerProcess) -> None:
    worker.load("failing.py")
    returned = [
        ("object", ".stats[1].when", "datetime.datetime"),
        ("key", ".a", "a dictionary whose key 1 is no string"),
        ("set", "[0]", "set"),
        ("integer", "", "an integer of more than 1000 digits"),
        ("depth", ".a" * 190, "nested deeper than 190"),
        ("cycle", "[0]" * 190, "nested deeper than 190"),
        ("tagged depth", ".$type" * 95, "nested deeper than 190"),
        ("function", "", "function"),
    ]
    for kind, path, type_ in returned:
        failure = failure_of(worker, "return_what_cannot_be_sent", kind=kind)
        assert (failure.kind, failure.code) == ("unencodable_output", -32006)
        assert (failure.data["path"], failure.data["type"]) == ("outputs.result" + path, type_)
        assert failure.data["path"] in failure.message


def test_a_path_of_bytes_is_sent_as_text(worker: WorkerProcess) -> None:
    worker.load("failing.py")
    assert worker.call("return_bytes_path") == {"result": "/tmp/\udcff"}


def test_calls_are_answered_in_order_and_one_runs_at_a_time(worker: WorkerProcess) -> None:
    worker.load("arithmetic.py")
    ids = [worker.send_call("add", a=number) for number in range(200)]
    answered: list[tuple[int, int]] = []
    while len(answered) < len(ids):
        message = worker.message()
        answered.append((message["id"], message["result"]["outputs"]["result"]))
    assert answered == [(request, number + 1) for number, request in enumerate(ids)]
