"""Simple mode: a program that calls one op, as shells and other programs use it."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
import tifffile
from leftovers import DEADLINE, MARK
from pythons import find_pythons
from worker_process import OP_FILES, SOURCES, Host, describe_array

OPS = OP_FILES / "simple.py"
IMAGE = numpy.arange(6, dtype="uint8").reshape(2, 3)


class Result:
    """How the program ended and what it said."""

    def __init__(self, code: int, output: bytes, errors: bytes) -> None:
        self.code = code
        self.output = output
        self.errors = errors.decode("utf-8")

    @property
    def answer(self) -> dict[str, Any]:
        """What was printed, which must be one line of JSON."""
        assert self.output.isascii()
        assert self.output.count(b"\n") == 1, self.errors
        answer: dict[str, Any] = json.loads(self.output)
        return answer

    @property
    def outputs(self) -> dict[str, Any]:
        assert self.code == 0, self.output
        assert "Traceback" not in self.errors
        return self.answer

    @property
    def error(self) -> dict[str, Any]:
        """Message and data of the error."""
        assert self.code == 1, self.errors
        error: dict[str, Any] = self.answer["error"]
        return {"message": error["message"], **error["data"]}


class Program:
    """Starts the program in a folder, which is where its files go by themselves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, *arguments: Any, python: str = sys.executable, path: str = "", **options: Any) -> Any:
        name, _, value = MARK.partition("=")
        inherited = {key: item for key, item in os.environ.items() if not key.startswith("PYTHON")}
        paths = os.pathsep.join(filter(None, [path, str(SOURCES)]))
        variables = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1", "PYTHONPATH": paths, name: value}
        return subprocess.Popen(
            [python, "-m", "alcove", *map(str, arguments)],
            cwd=self.folder,
            env={**inherited, **variables},
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )

    def run(self, op: str, inputs: Any = None, *arguments: Any, file: Path = OPS, **options: Any) -> Result:
        """Calls an op; the inputs are an object, or bytes as they are."""
        text = inputs if isinstance(inputs, bytes) else json.dumps(inputs or {}).encode()
        process = self.start("run", f"{file}:{op}", *arguments, **options)
        try:
            output, errors = process.communicate(text, DEADLINE)
        finally:
            process.kill()
        return Result(process.returncode, output, errors)

    def save(self, name: str, array: Any, **members: Any) -> dict[str, Any]:
        """The input for an array in a file."""
        numpy.save(self.folder / name, array)
        return {"$type": "file", "path": name, **members}

    def files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def without_tifffile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for PYTHONPATH that hides tifffile."""
    folder = tmp_path_factory.mktemp("hiding")
    (folder / "tifffile.py").write_text("raise ModuleNotFoundError('hidden', name='tifffile')\n")
    return str(folder)


def loaded(descriptor: dict[str, Any]) -> Any:
    """The array of an output, which must be an absolute path."""
    assert descriptor["$type"] == "file"
    path = Path(descriptor["path"])
    assert path.is_absolute()
    return numpy.load(path) if path.suffix == ".npy" else tifffile.imread(path)


def axes(names: str) -> list[dict[str, Any]]:
    return [{"name": name} for name in names.split()]


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


def test_arrays_are_files(program: Program, without_tifffile: str) -> None:
    result = program.run("double", {"image": program.save("image in.npy", IMAGE)}, path=without_tifffile)
    image = result.outputs["image"]
    assert Path(image["path"]) == program.folder / "image.npy"
    assert [axis["name"] for axis in image["axes"]] == ["y", "x"]
    assert numpy.array_equal(loaded(image), IMAGE * 2)


def test_images_are_tiffs_where_tifffile_is(program: Program) -> None:
    outputs = program.run("found", {"image": program.save("in.npy", IMAGE)}, "--output", "deep/er").outputs
    folder = program.folder / "deep" / "er"
    names = {name: Path(output["path"]).relative_to(folder).name for name, output in outputs.items()}
    assert names == {"labels": "labels.tif", "mask": "mask.tif", "image": "image.tif", "numbers": "numbers.npy"}
    assert (loaded(outputs["labels"]).dtype, loaded(outputs["mask"]).dtype) == (numpy.uint16, numpy.bool_)
    assert numpy.array_equal(loaded(outputs["mask"]), IMAGE > 1)
    with tifffile.TiffFile(folder / "image.tif") as file:
        assert (file.series[0].axes, file.pages[0].photometric) == ("YXS", tifffile.PHOTOMETRIC.RGB)


def test_what_no_tiff_can_hold_is_a_npy(program: Program) -> None:
    outputs = program.run("double", {"image": program.save("in.npy", IMAGE[:0])}).outputs
    assert loaded(outputs["image"]).shape == (0, 3)
    assert outputs["image"]["path"].endswith(".npy")
    image = program.save("in.npy", IMAGE.reshape(1, 2, 3), axes=axes("place y x"))
    assert program.run("double", {"image": image}).outputs["image"]["path"].endswith(".npy")
    plain = program.save("in.npy", IMAGE, axes=axes("y x"))
    assert program.run("echo", {"value": plain}).outputs["result"]["path"].endswith(".npy")


def test_tiffs_are_read_with_their_axes(program: Program, without_tifffile: str) -> None:
    stack = numpy.arange(24, dtype="float32").reshape(2, 3, 4)
    tifffile.imwrite(program.folder / "in.tif", stack, metadata={"axes": "TYX"}, photometric="minisblack")
    image = {"$type": "file", "path": "in.tif"}
    output = program.run("double", {"image": image}).outputs["image"]
    assert [axis["name"] for axis in output["axes"]] == ["t", "y", "x"]
    assert numpy.array_equal(loaded(output), stack * 2)
    error = program.run("double", {"image": image}, path=without_tifffile).error
    assert (error["kind"], error["path"]) == ("invalid_params", "inputs.image")
    assert "tifffile" in error["message"]
    assert "tifffile" in error["hint"]


def test_axes_may_be_given_with_a_file(program: Program) -> None:
    image = program.save("in.npy", IMAGE, axes=[{"name": "x", "unit": "metre", "scale": 2.0}, {"name": "y"}])
    output = program.run("double", {"image": image}).outputs["image"]
    assert output["axes"][1] == {"name": "x", "type": "space", "unit": "metre", "scale": 2.0}
    assert numpy.array_equal(loaded(output), IMAGE.T * 2)
    for wrong in (axes("y"), 5, [{"name": "y"}, {}], [{"name": "y", "scale": "1"}, {"name": "x", "scale": []}]):
        error = program.run("double", {"image": {**image, "axes": wrong}}).error
        assert (error["kind"], error["path"]) == ("invalid_params", "inputs.image.axes")


def test_any_layout_and_byte_order(program: Program) -> None:
    for array in (IMAGE.T, numpy.asfortranarray(IMAGE), IMAGE.astype(">u2"), IMAGE[:, ::2]):
        output = program.run("double", {"image": program.save("in.npy", array)}, "--adapt", "strict").outputs["image"]
        assert numpy.array_equal(loaded(output), array * 2)
    echoed = program.run("echo", {"value": program.save("in.npy", IMAGE.astype(">f4").T)}).outputs["result"]
    header = Path(echoed["path"]).read_bytes()[:128]
    assert b"'<f4'" in header
    assert b"'fortran_order': False" in header


def broken_files() -> dict[str, bytes]:
    whole, pickled, archive, text = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    numpy.save(whole, IMAGE)
    numpy.save(pickled, numpy.array([{}, {}]), allow_pickle=True)
    numpy.savez(archive, IMAGE)
    numpy.save(text, numpy.array([["a", "b"]]))
    huge = whole.getvalue().replace(b"(2, 3)", b"(2, 999999999999)".ljust(6))
    return {
        "empty.npy": b"",
        "cut.npy": whole.getvalue()[:-1],
        "header.npy": whole.getvalue()[:20],
        "huge.npy": huge,
        "pickled.npy": pickled.getvalue(),
        "archive.npy": archive.getvalue(),
        "text.npy": text.getvalue(),
        "empty.tif": b"",
        "no.tiff": b"II*\0garbage",
        "picture.png": b"",
    }


def test_files_that_cannot_be_read(program: Program) -> None:
    for name, content in broken_files().items():
        (program.folder / name).write_bytes(content)
    (program.folder / "folder.npy").mkdir()
    for path in (*broken_files(), "folder.npy", "missing.npy", "missing.tif", "no ending", "\0.npy"):
        error = program.run("double", {"image": {"$type": "file", "path": path}}).error
        assert (error["kind"], error["path"]) == ("invalid_params", "inputs.image"), path
        assert error["expected"], path
    for path in (None, 5, ["a.npy"]):
        assert program.run("double", {"image": {"$type": "file", "path": path}}).error["path"] == "inputs.image.path"


def test_inputs_in_shared_memory(program: Program, host: Host) -> None:
    memory = ("--memory", host.directory)
    image = host.share(IMAGE, axes="y x")
    assert numpy.array_equal(loaded(program.run("double", {"image": image}, *memory).outputs["image"]), IMAGE * 2)
    writable = host.share(IMAGE, writable=True)
    assert program.run("invert", {"image": writable}, *memory).outputs == {}
    assert numpy.array_equal(host.array(writable), 5 - IMAGE)
    error = program.run("double", {"image": image}).error
    assert (error["kind"], error["expected"]) == ("invalid_params", "a file, or --memory DIR")
    gone = describe_array("alcove-00000000-h-1", "uint8", [2, 3])
    assert program.run("double", {"image": gone}, *memory).error["kind"] == "array_unavailable"
    assert program.run("echo", {"value": describe_array(None, "uint8", [0])}).code == 0


def test_what_an_op_writes_into_a_file_comes_back(program: Program) -> None:
    image = program.save("in.npy", IMAGE)
    outputs = program.run("invert", {"image": image}).outputs
    assert numpy.array_equal(loaded(outputs["image"]), 5 - IMAGE)
    assert numpy.array_equal(numpy.load(program.folder / "in.npy"), IMAGE)
    assert program.run("is_writable", {"image": image}).outputs == {"result": False}


def test_arrays_within_are_named_by_their_place(program: Program) -> None:
    shapes = program.run("outlines").outputs["shapes"]
    assert [Path(shape["vertices"]["path"]).name for shape in shapes] == [
        "shapes-0-vertices.npy",
        "shapes-1-vertices.npy",
    ]
    assert numpy.array_equal(loaded(shapes[1]["vertices"]), numpy.ones((2, 2)))
    table = program.run("table").outputs["table"]
    assert table["columns"][1] == {"name": "name", "values": ["a", None]}
    assert Path(table["columns"][0]["values"]["path"]).name == "table-area.npy"
    assert loaded(table["columns"][0]["values"]).tolist() == [1.5, 2.5]


def test_names_that_no_file_can_have(program: Program) -> None:
    outputs = program.run("nested").outputs["result"]
    for index, item in enumerate(outputs["names"]):
        (descriptor,) = item.values()
        assert loaded(descriptor).tolist() == [index, index]
        assert Path(descriptor["path"]).parent == program.folder
    assert Path(program.run("device").outputs["con"]["path"]).name == "_con.npy"
    same = program.run("same_names").outputs["result"]
    names = {name: Path(item["path"]).name for name, item in same["value"].items()}
    assert names == {
        "a/b": "result-a_b.npy",
        "a b": "result-a_b-2.npy",
        "A_b": "result-A_b-3.npy",
        "$type": "result-_type.npy",
    }


def test_files_within_lists_and_objects(program: Program) -> None:
    file = program.save("in.npy", IMAGE)
    columns = {"$type": "table", "columns": [{"name": "a", "values": program.save("column.npy", numpy.ones(2))}]}
    value = {"a": [file], "b": {"$type": "object", "value": {"$type": file, "c": "file"}}, "t": columns}
    result = program.run("echo", {"value": value}).outputs["result"]
    assert numpy.array_equal(loaded(result["a"][0]), IMAGE)
    assert result["b"]["value"]["c"] == "file"
    assert numpy.array_equal(loaded(result["b"]["value"]["$type"]), IMAGE)
    assert loaded(result["t"]["columns"][0]["values"]).tolist() == [1, 1]
    plain = {"$type": "object", "value": {"$type": "file", "path": "in.npy"}}
    assert program.run("echo", {"value": plain}).outputs["result"] == plain


def test_files_that_are_there_are_replaced_at_once(program: Program) -> None:
    (program.folder / "image.tif").write_text("old")
    with open(program.folder / "image.tif") as old:
        outputs = program.run("double", {"image": program.save("in.npy", IMAGE)}).outputs
        assert old.read() == "old"
    assert numpy.array_equal(loaded(outputs["image"]), IMAGE * 2)
    assert program.files() == {"in.npy", "image.tif"}


def test_outputs_that_cannot_be_written(program: Program) -> None:
    (program.folder / "labels.tif").mkdir()
    error = program.run("found", {"image": program.save("in.npy", IMAGE)}).error
    assert (error["kind"], error["path"]) == ("unencodable_output", "outputs.labels")
    assert error["hint"]
    assert program.files() == {"in.npy"}
    if os.path.exists("/dev/full"):
        full = program.start("run", f"{OPS}:greet", stdout=os.open("/dev/full", os.O_WRONLY))
        assert (full.communicate(b"{}", DEADLINE)[1], full.returncode) == (
            b"the answer cannot be printed: No space left on device\n",
            1,
        )


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
