"""Streams within one process: what a frame may be, and who gets which."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy
import pytest
from stream_helpers import content, directory, kind_of, of, reader, writer

from alcove import StreamReader, StreamWriter
from alcove.messages import AlcoveError
from alcove.stream_files import SLOTS, Control

__all__ = ["directory", "reader", "writer"]


# What a frame may be

DTYPES = ["bool", "float16", "float32", "float64", "complex64", "complex128", "longdouble", "clongdouble"]
DTYPES += [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (7,), (4, 5), (2, 3, 4, 5), (1,) * 32])
def test_every_dtype_and_shape_arrives(writer: StreamWriter, reader: StreamReader, shape: tuple[int, ...]) -> None:
    for dtype in DTYPES:
        array = (numpy.arange(int(numpy.prod(shape))).reshape(shape) - 2).astype(dtype)
        writer.write(array)
        with reader.read(0) as frame:  # type: ignore[union-attr]
            assert (frame.array.dtype, frame.array.shape) == (array.dtype, shape)
            numpy.testing.assert_array_equal(frame.array, array)
            assert not frame.array.flags.writeable
            assert frame.array.flags.c_contiguous


def test_long_doubles_arrive_exactly(writer: StreamWriter, reader: StreamReader) -> None:
    third = numpy.longdouble(1) / 3
    writer.write(numpy.array([third]))
    assert content(reader.read(0))[0] == third


@pytest.mark.parametrize(
    "array",
    [
        numpy.arange(60).reshape(3, 4, 5)[::2, ::-1, 1:4],
        numpy.asfortranarray(numpy.arange(12).reshape(3, 4)),
        numpy.broadcast_to(numpy.arange(3), (4, 3)),
        numpy.arange(12, dtype=">u4").reshape(3, 4),
        numpy.arange(5, dtype=">f8"),
        [[1, 2], [3, 4]],
        numpy.float32(1.5),
    ],
)
def test_every_memory_layout_arrives(writer: StreamWriter, reader: StreamReader, array: Any) -> None:
    writer.write(array)
    arrived = content(reader.read(0))
    numpy.testing.assert_array_equal(arrived, array)
    assert arrived.dtype.isnative


@pytest.mark.parametrize(
    "array", [numpy.array([{}]), numpy.array(["a"]), numpy.zeros(2, "i4,f8"), numpy.array(["2020"], "M8[s]")]
)
def test_what_is_no_number_is_refused(writer: StreamWriter, reader: StreamReader, array: Any) -> None:
    with pytest.raises(TypeError, match="a stream carries"):
        writer.write(array)
    assert reader.read(0) is None
    writer.write(of(1))
    assert content(reader.read(0)).tolist() == of(1).tolist()


@pytest.mark.parametrize("shape", [(1,) * 33, (-1, 3), (1 << 40, 1 << 40), (1 << 62, 0, 4)])
def test_impossible_shapes_are_refused(writer: StreamWriter, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"dimensions|too large"), writer.frame(shape, "uint8"):
        raise AssertionError("not reached")


def test_frames_are_filled_in_place(writer: StreamWriter, reader: StreamReader) -> None:
    with writer.frame((2, 3), ">u2") as array:
        assert (array.shape, array.dtype, array.flags.c_contiguous) == ((2, 3), numpy.dtype("uint16"), True)
        array[...] = 7
        assert reader.read(0) is None  # nothing is seen before it is whole
    assert content(reader.read(0)).tolist() == [[7] * 3] * 2
    with pytest.raises(ValueError, match="read-only"):  # it is a reader's by now
        array[...] = 8
    with writer.frame(3, "uint8") as array:
        array[...] = 1
    assert content(reader.read(0)).shape == (3,)


def test_a_frame_that_fails_is_never_seen(writer: StreamWriter, reader: StreamReader) -> None:
    writer.write(of(1))

    def fail() -> None:
        with writer.frame((4, 5), "uint8") as array:
            array[...] = 99
            raise ZeroDivisionError

    for _ in range(2 * SLOTS):
        with pytest.raises(ZeroDivisionError):
            fail()
    assert content(reader.latest()).max() == 1
    writer.write(of(2))
    assert content(reader.read(0)).max() == 2
    assert reader.dropped == 0


# Who gets which


def test_reading(writer: StreamWriter, reader: StreamReader) -> None:
    assert reader.read(0) is None
    assert reader.latest() is None
    assert reader.writer_alive
    before = time.time()
    writer.write(of(1))
    with reader.read() as frame:  # type: ignore[union-attr]
        assert (frame.sequence, frame.array.max()) == (1, 1)
        assert before <= frame.time <= time.time()
    assert reader.read(0.001) is None
    for _ in range(2):  # a frame may be looked at again
        assert content(reader.latest()).max() == 1
    for value in (2, 3, 4):
        writer.write(of(value))
    assert content(reader.read(0)).max() == 4
    assert reader.dropped == 2
    assert reader.read(0) is None


def test_a_late_reader_has_dropped_nothing(writer: StreamWriter, directory: Path) -> None:
    for value in range(5):
        writer.write(of(value))
    with StreamReader("camera", directory) as late:
        assert content(late.read(0)).max() == 4
        assert late.dropped == 0


def test_a_reader_waits_for_a_frame(writer: StreamWriter, reader: StreamReader) -> None:
    frames: list[Any] = []
    waiting = threading.Thread(target=lambda: frames.append(content(reader.read())))
    waiting.start()
    writer.write(of(5))
    waiting.join()
    assert frames[0].max() == 5


def test_the_reader_may_come_first(directory: Path) -> None:
    with StreamReader("camera", directory) as reader:
        assert reader.read(0.01) is None
        assert reader.latest() is None
        assert not reader.writer_alive
        with StreamWriter("camera", directory) as writer:
            assert reader.writer_alive
            writer.write(of(1))
            assert content(reader.read(0)).max() == 1


def test_the_end_is_told_after_the_last_frame(directory: Path) -> None:
    with StreamReader("camera", directory) as reader:
        with StreamWriter("camera", directory) as writer:
            assert reader.read(0) is None
            writer.write(of(1))
        assert not reader.writer_alive
        assert content(reader.read()).max() == 1
        for _ in range(2):
            with pytest.raises(AlcoveError) as error:
                reader.read()
            assert kind_of(error) == "stream_ended"
        assert content(reader.latest()).max() == 1
        # The next writer takes the stream over, and counts on.
        with StreamWriter("camera", directory) as writer:
            assert reader.read(0) is None
            assert content(reader.latest()).max() == 1
            writer.write(of(2))
            with reader.read() as frame:  # type: ignore[union-attr]
                assert (frame.sequence, frame.array.max()) == (2, 2)


def test_a_frame_that_comes_just_before_the_end_is_read(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader finds nothing new; then a frame comes and its writer ends; then the reader finds that it is gone."""
    with StreamReader("camera", directory) as reader, StreamWriter("camera", directory) as writer:
        writer.write(of(1))
        assert content(reader.read()).max() == 1
        has_writer = Control.has_writer

        def write_and_end(control: Control) -> bool:
            writer.write(of(2))
            writer.close()
            monkeypatch.undo()
            return has_writer(control)

        monkeypatch.setattr(Control, "has_writer", write_and_end)
        assert content(reader.read()).max() == 2
        with pytest.raises(AlcoveError, match="is gone"):
            reader.read()


