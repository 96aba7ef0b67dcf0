"""``./alcove validate``: everything that is wrong in a file, where, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from alcove_program import EXAMPLES, Alcove

CELLS = EXAMPLES / "cells.py"
BROKEN = """\
from typing import Annotated

from alcove import Range, op


@op
def first(a, b: set) -> int:
    return 1


@op
def second(sigma: Annotated[float, Range(0, 1)] = 5.0) -> int:
    return 1
"""


@pytest.fixture
def documents(alcove: Alcove, tmp_path: Path) -> Path:
    """A folder with an awkward name that holds the examples' document in each dialect."""
    folder = tmp_path / "döc uments"
    for dialect in ("json", "yaml", "xml"):
        alcove.run("describe", CELLS, "-o", folder / f"cells.{dialect}", check=True)
    return folder


def test_says_which_files_are_valid(alcove: Alcove, documents: Path) -> None:
    files = [str(CELLS), *sorted(map(str, documents.iterdir()))]
    shown = alcove.run("validate", *files, check=True)
    assert shown.out.splitlines() == [f"valid: {file} (3 ops)" for file in files]
    result = alcove.run("validate", *files, "--json", check=True).json
    assert result["valid"] is True
    assert result["files"] == [{"file": file, "ops": 3, "mistakes": []} for file in files]


def test_names_all_mistakes_of_an_op_file(alcove: Alcove, tmp_path: Path) -> None:
    (tmp_path / "bröken ops.py").write_text(BROKEN, encoding="utf-8")
    shown = alcove.run("validate", "bröken ops.py")
    assert shown.code == 1
    lines = shown.out.splitlines()
    assert [line.partition(": ")[0] for line in lines[::2]] == [
        "bröken ops.py:7",
        "bröken ops.py:7",
        "bröken ops.py:12",
    ]
    assert all(line.startswith("  hint: ") for line in lines[1::2])
    assert "parameter a" in lines[0]
    assert "parameter b" in lines[2]
    assert "sigma" in lines[4]
    result = alcove.run("validate", "bröken ops.py", "--json")
    assert result.code == 1
    (file,) = result.json["files"]
    assert result.json["valid"] is False
    assert file["ops"] is None
    assert [mistake["line"] for mistake in file["mistakes"]] == [7, 7, 12]
    assert {mistake["file"] for mistake in file["mistakes"]} == {str(tmp_path / "bröken ops.py")}


@pytest.mark.parametrize("dialect", ["json", "yaml", "xml"])
def test_names_the_lines_of_a_document(alcove: Alcove, documents: Path, dialect: str) -> None:
    file = documents / f"cells.{dialect}"
    text = file.read_text(encoding="utf-8").replace("20.0", "1000.0", 1).replace("labels", "läbels", 1)
    file.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    # The diameter's default is now beyond its maximum, and a role is none.
    wrong = [number for number, line in enumerate(lines, 1) if "1000.0" in line or "läbels" in line]
    shown = alcove.run("validate", file)
    assert shown.code == 1
    named = [
        int(line[len(str(file)) + 1 :].partition(":")[0]) for line in shown.out.splitlines() if "hint:" not in line
    ]
    assert named, shown.out
    for number in named:
        assert any(abs(number - each) <= 4 for each in wrong), shown.out
    alcove.run("describe", file).assert_failed(f"cells.{dialect}")


NO_FILES = [
    ("empty.py", b"", "no op"),
    ("empty.json", b"", "not JSON"),
    ("empty.yaml", b"", "empty.yaml:1"),
    ("empty.yml", b"", "empty.yml:1"),
    ("empty.xml", b"", "not XML"),
    ("binary.py", bytes(range(256)), "binary.py is not UTF-8"),
    ("binary.json", bytes(range(256)), "UTF-8"),
    ("binary.yaml", bytes(range(256)), "binary.yaml:"),
    ("binary.xml", bytes(range(256)), "binary.xml:"),
    ("syntax.py", b"def f(:\n", "syntax.py:1"),
    ("lacks.py", b"import a_package_that_is_missing\n", "a_package_that_is_missing"),
    ("exits.py", b"import sys\nsys.exit(3)\n", "exits.py:2"),
    ("dies.py", b"import os\nos._exit(3)\n", "exit code 3"),
    ("header.py", b"# /// script\n# dependencies = []\n", "header.py:1: the header"),
    ("entity.xml", b'<!DOCTYPE ops [<!ENTITY a SYSTEM "file:///etc/passwd">]><ops>&a;</ops>', "entity.xml:1"),
    ("cells.toml", b"ops = []\n", "neither an op file nor a descriptor document"),
    ("cells", b"ops: []\n", "neither an op file nor a descriptor document"),
]


def test_files_that_are_none(alcove: Alcove, tmp_path: Path) -> None:
    for name, content, _ in NO_FILES:
        (tmp_path / name).write_bytes(content)
    shown = alcove.run("validate", *(name for name, _, _ in NO_FILES))
    assert shown.code == 1
    assert "valid:" not in shown.out
    for name, _, fragment in NO_FILES:
        alone = shown.out[shown.out.index(f"{name}") :]
        assert fragment in alone.splitlines()[0], shown.out
        assert alone.splitlines()[1].startswith("  hint: "), shown.out
    assert "root:" not in shown.out + shown.err
    assert "\tat " not in shown.err


def test_a_file_that_cannot_be_read_hinders_no_other(alcove: Alcove, documents: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "link.json").symlink_to("nowhere")
    shown = alcove.run("validate", "none.py", "folder.py", "link.json", documents / "cells.xml")
    assert shown.code == 1
    lines = [line for line in shown.out.splitlines() if "hint:" not in line]
    assert lines[0] == "no file none.py"
    assert lines[1] == "no file folder.py (it is a folder)"
    assert lines[2] == "no file link.json"
    assert lines[3] == f"valid: {documents / 'cells.xml'} (3 ops)"


def test_wrong_arguments(alcove: Alcove) -> None:
    alcove.run("validate").assert_failed("FILE", code=2)
