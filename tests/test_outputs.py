"""What ``./alcove run`` takes besides images, and where it puts what is too much for a line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from textwrap import dedent

import numpy
import pytest
import tifffile
from alcove_program import NUCLEI, Alcove


@pytest.fixture
def op_file(tmp_path: Path) -> Path:
    folder = tmp_path / "öp files"
    folder.mkdir()
    file = folder / "små ops.py"
    file.write_text(
        dedent(
            """
            # /// script
            # dependencies = ["numpy"]
            # ///
            from typing import Annotated, Any, NamedTuple, Optional
            from alcove import Axes, Image, InOut, Out, Points, Shapes, Table, Tracks, Vectors, op

            class All(NamedTuple):
                cells: Table
                corners: Annotated[Points, Axes("z y")]
                spots: Points
                paths: Tracks
                arrows: Vectors
                outlines: Shapes
                raw: bytes
                ratio: complex
                many: list[int]
                facts: dict
                nothing: Optional[int]

            @op
            def everything() -> All:
                import numpy
                return All(
                    {"name": ["a, b", 'say "ü"', "", None], "area": numpy.array([0.5, numpy.nan, 1e300, -0.0]),
                     "label": numpy.array([1, 2, 3, 2**64 - 1], "uint64"), "big": [numpy.bool_(True), 1, 2.5, None]},
                    numpy.array([[1.5, 2.5]]), numpy.zeros((0, 3)), numpy.array([[7.0, 0.0, 1.0, 2.0]]),
                    numpy.ones((2, 2, 3)), [{"type": "line", "vertices": numpy.array([[0.0, 1.0], [2.0, 3.5]])}],
                    bytes(range(256)), 1 - 2j, [1, 2], {"ü": [1.5, None]}, None,
                )

            @op
            def halve(image: InOut[Image]) -> None:
                image[...] = image // 2

            @op
            def invert(image: Image, out: Out[Image]) -> None:
                out[...] = image.max() - image

            @op
            def take(
                numbers: list[int] = [1], facts: Optional[dict] = None, ratio: complex = 1j, any: Any = None
            ) -> Any:
                return [numbers, facts, ratio, any]

            @op
            def count(cells: Table, raw: bytes = b"") -> int:
                return cells.rows
            """
        ),
        encoding="utf-8",
    )
    return file


def test_everything_has_its_file_or_its_line(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    done = alcove.run("run", f"{op_file}:everything", "-o", "öut put", check=True)
    out = tmp_path / "öut put"
    assert done.out.splitlines() == [
        "cells: öut put/cells.csv",
        "corners: öut put/corners.csv",
        "spots: öut put/spots.csv",
        "paths: öut put/paths.csv",
        "arrows: öut put/arrows.npy",
        "outlines: öut put/outlines.json",
        "raw: öut put/raw.bin",
        "ratio: 1.0-2.0j",
        "many: [1,2]",
        'facts: {"ü":[1.5,null]}',
        "nothing: null",
    ]
    with open(out / "cells.csv", encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["name", "area", "label", "big"],
            ["a, b", "0.5", "1", "true"],
            ['say "ü"', "NaN", "2", "1"],
            ["", "1.0E300", "3", "2.5"],
            ["", "-0.0", "18446744073709551615", ""],
        ]
    assert (out / "corners.csv").read_text() == "z,y\n1.5,2.5\n"
    assert (out / "spots.csv").read_text() == "axis-0,axis-1,axis-2\n"
    assert (out / "paths.csv").read_text() == "track,time,axis-0,axis-1\n7.0,0.0,1.0,2.0\n"
    numpy.testing.assert_array_equal(numpy.load(out / "arrows.npy"), numpy.ones((2, 2, 3)))
    assert json.loads((out / "outlines.json").read_text()) == [{"type": "line", "vertices": [[0.0, 1.0], [2.0, 3.5]]}]
    assert (out / "raw.bin").read_bytes() == bytes(range(256))
    assert len(list(out.iterdir())) == 7


def test_as_json(alcove: Alcove, op_file: Path) -> None:
    outputs = alcove.run("run", f"{op_file}:everything", "-o", "out", "--json", "--quiet", check=True).json["outputs"]
    assert outputs["cells"] == "out/cells.csv"
    assert outputs["ratio"] == {"real": 1.0, "imag": -2.0}
    assert outputs["facts"] == {"ü": [1.5, None]}
    assert outputs["nothing"] is None


@pytest.mark.parametrize("once", [[], ["--once"]])
def test_an_image_that_the_op_changes_is_written(
    alcove: Alcove, op_file: Path, tmp_path: Path, once: list[str]
) -> None:
    image = tifffile.imread(NUCLEI)
    alcove.run("run", f"{op_file}:halve", f"image={NUCLEI}", "-o", "out", *once, check=True)
    numpy.testing.assert_array_equal(tifffile.imread(tmp_path / "out" / "image.tif"), image // 2)
    arguments = [f"image={NUCLEI}", f"out={NUCLEI}", "-o", "out"]
    alcove.run("run", f"{op_file}:invert", *arguments, *once, check=True)
    numpy.testing.assert_array_equal(tifffile.imread(tmp_path / "out" / "out.tif"), image.max() - image)
    numpy.testing.assert_array_equal(tifffile.imread(NUCLEI), image)


def test_values_that_are_more_than_a_number(alcove: Alcove, op_file: Path) -> None:
    arguments = ["numbers=[3, 4]", 'facts={"a": [null]}', "ratio=1.5-2j", 'any="text"']
    done = alcove.run("run", f"{op_file}:take", *arguments, "--json", check=True)
    assert done.json["outputs"] == {"result": [[3, 4], {"a": [None]}, {"real": 1.5, "imag": -2.0}, "text"]}
    assert "list of integer, default [1]" in alcove.run("ops", op_file, check=True).out


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["take", "numbers=1,2"], ["numbers cannot be '1,2'", "list of integer"]),
        (["take", "numbers=[1.5]"], ["numbers", "integer"]),
        (["take", "facts=[1]"], ["facts"]),
        (["take", "ratio=1+"], ["ratio cannot be '1+'"]),
        (["count"], ["cells of count is a table", "from Java"]),
        (["count", "cells=cells.csv"], ["cells of count is a table", "from Java"]),
    ],
)
def test_values_that_cannot_be_given(alcove: Alcove, op_file: Path, arguments: list[str], fragments: list[str]) -> None:
    op, *inputs = arguments
    alcove.run("run", f"{op_file}:{op}", *inputs).assert_failed(*fragments)


def test_an_input_is_not_overwritten(alcove: Alcove, op_file: Path, tmp_path: Path) -> None:
    picture = tmp_path / "image.tif"
    tifffile.imwrite(picture, numpy.full((4, 5), 8, numpy.uint8))
    before = picture.read_bytes()
    alcove.run("run", f"{op_file}:halve", "image=image.tif").assert_failed("would overwrite an input", "-o")
    assert picture.read_bytes() == before
