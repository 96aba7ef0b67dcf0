"""Checking a header before anybody solves it: every mistake, with file and line."""

from __future__ import annotations

from typing import Any

import pytest

from alcove import OpError
from alcove.environments.machine import Machine
from alcove.environments.specification import Specification


def parse(header: str, **others: Any) -> Specification:
    known = {"name": "cells", "format": "script", "text": header, "source": "/ops/cells.py", "first_line": 10}
    return Specification.parse({**known, **others}, Machine("linux-64"))


def refused(header: str, **others: Any) -> OpError:
    with pytest.raises(OpError) as raised:
        parse(header, **others)
    assert raised.value.details["cause"] == "spec_invalid"
    assert raised.value.hint
    return raised.value


def test_a_whole_header_is_understood() -> None:
    header = """
requires-python = ">=3.10"
dependencies = [
  "scikit-image>=0.22",
  "numpy ; sys_platform == 'linux'",
  "tool @ https://example.org/tool-1.0-py3-none-any.whl",
]
[tool.uv]
exclude-newer = "2026-01-01T00:00:00Z"
[[tool.uv.index]]
name = "lab"
url = "https://example.org/simple"
[tool.black]
line-length = 100
"""
    specification = parse(header)

    assert specification.wanted.requires_python == ">=3.10"
    assert len(specification.wanted.python) == 3
    assert specification.wanted.uv["index"] == [{"name": "lab", "url": "https://example.org/simple"}]
    assert Specification.parse(specification.to_json()) == specification


@pytest.mark.parametrize("header", ["", "# nothing\n", "dependencies = []", 'requires-python = ""'])
def test_little_is_enough(header: str) -> None:
    assert parse(header).wanted.python == ()


@pytest.mark.parametrize(
    ("header", "line", "word"),
    [
        ('dependencies = ["six"', 10, "TOML"),
        ('dependencies = [\n  "six",\n  numpy,\n]', 12, "TOML"),
        ('\ndependencys = ["six"]', 11, "dependencys"),
        ('\nrequires-python = "new"', 11, "requires-python"),
        ("requires-python = 3.10", 10, "requires-python"),
        ('requires-python = ">=3.12,<3.10"', 10, "no Python fits"),
        ('requires-python = "<3.9"', 10, "no Python fits"),
        ('dependencies = "six"', 10, "list"),
        ('dependencies = [\n  "six",\n  "numpy >> 2",\n]', 12, "numpy >> 2"),
        ('dependencies = [\n  "six",\n  42,\n]', 12, "42"),
        ('tool = "uv"', 10, "tool"),
        ("[tool.uv]\n\n[tool.alcove]\nconda = ['cell pose']", 13, "cell pose"),
        ("tool.alcove.channels = ['conda-forge', 'conda forge']", 10, "conda forge"),
        ("[tool.alcove.gpu]\ndependencies = [\n'six six']", 12, "six six"),
        ("[tool.alcove]\ncnda = []", 11, "cnda"),
        ('[tool.uv.sources]\nmine = { path = "../mine" }', 11, "mine"),
        ("[tool.uv.sources]\nmine = { workspace = true }", 11, "mine"),
        ('[tool.uv.sources]\nmine = [{ path = "mine", marker = "sys_platform == \'linux\'" }]', 11, "mine"),
    ],
)
def test_each_mistake_is_placed(header: str, line: int, word: str) -> None:
    error = refused(header)

    assert str(error).startswith(f"/ops/cells.py:{line}: ")
    assert word in str(error)
    assert [mistake["line"] for mistake in error.details["mistakes"]] == [line]


def test_all_mistakes_come_at_once() -> None:
    error = refused('dependencys = []\nrequires-python = "new"\ndependencies = ["numpy >> 2"]')

    assert [mistake["line"] for mistake in error.details["mistakes"]] == [10, 11, 12]
    assert len(str(error).splitlines()) == 3


def test_a_likely_spelling_is_offered() -> None:
    assert refused("dependencys = []").hint == "Did you mean 'dependencies'?"


def test_without_a_first_line_lines_are_the_headers_own() -> None:
    assert str(refused("\nrequires-python = 'new'", first_line=None)).startswith("/ops/cells.py: header line 2: ")


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "-", "x" * 101, "a\n", None, 3])
def test_names_that_are_no_folders_are_refused(name: object) -> None:
    assert "name" in str(refused("", name=name))


@pytest.mark.parametrize("name", ["cells", "c", "cells-1a2b3c4d", "Zellzählung_2.0"])
def test_names_of_folders_are_taken(name: str) -> None:
    assert parse("", name=name).name == name


@pytest.mark.parametrize(
    "others",
    [
        {"text": None},
        {"engine": 3},
        {"first_line": 0},
        {"first_line": "1"},
        {"format": "setup.py"},
        {"variant": "tpu"},
    ],
)
def test_a_specification_of_the_wrong_shape_is_refused(others: dict[str, Any]) -> None:
    assert refused("", **others)
