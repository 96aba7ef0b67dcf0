"""``./alcove batch``: many images and rows, what fails among them, stopping and going on."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy
import pytest
import tifffile
from alcove_program import EXAMPLES, SECONDS_TO_FINISH, Alcove, Finished

FAILED = 3
STOPPED = 128 + signal.SIGINT


@pytest.fixture
def work(tmp_path: Path) -> str:
    """An op file and images, in folders with awkward names."""
    file = tmp_path / "öp files" / "wörk.py"
    file.parent.mkdir()
    file.write_text(
        dedent(
            """
            # /// script
            # dependencies = ["numpy"]
            # ///
            import os
            from typing import NamedTuple, Optional

            from alcove import Image, Labels, OpError, Table, op

            class Found(NamedTuple):
                picture: Image
                cells: Table
                mean: float

            @op
            def measure(image: Image, factor: int = 2, mask: Optional[Labels] = None) -> Found:
                import numpy

                mean = float(image.mean())
                if mean == 3:
                    raise OpError("three is refused", hint="take four")
                if mean == 4:
                    os._exit(7)
                shift = 0 if mask is None else int(mask.max())
                picture = image * image.dtype.type(factor) + image.dtype.type(shift)
                return Found(picture, {"label": [1, 2], "area": [mean, 0.5], "name": ["a", ""]}, mean)

            @op
            def product(a: int, b: float = 1.5) -> float:
                return a * b

            @op
            def wait(image: Image, until: str) -> int:
                import time

                while not os.path.exists(until):
                    time.sleep(0.01)
                return int(image.max())
            """
        ),
        encoding="utf-8",
    )
    images = tmp_path / "plätes"
    for number, name in enumerate(["one/A1", "one/A2", "one/A10", "two/B1", "two/B2"]):
        (images / name).parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(images / f"{name}.tif", numpy.full((8, 9), number, numpy.uint16))
    (images / "two" / "torn.tif").write_bytes((images / "two" / "B1.tif").read_bytes()[:100])
    return str(file)


def rows(file: Path) -> list[dict[str, str]]:
    with open(file, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def statuses(out: Path) -> dict[str, str]:
    return {row["item"]: row["status"] for row in rows(out / "report.csv")}


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_images_of_all_folders_and_what_fails_among_them(alcove: Alcove, work: str, tmp_path: Path) -> None:
    command = ["batch", f"{work}:measure", "--over", "image=plätes/**/*.tif", "--set", "factor=3", "-o", "oüt"]
    planned = alcove.run(*command, "--dry-run", check=True).out.splitlines()
    assert [line for line in planned if not line.startswith(" ")][:3] == ["one/A1.tif", "one/A2.tif", "one/A10.tif"]
    assert planned[2].endswith("A1_picture.tif")

    done = alcove.run(*command, "--workers", "2", "--json", "--progress", "json")
    assert done.code == FAILED, done.err
    out = tmp_path / "oüt"
    expected = {f"one/A{number}.tif": "done" for number in (1, 2, 10)}
    expected.update({"two/B1.tif": "failed", "two/B2.tif": "quarantined", "two/torn.tif": "failed"})
    assert statuses(out) == expected
    assert list(statuses(out)) == list(expected)
    reasons = {row["item"]: f"{row['kind']} {row['message']}" for row in rows(out / "report.csv")}
    assert reasons["two/B1.tif"] == "op_failed three is refused"
    assert "exit code 7" in reasons["two/B2.tif"]
    assert "torn.tif" in reasons["two/torn.tif"]
    assert tifffile.imread(out / "one" / "A10_picture.tif").tolist() == [[6] * 9] * 8
    means = {row["item"]: row["mean"] for row in rows(out / "values.csv")}
    assert means == {"one/A1.tif": "0.0", "one/A2.tif": "1.0", "one/A10.tif": "2.0"}
    assert [row["item"] for row in rows(out / "cells.csv")] == [f"one/A{number}.tif" for number in (1, 1, 2, 2, 10, 10)]
    assert (done.json["done"], done.json["failed"], done.json["quarantined"]) == (3, 2, 1)
    told = {event["item"]: event["status"] for event in events(done.err) if "item" in event}
    assert told == expected
    assert [event for event in events(done.err) if event.get("stage") == "batch"][-1]["fraction"] == 1.0

    again = alcove.run(*command)
    assert again.code == FAILED
    assert "6 of them by an earlier run" in again.out
    assert "--retry-failed" in again.err


def test_rows_of_a_table_made_by_a_spreadsheet(alcove: Alcove, work: str, tmp_path: Path) -> None:
    table = tmp_path / "sheets" / "täble.csv"
    table.parent.mkdir()
    mask = tmp_path / "mask.tif"
    tifffile.imwrite(mask, numpy.full((8, 9), 100, numpy.uint16))
    lines = ["image;factor;well;item", "../plätes/one/A10.tif;;A10;", '"../plätes/one/A10.tif";5;"x;y";second']
    table.write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    name = "{factor}/{stem}-{output}"
    command = ["batch", f"{work}:measure", "--items", table, "--set", f"mask={mask}", "--name", name, "-o", "out"]
    alcove.run(*command, "--tables", "parquet", check=True)
    out = tmp_path / "out"
    assert statuses(out) == {"A10.tif": "done", "second": "done"}
    assert tifffile.imread(out / "2" / "A10-picture.tif").max() == 2 * 2 + 100
    assert tifffile.imread(out / "5" / "second-picture.tif").max() == 2 * 5 + 100
    assert rows_of_parquet(alcove, out / "cells.parquet") == [
        ["item", "string", ["A10.tif", "A10.tif", "second", "second"]],
        ["label", "int64", [1, 2, 1, 2]],
        ["area", "double", [2.0, 0.5, 2.0, 0.5]],
        ["name", "string", ["a", "", "a", ""]],
    ]


def rows_of_parquet(alcove: Alcove, file: Path) -> Any:
    """The columns with their types, read by the environment that wrote them."""
    environments = alcove.run("env", "list", "--json", check=True).json
    (name,) = [each["name"] for each in environments if each["name"].startswith("alcove-parquet")]
    python = alcove.run("env", "show", name, "--json", check=True).json["python"]
    program = (
        "import json, sys; from pyarrow import parquet; table = parquet.read_table(sys.argv[1]); "
        "print(json.dumps([[f.name, str(f.type), table[f.name].to_pylist()] for f in table.schema]))"
    )
    return json.loads(subprocess.run([python, "-c", program, file], check=True, capture_output=True).stdout)


def test_values_side_by_side(alcove: Alcove, work: str, tmp_path: Path) -> None:
    alcove.run(
        "batch", "--over", "a=[1, 2, 3]", "--over", "b", "0.5", "1", "2", f"{work}:product", "-o", "out", check=True
    )
    values = rows(tmp_path / "out" / "values.csv")
    assert [row["item"] for row in values] == ["row-1", "row-2", "row-3"]
    assert [row["a"] for row in values] == ["1", "2", "3"]
    assert [row["result"] for row in values] == ["0.5", "2.0", "6.0"]


def stopped(alcove: Alcove, command: list[Any], item: str, then: Callable[[subprocess.Popen[str]], None]) -> Finished:
    """Presses Ctrl-C when the item runs, and does something more when it was said that this is heard."""
    process = alcove.start(*command, "--progress", "json")
    try:
        alcove.wait_for_line(process, f'"running":["{item}"]')
        process.send_signal(signal.SIGINT)
        alcove.wait_for_line(process, "Ctrl-C once more")
        then(process)
        out, err = process.communicate(timeout=SECONDS_TO_FINISH)
    finally:
        process.kill()  # the image that waits would wait for ever
    return Finished(process.returncode, out, err)


def test_ctrl_c_finishes_what_runs_and_the_same_command_goes_on(alcove: Alcove, work: str, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    images = [f"plätes/one/A{number}.tif" for number in (1, 2, 10)]
    command = ["batch", f"{work}:wait", "--over", "image", *images, "--set", f"until={gate}", "--workers", "1"]
    command += ["-o", "out"]
    gently = stopped(alcove, command, "A1.tif", lambda _: gate.touch())
    assert gently.code == STOPPED, gently.err
    assert "1 done, 2 not run" in gently.out
    assert statuses(tmp_path / "out") == {"A1.tif": "done", "A2.tif": "pending", "A10.tif": "pending"}

    gate.unlink()  # which never opens while the second Ctrl-C is answered
    at_once = stopped(alcove, command, "A2.tif", lambda process: process.send_signal(signal.SIGINT))
    assert at_once.code == STOPPED, at_once.err
    assert "1 done, 2 not run" in at_once.out

    gate.touch()
    done = alcove.run(*command, check=True)
    assert "3 done" in done.out
    assert [row["result"] for row in rows(tmp_path / "out" / "values.csv")] == ["0", "1", "2"]


def test_ome_zarr_by_a_reader_with_an_environment_of_its_own(alcove: Alcove, work: str, tmp_path: Path) -> None:
    for number in (1, 2):
        write_ome_zarr(tmp_path / "zärr" / f"w{number}.zarr", numpy.full((2, 6, 7), number, numpy.uint16))
    (tmp_path / "zärr" / "broken.zarr").mkdir()
    reader = EXAMPLES / "readers" / "ome_zarr.py"
    command = ["batch", f"{work}:measure", "--over", "image=zärr/*.zarr", "--reader", f"{reader}:read", "-o", "out"]
    done = alcove.run(*command)
    assert done.code == FAILED, done.err
    assert statuses(tmp_path / "out") == {"broken.zarr": "failed", "w1.zarr": "done", "w2.zarr": "done"}
    with tifffile.TiffFile(tmp_path / "out" / "w2_picture.tif") as written:
        assert written.series[0].axes == "ZYX"
        assert written.asarray().tolist() == [[[4] * 7] * 6] * 2
        assert written.imagej_metadata is not None
        assert written.imagej_metadata["spacing"] == pytest.approx(2.0)
        numerator, denominator = written.pages[0].tags["XResolution"].value
        assert numerator / denominator == pytest.approx(4)


def write_ome_zarr(folder: Path, image: Any) -> None:
    """OME-Zarr 0.5 in its simplest form, written down from its specification: one resolution, one chunk."""
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
    scale = [{"type": "scale", "scale": [2.0, 0.5, 0.25]}]
    multiscale = {"axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    group = {
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {"ome": {"version": "0.5", "multiscales": [multiscale]}},
    }
    array = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": image.shape,
        "data_type": image.dtype.name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": image.shape}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0,
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
    }
    chunk = folder / "0" / "c" / "0" / "0" / "0"
    chunk.parent.mkdir(parents=True)
    (folder / "zarr.json").write_text(json.dumps(group))
    (folder / "0" / "zarr.json").write_text(json.dumps(array))
    chunk.write_bytes(image.astype("<u2").tobytes())


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["--over", "image=plätes/*.png"], ["no file matches plätes/*.png", "capitals count"]),
        (["--over", "image=plätes/**/*.tif", "--over", "factor=[1, 2]"], ["image goes over 6, and factor over 2"]),
        (["--over", "factor=1"], ["measure needs image", "--set image=FILE"]),
        (["--over", "image=plätes/**/*.tif", "--name", "{output}"], ["would be written over", "template"]),
        (["--items", "bad.csv"], ["row 1 of bad.csv: factor cannot be 'two'"]),
        (["--over", "image=out/*.tif"], ["taken for inputs the next time"]),
    ],
)
def test_explains_what_is_wrong_before_anything_runs(
    alcove: Alcove, work: str, tmp_path: Path, arguments: list[str], fragments: list[str]
) -> None:
    (tmp_path / "bad.csv").write_text("image,factor\nplätes/one/A1.tif,two\n")
    alcove.run("batch", f"{work}:measure", *arguments, "-o", "out").assert_failed(*fragments)
    assert not (tmp_path / "out" / "report.csv").exists()
