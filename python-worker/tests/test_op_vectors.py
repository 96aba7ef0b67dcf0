"""The vectors of op files: what an author writes, and the document or the mistakes that come of it.

They are loaded into this process, and described by ``python -m alcove describe`` in every Python that this machine has.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pythons import find_pythons
from worker_process import BOOT, SOURCES

from alcove.arrays import DTYPES
from alcove.loading import load_file
from alcove.messages import AlcoveError

Recorder = Callable[[str, object], None]

OPS = Path(__file__).parents[2] / "schemas" / "vectors" / "ops"
FILES = sorted(OPS.glob("*.py"))
MISTAKES = sorted((OPS / "mistakes").glob("*.py"))
PYTHONS = find_pythons()
# What Python itself says of a syntax error changes from version to version.
IN_PYTHONS_WORDS = {"syntax"}
NEEDS_NUMPY = {"arrays_of_packages"}

ROLES = {"image", "labels", "mask", "points", "vectors", "tracks", "array"}
TYPES = set("boolean integer float complex string bytes path choice list object any array table shapes".split())


def name_of(file: Path) -> str:
    return file.stem


def pinned(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.with_suffix(".json").read_text("utf-8"))
    return document


def same(found: Any, expected: Any) -> bool:
    """Whether both are the same JSON: 1 is not 1.0, and members have an order."""
    return json.dumps(found) == json.dumps(expected)


def without_id(op: dict[str, Any]) -> dict[str, Any]:
    assert re.fullmatch(f"[0-9a-f]{{12}}:{re.escape(op['name'])}", op["id"])
    assert list(op)[-1] == "id"
    return {member: value for member, value in op.items() if member != "id"}


def plain(mistakes: list[dict[str, Any]], file: Path) -> list[dict[str, Any]]:
    """The mistakes as vectors have them: without the file, which is the same for all."""
    assert all(mistake.pop("file") == str(file) for mistake in mistakes)
    return mistakes


@pytest.fixture(autouse=True)
def modules_undone(imports_undone: None) -> Iterator[None]:
    """The files are loaded into this process, under their names."""
    yield
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(OPS)):
            del sys.modules[name]


def test_every_vector_is_complete() -> None:
    for folder in (OPS, OPS / "mistakes"):
        files = {file.stem for file in folder.glob("*.py")}
        assert files == {file.stem for file in folder.glob("*.json")}
    assert len(FILES) >= 12
    assert len(MISTAKES) >= 15


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_gives_its_document(file: Path, record_property: Recorder) -> None:
    record_property("vectors", "ops 1")
    found = {"ops": [without_id(loaded.descriptor) for loaded in load_file(str(file))]}
    assert same(found, pinned(file)), json.dumps(found, indent=2)


@pytest.mark.parametrize("file", MISTAKES, ids=name_of)
def test_all_mistakes_of_a_file_are_told(file: Path, record_property: Recorder) -> None:
    record_property("vectors", "ops 1")
    with pytest.raises(AlcoveError) as error:
        load_file(str(file))
    assert error.value.kind == "load_failed"
    found = {"mistakes": plain(error.value.data["mistakes"], file)}
    assert same(found, pinned(file)), json.dumps(found, indent=2)
    assert all(mistake["hint"] for mistake in found["mistakes"])


@pytest.mark.parametrize("version", PYTHONS)
def test_the_same_in_every_python(version: str) -> None:
    files = [file for file in FILES if allows(file, version)]
    with ThreadPoolExecutor(4) as threads:
        for file, answer in zip(files, threads.map(lambda file: described(version, file), files), strict=True):
            found = {"ops": [without_id(op) for op in answer["ops"]]}
            assert same(found, pinned(file)), f"{file.name}: {json.dumps(found, indent=2)}"
            assert answer["sources"] == [str(file)]


@pytest.mark.parametrize("version", PYTHONS)
def test_the_same_mistakes_in_every_python(version: str) -> None:
    files = [file for file in MISTAKES if file.stem not in NEEDS_NUMPY]
    with ThreadPoolExecutor(4) as threads:
        for file, answer in zip(files, threads.map(lambda file: described(version, file), files), strict=True):
            found = {"mistakes": plain(answer["error"]["data"]["mistakes"], file)}
            expected = pinned(file)
            if file.stem in IN_PYTHONS_WORDS:
                for mistake in (*found["mistakes"], *expected["mistakes"]):
                    mistake["message"] = ""
            assert same(found, expected), f"{file.name}: {json.dumps(found, indent=2)}"


def allows(file: Path, version: str) -> bool:
    """Whether the file's header lets it be loaded by this Python."""
    required = re.search(r'^# requires-python = ">=3\.(\d+)"', file.read_text("utf-8"), re.MULTILINE)
    return required is None or int(version.partition(".")[2]) >= int(required[1])


def described(version: str, file: Path) -> dict[str, Any]:
    command = [PYTHONS[version], "-X", "utf8", "-B", "-c", BOOT, str(SOURCES), "describe", str(file)]
    result = subprocess.run(command, capture_output=True)
    answer: dict[str, Any] = json.loads(result.stdout)
    assert result.returncode == (1 if "error" in answer else 0)
    return answer


def test_the_vectors_have_everything_in_them() -> None:
    """Whoever reads or writes documents meets every member, type, role and form in them."""
    ops = [op for file in FILES for op in pinned(file)["ops"]]
    values = [value for op in ops for value in (*op["inputs"], *op["outputs"])]
    items = [value["items"] for value in values if "items" in value]
    assert {value["type"] for value in values} == TYPES
    assert {value["role"] for value in values if "role" in value} == ROLES
    assert {dtype for value in values for dtype in value.get("dtypes", ())} == set(DTYPES)
    assert {op["form"] for op in ops} == {"function", "computer", "inplace"}
    assert {member for op in ops for member in op} == set(
        "name title description form inputs outputs idempotent gpu version menu grace memory".split()
    )
    assert {member for value in values for member in value} == set(
        "name type nullable role axes dtypes items choices minimum maximum step unit label direction required default "
        "description".split()
    )
    assert {"nullable", "items", "choices", "minimum", "role"} <= {member for item in items for member in item}
    assert {type(choice) for value in values for choice in value.get("choices", ())} == {str, int, bool}
