"""What the tests of streams share."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

from alcove import StreamReader, StreamWriter
from alcove.messages import AlcoveError


def open_files(directory: Path) -> list[str]:
    """The files of a directory that this process has open."""
    found = []
    for descriptor in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []:
        try:
            target = os.readlink(f"/proc/self/fd/{descriptor}")
        except FileNotFoundError:  # the one by which the others were listed
            continue
        if target.startswith(str(directory)):
            found.append(target)
    return found


@pytest.fixture
def directory() -> Iterator[Path]:
    """A memory directory in which a test leaves nothing, and of which it leaves nothing open."""
    shared = Path("/dev/shm")
    path = Path(tempfile.mkdtemp(prefix="alcove-tests-µ ", dir=shared if shared.is_dir() else None))
    try:
        yield path
        if open_files(path):
            gc.collect()  # a failure that was looked at may hold on to something
        assert [entry.name for entry in path.iterdir()] == []
        assert open_files(path) == []
    finally:
        shutil.rmtree(path)


def content(frame: Any) -> Any:
    """A copy of a frame's array, which is closed then."""
    assert frame is not None
    with frame:
        return frame.copy()


def of(value: int, shape: Any = (4, 5), dtype: str = "uint8") -> Any:
    """An array of one value."""
    return numpy.full(shape, value, dtype)


@pytest.fixture
def writer(directory: Path) -> Iterator[StreamWriter]:
    with StreamWriter("camera", directory) as writer:
        yield writer


@pytest.fixture
def reader(writer: StreamWriter, directory: Path) -> Iterator[StreamReader]:
    with StreamReader("camera", directory) as reader:
        yield reader


def kind_of(error: pytest.ExceptionInfo[AlcoveError]) -> str:
    """The kind of an error that also says what to do."""
    assert error.value.data["hint"]
    return error.value.kind
