"""``./alcove run`` and ``./alcove ops`` on images as people have them, and on everything that can be wrong."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from textwrap import dedent

import numpy
import pytest
import tifffile
from alcove_program import EXAMPLES, NUCLEI, ROOT, Alcove
from PIL import Image

CELLS = EXAMPLES / "cells.py"


@pytest.fixture
def op_file(tmp_path: Path) -> Path:
    """Small ops that need numpy alone, in a file and folder with awkward names."""
    folder = tmp_path / "öp files"
    folder.mkdir()
    file = folder / "små ops.py"
    file.write_text(
        dedent(
            """
            # /// script
            # dependencies = ["numpy"]
            # ///
            import os
            from pathlib import Path
            from typing import Annotated, Literal, Optional

            from alcove import Array, Axes, Image, OpError, Range, op, progress

            @op
            def double(image: Image, factor: Annotated[int, Range(1, 9)] = 2) -> Image:
                '''Multiplies.

                factor: by how much
                '''
                return image * image.dtype.type(factor)

            @op
            def color(image: Annotated[Image, Axes("y x c")]) -> float:
                return float(image.mean())

            @op
            def greet(name: str, how: Literal["hello", "bye"] = "hello", file: Optional[Path] = None) -> str:
                return f"{how} {name} {file.name if file else '-'}"

            @op
            def fail() -> None:
                raise ValueError("the author's own words")

            @op
            def refuse() -> None:
                raise OpError("no cells in this image", hint="try another image")

            @op
            def crash() -> None:
                print("last words", flush=True)
                os._exit(7)

            @op
            def lacks() -> None:
                import a_package_that_is_missing
            """
        ),
        encoding="utf-8",
    )
    return file


def test_shows_what_a_file_offers(alcove: Alcove, op_file: Path) -> None:
    shown = alcove.run("ops", op_file, check=True).out
    assert "double: Multiplies." in shown
    assert "[factor]  integer from 1 to 9, default 2; by how much" in shown
    assert "[how]  choice of [hello, bye], default hello" in shown
    descriptors = alcove.run("ops", op_file, "--json", check=True).json
    assert [descriptor["name"] for descriptor in descriptors][:2] == ["double", "color"]


def test_keeps_axes_and_calibration_of_a_16_bit_stack(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    stack = numpy.arange(5 * 20 * 30, dtype=numpy.uint16).reshape(5, 20, 30)
    source = tmp_path / "ein Stapel ü.tif"
    metadata = {"axes": "ZYX", "spacing": 0.5, "unit": "micron"}
    tifffile.imwrite(source, stack, imagej=True, resolution=(5, 5), metadata=metadata)
    done = alcove.run("run", f"{op_file}:double", f"image={source}", "factor=3", "-o", "out put", check=True)
    with tifffile.TiffFile(tmp_path / "out put" / "image.tif") as written:
        assert written.series[0].axes == "ZYX"
        assert written.imagej_metadata is not None
        assert written.imagej_metadata["spacing"] == pytest.approx(0.5)
        numerator, denominator = written.pages[0].tags["XResolution"].value
        assert numerator / denominator == pytest.approx(5)
        numpy.testing.assert_array_equal(written.asarray(), stack * 3)
    assert "image.tif" in done.out
    assert "z 1/5" in done.err


def imagej(name: str, file: Path) -> str:
    """Runs a test class of the Java half that uses ImageJ itself."""
    target = ROOT / "java-manager" / "target"
    libraries = (target / "test-class-path.txt").read_text().strip()
    class_path = f"{target / 'classes'}:{target / 'test-classes'}:{libraries}"
    command = ["java", "-Djava.awt.headless=true", "-cp", class_path, f"org.alcove.{name}", str(file)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def test_segments_a_stack_made_by_imagej_and_imagej_opens_the_result(alcove: Alcove, tmp_path: Path) -> None:
    stack = tmp_path / "stack from ImageJ.tif"
    imagej("ImageJTiff", stack)
    alcove.run("run", f"{CELLS}:segment", f"image={stack}", "sigma=2", "-o", "out", check=True)
    before, after = (json.loads(imagej("ImageJReader", file)) for file in (stack, tmp_path / "out" / "labels.tif"))
    assert after.pop("maximum") > 0
    for facts in (before, after):
        facts.pop("maximum", None)
        facts.pop("minimum")
        assert facts.pop("unit") in ("micron", "\u00b5m")  # two words of ImageJ's for the same
    assert before == after  # bit depth, dimensions, calibration
    assert before["slices"] > 1
    assert before["bit_depth"] == 16


def test_reads_png_and_colour(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    picture = numpy.full((12, 10, 3), 40, numpy.uint8)
    Image.fromarray(picture).save(tmp_path / "colour.png")
    tifffile.imwrite(tmp_path / "colour.tif", picture, photometric="rgb")
    for name in ("colour.png", "colour.tif"):
        done = alcove.run("run", f"{op_file}:color", f"image={name}", "--json", check=True)
        assert done.json["outputs"] == {"result": 40.0}


def test_values_of_all_kinds(alcove: Alcove, op_file: Path) -> None:
    done = alcove.run("run", f"{op_file}:greet", "name=a=b ü", "how=bye", "file=x/y.txt", "--json", check=True)
    assert done.json["outputs"] == {"result": "bye a=b ü y.txt"}


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["greet"], ["greet needs name", "add name=VALUE"]),
        (["greet", "nme=x"], ["no input nme", "name"]),
        (["greet", "name=x", "how=shout"], ["how cannot be 'shout'", "[hello, bye]"]),
        (["double", "image=nothing.tif"], ["no file nothing.tif"]),
        (["double", f"image={NUCLEI}", "factor=10"], ["factor cannot be '10'", "from 1 to 9"]),
        (["double", f"image={NUCLEI}", "factor=2.5"], ["factor cannot be '2.5'"]),
        (["dubble"], ["no op named dubble", "double"]),
        (["fail"], ["ValueError: the author's own words", "små ops.py:", "in fail"]),
        (["refuse"], ["no cells in this image", "try another image"]),
        (["crash"], ["exit code 7", "last words"]),
        (["lacks"], ["a_package_that_is_missing", "dependencies"]),
    ],
)
def test_explains_what_is_wrong(alcove: Alcove, op_file: Path, arguments: list[str], fragments: list[str]) -> None:
    op, *inputs = arguments
    alcove.run("run", f"{op_file}:{op}", *inputs).assert_failed(*fragments)


def test_debug_shows_the_traceback(alcove: Alcove, op_file: Path) -> None:
    failed = alcove.run("run", f"{op_file}:fail", "--debug")
    assert "Traceback" in failed.err
    assert "server.py" not in failed.err  # the author's lines, not the worker's


def test_a_file_that_is_no_image(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("no image")
    alcove.run("run", f"{op_file}:double", "image=text.tif").assert_failed("text.tif")
    alcove.run("run", f"{op_file}:double", f"image={tmp_path}").assert_failed(tmp_path.name)


def test_broken_op_files_are_explained_with_file_and_line(alcove: Alcove, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("from alcove import op\n\n@op\ndef f(a, b: set) -> int:\n    return 1\n")
    shown = alcove.run("ops", broken)
    shown.assert_failed("broken.py:", "parameter a has no type", "parameter b")
    (tmp_path / "syntax.py").write_text("def f(:\n")
    alcove.run("ops", tmp_path / "syntax.py").assert_failed("syntax.py:1", "syntax error")
    alcove.run("ops", tmp_path / "none.py").assert_failed("no op file")


def test_a_package_that_does_not_exist(alcove: Alcove, tmp_path: Path) -> None:
    file = tmp_path / "typo.py"
    header = '# /// script\n# dependencies = ["scikit-imagge-typo-xyz"]\n# ///\n'
    file.write_text(header + "from alcove import op\n@op\ndef f() -> int:\n    return 1\n")
    alcove.run("run", f"{file}:f").assert_failed("scikit-imagge-typo-xyz")
    failed = alcove.run("run", f"{file}:f", "--json")
    assert failed.json["error"]["kind"] == "environment_failed"
    assert failed.json["error"]["data"]["cause"] == "unsolvable"
    assert alcove.staging() == []


def test_no_network_is_said_and_leaves_nothing(fresh_alcove: Alcove, op_file: Path) -> None:
    nowhere = "http://127.0.0.1:9/simple"
    variables = {"UV_DEFAULT_INDEX": nowhere, "UV_INDEX_URL": nowhere, "UV_HTTP_RETRIES": "0"}
    finished = fresh_alcove.run("run", f"{op_file}:greet", "name=x", "--json", **variables)
    assert finished.code == 1
    assert finished.json["error"]["data"]["cause"] == "network"
    assert fresh_alcove.staging() == []


def test_wrong_command_lines(alcove: Alcove) -> None:
    alcove.run("bogus").assert_failed("bogus", code=2)
    alcove.run("run").assert_failed("FILE.py:OP", code=2)
    alcove.run().assert_failed("which command", code=2)


@pytest.mark.parametrize(
    "command", ["", "env list", "env remove", *"demo run ops describe validate env doctor".split()]
)
def test_help_everywhere(alcove: Alcove, command: str) -> None:
    shown = alcove.run(*command.split(), "--help", check=True)
    assert shown.out.startswith("Usage: alcove")
    assert shown.err == ""


def test_version(alcove: Alcove) -> None:
    assert alcove.run("--version", check=True).out == "Alcove 0.1.0\n"
