"""Simple mode: arrays out of files and shared memory, and into files."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy
import pytest
import tifffile
from leftovers import DEADLINE
from simple_program import IMAGE, OPS, Program, axes, loaded
from worker_process import Host, describe_array


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def without_tifffile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for PYTHONPATH that hides tifffile."""
    folder = tmp_path_factory.mktemp("hiding")
    (folder / "tifffile.py").write_text("raise ModuleNotFoundError('hidden', name='tifffile')\n")
    return str(folder)


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
