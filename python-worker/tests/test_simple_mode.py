"""Simple mode: a program that calls one op, as shells and other programs use it."""

from __future__ import annotations

import json
import os
import pty
import signal
from pathlib import Path
from typing import Any

import pytest
from leftovers import DEADLINE
from pythons import find_pythons
from simple_program import IMAGE, OPS, Program, Result, axes, loaded


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_plain_values(program: Program) -> None:
    result = program.run("greet", {"name": "Zoë", "times": 2})
    assert result.outputs == {"result": "hello Zoë hello Zoë "}
    assert result.errors == ""
    assert program.run("greet", {}).outputs == {"result": "hello world "}
    assert program.run("echo", {"value": {"$type": "float", "value": "NaN"}}).output == (
        b'{"result":{"$type":"float","value":"NaN"}}\n'
    )
    assert program.files() == set()


@pytest.mark.parametrize("text", [b"", b"\n \r\n", b"{}", b"\xef\xbb\xbf{}\r\n"])
def test_what_shells_make_of_nothing(program: Program, text: bytes) -> None:
    assert program.run("greet", text).outputs == {"result": "hello world "}


@pytest.mark.parametrize("python", list(find_pythons().values()), ids=list(find_pythons()))
def test_every_python_alone(program: Program, python: str) -> None:
    assert program.run("greet", {"name": "ü"}, python=python).outputs == {"result": "hello ü "}
    assert program.run("fail", python=python).error["type"] == "ZeroDivisionError"
    assert program.run("greet", {"name": 5}, python=python).error["path"] == "inputs.name"


def test_what_the_op_says_goes_to_standard_error(program: Program) -> None:
    result = program.run("speak")
    assert result.outputs == {"result": True}
    assert sorted(result.errors.splitlines()) == ["from below Python", "from the op", "take care"]


def test_progress_and_log_lines(program: Program) -> None:
    result = program.run("speak", {}, "--progress", "json")
    assert result.outputs == {"result": True}
    lines = result.errors.splitlines()
    assert {"from the op", "from below Python"} <= set(lines)
    messages = [json.loads(line) for line in lines if line.startswith("{")]
    assert {message["jsonrpc"] for message in messages} == {"2.0"}
    (log,) = [message["params"] for message in messages if message["method"] == "log"]
    assert log == {"id": 1, "level": "warning", "logger": "author", "message": "take care"}
    updates = [message["params"] for message in messages if message["method"] == "progress"]
    assert updates[-1] == {"id": 1, "fraction": 1.0, "message": "working"}


def test_adapting(program: Program) -> None:
    image = program.save("in.npy", IMAGE[None], axes=axes("t y x"))
    assert loaded(program.run("double", {"image": image}).outputs["image"]).shape == (1, 2, 3)
    error = program.run("double", {"image": image}, "--adapt", "strict").error
    assert (error["kind"], error["expected"]) == ("invalid_params", "axes y x")


def test_failures_of_the_op(program: Program) -> None:
    result = program.run("fail")
    assert result.error["frames"][0]["function"] == "fail"
    assert "ZeroDivisionError" in result.errors
    result = program.run("fail", {"hint": True})
    assert (result.error["kind"], result.error["hint"]) == ("op_failed", "Plug it in.")
    assert result.errors == "error: The camera is off.\nhint: Plug it in.\n"
    for code in (0, 3):
        assert program.run("leave", {"code": code}).error["type"] == "SystemExit"
    result = program.run("leave_at_once", {"code": 7})
    assert (result.code, result.output) == (7, b"")


def test_bad_inputs(program: Program) -> None:
    for text in (b"{", b"nope", b"\xff{}", b'{"times": NaN}', b"{} {}"):
        assert program.run("greet", text).error["kind"] == "parse_error"
    for text in (b"[]", b"5", b"null"):
        assert program.run("greet", text).error["path"] == "inputs"
    result = program.run("greet", {"times": True})
    assert (result.error["path"], result.error["expected"]) == ("inputs.times", "an integer")
    assert result.errors == "error: input times must be an integer\n"
    assert program.run("greet", {"other": 1}).error["path"] == "inputs.other"
    assert program.run("echo", {"value": {"$type": "nope"}}).error["path"] == "inputs.value"
    result = program.run("great")
    assert result.error["kind"] == "op_not_found"
    assert "greet" in result.errors


def test_op_files_with_mistakes(program: Program) -> None:
    file = program.folder / "wrong.py"
    file.write_text("from alcove import op\n@op\ndef f(a) -> int: return 1\n")
    result = program.run("f", file=file)
    assert result.error["mistakes"][0]["line"] in (2, 3)
    assert result.errors.startswith(f"error: {file}:")
    assert "\nhint: " in result.errors
    assert program.run("f", file=program.folder / "missing.py").error["kind"] == "load_failed"


