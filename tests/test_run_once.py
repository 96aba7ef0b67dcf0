"""``./alcove run --once``: one call in a fresh process, whose end leaves its files and nothing else."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from textwrap import dedent

import numpy
import psutil
import pytest
import tifffile
from alcove_program import NUCLEI, Alcove

HEADER = '# /// script\n# dependencies = ["numpy"]\n# ///\n'


@pytest.fixture
def op_file(tmp_path: Path) -> Path:
    """Small ops in a file and folder with awkward names."""
    folder = tmp_path / "öp files"
    folder.mkdir()
    file = folder / "små ops.py"
    file.write_text(
        HEADER
        + dedent(
            """
            import ctypes, os, subprocess, sys, time
            from alcove import Array, Image, OpError, Table, op, progress

            @op
            def double(image: Image) -> Image:
                return image * image.dtype.type(2)

            @op
            def greet(name: str) -> str:
                print("noise")
                progress(0.5, "half-way there")
                return f"hello {name}"

            @op
            def measure() -> Table:
                import numpy
                return {"cell": ["a,b", None], "area": numpy.array([1.5, 2.5])}

            @op
            def fail() -> None:
                raise ValueError("the author's own words")

            @op
            def refuse() -> None:
                raise OpError("no cells in this image", hint="try another image")

            @op
            def crash(how: str) -> None:
                print("last words", flush=True)
                if how == "exit":
                    os._exit(7)
                ctypes.string_at(0)

            @op
            def stay(image: Image, how: str) -> Image:
                subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
                progress(0.5, "half-way there")
                if how == "frozen":
                    ctypes.PyDLL(None).sleep(1000)  # holds the interpreter's lock
                time.sleep(1000)
                return image
            """
        ),
        encoding="utf-8",
    )
    return file


def java_of(alcove: Alcove) -> psutil.Process:
    (java,) = [process for process in alcove.processes() if "java" in process.name()]
    return java


def simple_modes(alcove: Alcove) -> list[psutil.Process]:
    """Those that run the op; the guardian before each was started by the same command."""
    found = [process for process in alcove.processes() if any("alcove.hosted" in part for part in process.cmdline())]
    guardians = {process.ppid() for process in found}
    return [process for process in found if process.pid not in guardians]


def test_an_image_goes_in_and_comes_out_as_a_file(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    done = alcove.run("run", f"{op_file}:double", f"image={NUCLEI}", "--once", "-o", "öut put", check=True)
    written = tmp_path / "öut put" / "image.npy"
    assert done.out == f"image: {written}\n"
    numpy.testing.assert_array_equal(numpy.load(written), tifffile.imread(NUCLEI) * 2)
    assert [path.name for path in written.parent.iterdir()] == ["image.npy"]
    assert "start the worker" not in done.err


def test_writes_tiff_where_the_environment_can(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    op_file.write_text(
        op_file.read_text(encoding="utf-8").replace('["numpy"]', '["numpy", "tifffile"]'), encoding="utf-8"
    )
    stack = numpy.arange(5 * 20 * 30, dtype=numpy.uint16).reshape(5, 20, 30)
    tifffile.imwrite(tmp_path / "stack.tif", stack, imagej=True, metadata={"axes": "ZYX"})
    done = alcove.run("run", f"{op_file}:double", "image=stack.tif", "--once", "-o", "out", check=True)
    assert "z 1/5" in done.err
    with tifffile.TiffFile(tmp_path / "out" / "image.tif") as written:
        assert written.series[0].axes == "ZYX"
        numpy.testing.assert_array_equal(written.asarray(), stack * 2)


def test_says_what_the_op_says(alcove: Alcove, op_file: Path) -> None:
    done = alcove.run("run", f"{op_file}:greet", "name=you ü", "--once", check=True)
    assert done.out == "result: hello you ü\n"
    assert "half-way there" in done.err
    assert "noise" not in done.err
    silent = alcove.run("run", f"{op_file}:greet", "name=you", "--once", "--quiet", "--json", check=True)
    assert silent.err == ""
    assert silent.json["outputs"] == {"result": "hello you"}


def test_a_table_becomes_one_file(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    expected = 'cell,area\r\n"a,b",1.5\r\n,2.5\r\n'
    for once in ([], ["--once"]):
        alcove.run("run", f"{op_file}:measure", "-o", "out", *once, check=True)
        assert (tmp_path / "out" / "table.csv").read_bytes().decode() == expected
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["table.csv"]
        (tmp_path / "out" / "table.csv").unlink()


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["fail"], ["ValueError: the author's own words", "små ops.py:", "in fail"]),
        (["refuse"], ["no cells in this image", "try another image"]),
        (["crash", "how=exit"], ["exit code 7", "last words"]),
        (["crash", "how=fault"], ["SIGSEGV"]),
        (["greet"], ["greet needs name"]),
        (["dubble"], ["no op named dubble", "double"]),
        (["double", f"image={NUCLEI}", "--output=/dev/null/folder"], ["folder"]),
    ],
)
def test_explains_what_is_wrong(
    alcove: Alcove, op_file: Path, tmp_path: Path, arguments: list[str], fragments: list[str]
) -> None:
    op, *inputs = arguments
    alcove.run("run", f"{op_file}:{op}", *inputs, "--once").assert_failed(*fragments)
    assert [path.name for path in tmp_path.iterdir()] == [op_file.parent.name]


def test_a_failure_as_json(alcove: Alcove, op_file: Path) -> None:
    failed = alcove.run("run", f"{op_file}:fail", "--once", "--json")
    assert failed.code == 1
    assert failed.json["error"]["kind"] == "op_failed"
    assert failed.json["error"]["data"]["frames"][0]["function"] == "fail"
    crashed = alcove.run("run", f"{op_file}:crash", "how=exit", "--once", "--json")
    assert crashed.json["error"]["kind"] == "worker_died"
    assert crashed.json["error"]["data"]["exit_code"] == 7


def test_an_input_is_not_overwritten(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    numpy.save(tmp_path / "image.npy", numpy.ones((4, 5), numpy.uint8))
    before = (tmp_path / "image.npy").read_bytes()
    alcove.run("run", f"{op_file}:double", "image=image.npy", "--once").assert_failed("would overwrite an input")
    assert (tmp_path / "image.npy").read_bytes() == before


def test_strict_refuses_what_would_be_iterated(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    metadata = {"axes": "ZYX"}
    tifffile.imwrite(tmp_path / "stack.tif", numpy.ones((3, 4, 5), numpy.uint8), imagej=True, metadata=metadata)
    for once in ([], ["--once"]):
        arguments = ["run", f"{op_file}:double", "image=stack.tif", "-o", "out", *once]
        alcove.run(*arguments, "--adapt", "strict").assert_failed("image", "y x")
        alcove.run(*arguments, "--adapt", "convert", check=True)
    alcove.run(*arguments, "--adapt", "Strict").assert_failed("strict or lossless or convert", code=2)


# Without the kernel's help a process that holds the interpreter's lock does not hear of its host's death.
@pytest.mark.parametrize(("state", "portable"), [("sleeping", "0"), ("sleeping", "1"), ("frozen", "0")])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_ended_during_the_call(
    alcove: Alcove, op_file: Path, tmp_path: Path, how: signal.Signals, state: str, portable: str
) -> None:
    arguments = ["run", f"{op_file}:stay", f"image={NUCLEI}", f"how={state}", "--once", "-o", "out"]
    with alcove.start(*arguments, ALCOVE_PORTABLE=portable) as running:
        alcove.wait_for_line(running, "half-way there")
        assert len(simple_modes(alcove)) == 1
        assert alcove.memory_files() != []
        java_of(alcove).send_signal(how)
        running.communicate(timeout=60)
    alcove.assert_nothing_left()
    assert list((tmp_path / "out").iterdir()) == []


def test_ctrl_c_says_stopped_and_nothing_else(alcove: Alcove, op_file: Path) -> None:
    with alcove.start("run", f"{op_file}:stay", f"image={NUCLEI}", "how=sleeping", "--once", "-o", "out") as running:
        alcove.wait_for_line(running, "half-way there")
        java_of(alcove).send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err.strip().splitlines()[-1] == "Stopped."


def test_the_process_alone_killed(alcove: Alcove, op_file: Path) -> None:
    with alcove.start("run", f"{op_file}:stay", f"image={NUCLEI}", "how=sleeping", "--once", "--json") as running:
        alcove.wait_for_line(running, "half-way there")
        (process,) = simple_modes(alcove)
        process.kill()
        out, err = running.communicate(timeout=60)
    assert running.returncode == 1
    assert json.loads(out)["error"]["kind"] == "worker_died"
    assert "SIGKILL" in err


def test_the_environment_is_in_use_meanwhile(alcove: Alcove, op_file: Path) -> None:
    with alcove.start("run", f"{op_file}:stay", f"image={NUCLEI}", "how=sleeping", "--once") as running:
        alcove.wait_for_line(running, "half-way there")
        states = {each["name"]: each["in_use"] for each in alcove.run("env", "list", "--json", check=True).json}
        (name,) = [name for name, in_use in states.items() if in_use]
        alcove.run("env", "remove", name).assert_failed("in use")
        java_of(alcove).send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    alcove.assert_nothing_left()
    states = {each["name"]: each["in_use"] for each in alcove.run("env", "list", "--json", check=True).json}
    assert states[name] is False