def test_a_reader_follows_a_name_that_stands_for_another_stream(directory: Path) -> None:
    with StreamReader("camera", directory) as reader, StreamWriter("camera", directory) as writer:
        writer.write(of(1))
        writer.write(of(1))
        assert content(reader.read(0)).max() == 1
        for file in directory.iterdir():  # as a user might
            file.unlink()
        with StreamWriter("camera", directory) as another:
            another.write(of(2))
            writer.close()
            assert content(reader.read()).max() == 2
            another.write(of(3))
            assert content(reader.latest()).max() == 3


def test_one_writer(writer: StreamWriter, reader: StreamReader, directory: Path) -> None:
    writer.write(of(1))
    with pytest.raises(AlcoveError) as error:
        StreamWriter("camera", directory)
    assert kind_of(error) == "stream_busy"
    assert content(reader.read(0)).max() == 1
    with StreamWriter("camera-2", directory):
        pass


@pytest.mark.parametrize("name", ["", ".hidden", "-x", "a b", "a/b", "ä", "a=1", "a" * 65, "a\n", None])
def test_names_that_no_stream_can_have(directory: Path, name: Any) -> None:
    for make in (StreamWriter, StreamReader):
        with pytest.raises(AlcoveError) as error:
            make(name, directory)
        assert kind_of(error) == "stream_unavailable"


def test_streams_whose_names_begin_alike_do_not_meet(directory: Path) -> None:
    names = ["a", "a1", "a-1", "a.1", "_", "A" * 64]
    writers = [StreamWriter(name, directory) for name in names]
    readers = [StreamReader(name, directory) for name in names]
    for value, writing in enumerate(writers):
        writing.write(of(value))
    for value, (writing, reading) in enumerate(zip(writers, readers, strict=True)):
        assert content(reading.read(0)).max() == value
        writing.close()
        reading.close()