def test_the_last_colon_counts(program: Program) -> None:
    folder = program.folder / "a:b ü"
    folder.mkdir()
    (folder / "ops.py").write_text(OPS.read_text("utf-8"), "utf-8")
    assert program.run("greet", file=folder / "ops.py").outputs == {"result": "hello world "}


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "ops.py"],
        ["run", "ops.py:"],
        ["run", ":op"],
        ["run", f"{OPS}:greet", "--adapt", "never"],
        ["run", f"{OPS}:greet", "--progress", "xml"],
        ["run", f"{OPS}:greet", "--memory", "missing"],
        ["run", f"{OPS}:greet", "--output", str(OPS)],
        ["run", f"{OPS}:greet", "--nope"],
        ["walk"],
        [],
    ],
    ids=" ".join,
)
def test_wrong_command_lines(program: Program, arguments: list[str]) -> None:
    process = program.start(*arguments)
    output, errors = process.communicate(b"{}", DEADLINE)
    assert (process.returncode, output) == (2, b"")
    assert b"usage: " in errors
    assert b"Traceback" not in errors


def test_help(program: Program) -> None:
    process = program.start("run", "--help")
    output, errors = process.communicate(b"", DEADLINE)
    assert (process.returncode, errors) == (0, b"")
    assert all(
        word in output for word in (b"OPFILE:OP", b"--output", b"--memory", b"--adapt", b"--progress", b"example:")
    )


def test_without_standard_input(program: Program) -> None:
    leader, follower = pty.openpty()
    with open(leader, "rb"), open(follower, "rb"):
        process = program.start("run", f"{OPS}:greet", stdin=follower)
        output, errors = process.communicate(timeout=DEADLINE)
    assert (process.returncode, output) == (2, b"")
    assert b"expected the inputs on standard input" in errors
    closed = program.start("run", f"{OPS}:greet", stdin=None, preexec_fn=lambda: os.close(0))
    assert b"expected the inputs" in closed.communicate(timeout=DEADLINE)[1]
    assert closed.returncode == 2


def started(program: Program, op: str, inputs: dict[str, Any], waiting_for: bytes) -> Any:
    """The program once its op has told the progress."""
    process = program.start("run", f"{OPS}:{op}", "--progress", "json")
    process.stdin.write(json.dumps(inputs).encode())
    process.stdin.close()
    for line in process.stderr:
        if waiting_for in line:
            return process
    raise AssertionError(f"no {waiting_for!r}")


def ended(process: Any) -> Result:
    output = process.stdout.read()
    errors = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    return Result(process.wait(DEADLINE), output, errors)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("op", "inputs", "said"),
    [("wait", {}, b"waiting"), ("wait", {"stubborn": True}, b"waiting"), ("wait_while_written", {}, b"writing")],
)
def test_cancelling(program: Program, number: int, op: str, inputs: dict[str, Any], said: bytes) -> None:
    process = started(program, op, inputs, said)
    process.send_signal(number)
    result = ended(process)
    assert result.error["kind"] == "cancelled"
    assert "Traceback" not in result.errors
    assert program.files() == set()


def test_cancelling_before_the_inputs_came(program: Program) -> None:
    file = program.folder / "ops.py"
    file.write_text(OPS.read_text("utf-8") + "\n\nprint('loading')\n", "utf-8")
    process = program.start("run", f"{file}:greet")
    assert process.stderr.readline() == b"loading\n"
    process.send_signal(signal.SIGINT)
    result = ended(process)
    process.stdin.close()
    assert result.error["kind"] == "cancelled"
    assert result.errors == "error: cancelled\n"


def test_once_files_get_their_names_all_get_them(program: Program) -> None:
    outputs = program.run("interrupt_the_renaming").outputs["result"]
    assert [loaded(output).size for output in outputs] == [1, 2]


def test_a_kill_leaves_no_output_in_its_place(program: Program) -> None:
    process = started(program, "wait_while_written", {}, b"writing")
    process.kill()
    assert ended(process).output == b""
    left = program.files()
    assert ".result-first.npy" in " ".join(left)
    assert all(name.startswith(".") for name in left)


def test_children_of_the_op(program: Program) -> None:
    result = program.run("return_twice")
    assert result.outputs["result"] > 0
    assert result.errors == ""
    result = program.run("end_children")
    assert (result.outputs, result.errors) == ({"result": 3}, "")
