"""What users of the package ndsharray know, on streams: their programs run with one import changed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from other_process import OtherProcess, other
from stream_helpers import directory, of

from alcove import ndsharray
from alcove.messages import AlcoveError
from alcove.ndsharray import NdShArray, supported_types

__all__ = ["directory", "other"]


@pytest.fixture(autouse=True)
def memory(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs name no directory; other processes inherit this one."""
    monkeypatch.setenv("ALCOVE_MEMORY_DIR", str(directory))
    return directory


def pair(name: str = "my_unique_tag", **options: Any) -> tuple[NdShArray, NdShArray]:
    return NdShArray(name, r_w="w", **options), NdShArray(name, r_w="r")


def test_the_calls_of_its_documentation(other: Callable[..., OtherProcess], directory: Path) -> None:
    """Two consoles, as its user guide has them: an array, another of other shape and dtype, the properties."""
    writer, reader = other(), other()
    for console in (writer, reader):
        console.ask("import numpy as np")
        console.ask("from alcove import ndsharray")
    writer.ask("array = np.random.random((4, 2))")
    writer.ask("shared = ndsharray.NdShArray('my_unique_tag123', array=array, r_w='w')")
    assert writer.ask("(shared.name, shared.access)") == ("my_unique_tag123", "w")
    reader.ask("shared = ndsharray.NdShArray('my_unique_tag123', r_w='r')")
    reader.ask("status, array = shared.read()")
    assert reader.ask("(bool(status), shared.access, array.tolist())") == (True, "r", writer.ask("array.tolist()"))
    assert reader.ask("0 <= shared.read_time_ms < 60000") is True
    before = writer.ask("shared.ndarray_mmap_name")
    writer.ask("array = (255 * np.random.random((600, 30))).astype(np.uint8)")
    writer.ask("shared.write(array)")
    after = writer.ask("shared.ndarray_mmap_name")
    assert after != before
    reader.ask("status, array = shared.read()")
    assert reader.ask("(bool(status), array.dtype.name, array.tolist())") == (
        True,
        "uint8",
        writer.ask("array.tolist()"),
    )
    assert reader.ask("shared.ndarray_mmap_name") == after
    assert reader.ask("[kind.__name__ for kind in ndsharray.supported_types].count('bool')") in (1, 2)
    writer.end()
    reader.end()
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("shape", [(72, 128), (4,) * 6, (24, 48, 3, 6), (1,), (0,)])
def test_every_supported_type_arrives(shape: tuple[int, ...]) -> None:
    writer, reader = pair()
    for kind in supported_types:
        array = (numpy.random.random(shape) * 255).astype(kind)
        reader.read()
        writer.write(array)
        valid, found = reader.read()
        assert valid
        assert found.dtype == array.dtype
        numpy.testing.assert_array_equal(found, array)


def test_which_types_are_supported() -> None:
    names = {numpy.dtype(kind).name for kind in ndsharray.supported_types}
    assert {"bool", "int8", "uint64", "float16", "complex128"} <= names
    if numpy.dtype("longdouble").itemsize == 16:
        assert {"float128", "complex256"} <= names
    assert bool in supported_types
    with pytest.raises(AttributeError):
        _ = ndsharray.unsupported_types


def test_a_frame_is_valid_as_often_as_it_is_read() -> None:
    writer, reader = pair()
    writer.write(of(3))
    for _ in range(3):
        valid, array = reader.read()
        assert valid
        assert (array == 3).all()
        assert not array.flags.writeable  # as there
    first = reader.read_time_ms
    time.sleep(0.002)
    reader.read()
    assert reader.read_time_ms > first


def test_arrays_that_were_read_stay_what_they_are() -> None:
    writer, reader = pair()
    arrays = []
    for value in range(200):
        writer.write(of(value))
        arrays.append(reader.read()[1])
    assert [array.max() for array in arrays] == list(range(200))


