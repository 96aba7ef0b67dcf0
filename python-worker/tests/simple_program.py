"""What the tests of simple mode share: the program, how it ended, and the arrays that it wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import tifffile
from leftovers import DEADLINE, MARK
from worker_process import OP_FILES, SOURCES

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


def loaded(descriptor: dict[str, Any]) -> Any:
    """The array of an output, which must be an absolute path."""
    assert descriptor["$type"] == "file"
    path = Path(descriptor["path"])
    assert path.is_absolute()
    return numpy.load(path) if path.suffix == ".npy" else tifffile.imread(path)


def axes(names: str) -> list[dict[str, Any]]:
    return [{"name": name} for name in names.split()]
