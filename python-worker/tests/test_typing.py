"""Op files are clean in mypy --strict, as their authors' editors will show them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "python-worker" / "pyproject.toml"
OP_FILES = sorted([*(ROOT / "examples").glob("*.py"), *(ROOT / "schemas" / "vectors" / "ops").glob("*.py")])

MISUSED = """
from alcove import Image, Out, Shape, Table, cached, op

@cached
def load(name: str) -> bytes:
    return name.encode()

@op(memory="much")
def segment(image: Image, out: Out[Image], table: Table) -> None:
    load(5)
    load("a").decode(5)
    load.forget()
    image.sigma
    out.sigma
    table[5] = []
    Shape(type="circle", vertices=image)
"""


def mypy(*files: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(CONFIGURATION)]
    command += ["--cache-dir", str(cache), "--no-error-summary"]
    return subprocess.run([*command, *map(str, files)], cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def test_op_files_are_clean(cache: Path) -> None:
    assert len(OP_FILES) > 12
    # The packages that the examples need are not there, or not typed.
    result = mypy(*OP_FILES, cache=cache)
    errors = [line for line in result.stdout.splitlines() if "error:" in line and "import-" not in line]
    assert not errors, result.stdout
    assert result.stderr == ""


def test_what_is_exported_has_types(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "misused.py"
    file.write_text(MISUSED)
    lines = {line.split(":")[1] for line in mypy(file, cache=cache).stdout.splitlines() if "error:" in line}
    first = MISUSED.splitlines().index('@op(memory="much")') + 1
    assert lines == {str(first)} | {str(first + offset) for offset in range(2, 9)}