def test_nothing_is_valid_before_something_was_written() -> None:
    with NdShArray("tag", of(5), r_w="r") as reader:  # it may come first
        valid, array = reader.read()
        assert (valid, array.max(), reader.is_valid) == (False, 5, False)
        with NdShArray("tag", r_w="w") as writer:
            assert (reader.read()[0], writer.is_valid) == (False, False)
            writer.write(of(6))
            assert (reader.read()[0], writer.is_valid, reader.is_valid) == (True, True, True)
    with NdShArray("tag", r_w="r") as reader:
        valid, array = reader.read()
        assert (valid, array.shape, array.dtype) == (False, (0,), numpy.dtype("uint8"))


def test_the_last_frame_of_a_dead_writer_is_valid(other: Callable[..., OtherProcess]) -> None:
    with NdShArray("tag", r_w="r") as reader:
        writer = other()
        writer.ask("import numpy; from alcove.ndsharray import NdShArray")
        writer.ask("w = NdShArray('tag', numpy.full(3, 1), 'w')")
        assert reader.read()[0]
        writer.ask("w.write(numpy.full(3, 2))")
        writer.kill()
        for _ in range(2):
            valid, array = reader.read()
            assert (valid, array.tolist()) == (True, [2, 2, 2])
        # Another writer under the name.
        with NdShArray("tag", numpy.full(2, 3), "w"):
            assert reader.read()[1].tolist() == [3, 3]


def test_what_cannot_be_read_any_more_is_not_valid(memory: Path) -> None:
    writer, reader = pair()
    writer.write(of(1))
    assert reader.read()[0]
    writer.write(of(2, (100, 100)))
    for path in memory.iterdir():
        if path.name[-1] != "=":
            path.unlink()
    valid, array = reader.read()
    assert not valid
    assert array.max() == 1


def test_the_memory_is_named_anew_when_it_is_outgrown() -> None:
    writer, reader = pair(array=of(1, (1000, 1000)))
    names = set()
    for value in range(4):
        writer.write(of(value, (1000, 1000)))
        reader.read()
        assert writer.ndarray_mmap_name == reader.ndarray_mmap_name
        names.add(writer.ndarray_mmap_name)
    assert len(names) == 1
    assert re.fullmatch("my_unique_tag_[0-9a-f]{32}", names.pop())
    before = writer.ndarray_mmap_name
    writer.write(of(1, (2000, 1000)))
    assert writer.ndarray_mmap_name != before
    reader.read()
    assert reader.ndarray_mmap_name == writer.ndarray_mmap_name


@pytest.mark.parametrize("name", ["my tag", "µ/漢", ".hidden", "x" * 300, ""])
def test_any_text_is_a_name(name: str) -> None:
    (writer, reader), (other_writer, _) = pair(name), pair(name + "!")
    writer.write(of(1))
    other_writer.write(of(2))
    assert reader.name == name
    assert reader.read()[1].max() == 1


def test_wrong_arguments() -> None:
    for access in (None, "rw", "x"):
        with pytest.raises(ValueError, match="r_w"):
            NdShArray("tag", r_w=access)
    with NdShArray("tag", r_w="W") as writer, NdShArray("tag", r_w="R") as reader:
        assert (writer.access, reader.access) == ("w", "r")
        with pytest.raises(TypeError, match="ndarray"):
            writer.write([1, 2])  # type: ignore[arg-type]
        with pytest.raises(NotImplementedError, match="object"):
            writer.write(numpy.array([{}]))
        with pytest.raises(TypeError, match="to be read"):
            reader.write(of(1))
        with pytest.raises(AlcoveError, match="has a writer already"):
            NdShArray("tag", r_w="w")


def test_a_writer_may_read_what_it_wrote() -> None:
    with NdShArray("tag", of(4), "w") as writer:
        valid, array = writer.read()
        assert (valid, array.max()) == (True, 4)


def test_ends(directory: Path) -> None:
    writer, reader = pair(array=of(1))
    assert reader.read()[0]
    del writer
    assert reader.read()[0]
    reader.close()
    reader.close()
    assert os.listdir(directory) == []
