"""Streams within one process: what a frame may be, who gets which, and that nothing is left."""

from __future__ import annotations

import gc
import linecache
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy
import pytest
from stream_helpers import content, directory, of, open_files

from alcove import StreamReader, StreamWriter
from alcove.messages import AlcoveError
from alcove.range_locks import Hold
from alcove.stream_files import SLOTS, Control
from alcove.stream_registry import sweep_streams

__all__ = ["directory"]


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
    for value, writer in enumerate(writers):
        writer.write(of(value))
    for value, (writer, reader) in enumerate(zip(writers, readers, strict=True)):
        assert content(reader.read(0)).max() == value
        writer.close()
        reader.close()


# Slots


def test_a_frame_stays_what_it_is_while_it_is_open(writer: StreamWriter, reader: StreamReader) -> None:
    frames = []
    for value in range(20):
        writer.write(of(value, (100, 100)))
        frames.append(reader.read(0))
    for value, frame in enumerate(frames):
        assert (frame.array == value).all()  # type: ignore[union-attr]
        frame.close()  # type: ignore[union-attr]


def test_a_view_that_outlives_its_frame_still_shows_it(writer: StreamWriter, reader: StreamReader) -> None:
    writer.write(of(1, (100, 100)))
    with reader.read(0) as frame:  # type: ignore[union-attr]
        view = frame.array[::2].T
    with pytest.raises(ValueError, match="closed"):
        _ = frame.array
    for value in range(2, 2 * SLOTS):
        writer.write(of(value, (100, 100)))
    reader.close()
    assert (view == 1).all()
    writer.close()
    assert (view == 1).all()


def test_slots_are_used_again(writer: StreamWriter, reader: StreamReader, directory: Path) -> None:
    for value in range(3 * SLOTS):
        writer.write(of(value))
        assert content(reader.read(0)).max() == value
    assert len(list(directory.iterdir())) == 3  # the newest frame, the one being written, the control file


def test_readers_that_hold_all_slots_are_an_error(writer: StreamWriter, reader: StreamReader) -> None:
    frames = []
    for value in range(SLOTS):
        writer.write(of(value))
        frames.append(reader.read(0))
    with pytest.raises(AlcoveError) as error:
        writer.write(of(99))
    assert kind_of(error) == "stream_busy"
    assert content(reader.latest()).max() == SLOTS - 1
    assert [frame.array.max() for frame in frames if frame] == list(range(SLOTS))
    frames[5].close()  # type: ignore[union-attr]
    writer.write(of(100))
    assert content(reader.read(0)).max() == 100
    assert frames[6].array.max() == 6  # type: ignore[union-attr]


def test_a_frame_may_be_open_twice(writer: StreamWriter, reader: StreamReader) -> None:
    writer.write(of(1))
    with reader.latest() as first, reader.latest() as second:  # type: ignore[union-attr]
        first.close()
        for value in range(2, 5):
            writer.write(of(value))
        assert second.array.max() == 1


def slot_files(directory: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in directory.iterdir() if path.name[-1] != "="}


def test_memory_grows_and_shrinks_with_the_frames(writer: StreamWriter, reader: StreamReader, directory: Path) -> None:
    for side in (10, 1000, 300, 2000):
        for value in range(3):
            writer.write(of(value, (side, side)))
            assert (content(reader.read(0)) == of(value, (side, side))).all()
    large = slot_files(directory)
    assert min(large.values()) >= 2000 * 2000
    writer.write(of(1))  # a small frame now and then changes nothing
    assert slot_files(directory) == large
    for _ in range(40):
        writer.write(of(1))
        assert content(reader.read(0)).max() == 1
    assert max(slot_files(directory).values()) == 4096
    assert not set(slot_files(directory)) & set(large)


def test_a_view_of_a_slot_that_grew_still_shows_its_frame(writer: StreamWriter, reader: StreamReader) -> None:
    writer.write(of(1))
    with reader.read(0) as old:  # type: ignore[union-attr]
        for value in range(2, 6):
            writer.write(of(value, (value * 1000, 100)))
        assert (old.array == 1).all()
    assert (content(reader.read(0)) == 5).all()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_files_are_the_users_own(writer: StreamWriter, directory: Path) -> None:
    writer.write(of(1))
    files = list(directory.iterdir())
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    for file in files:
        assert file.stat().st_blocks * 512 >= file.stat().st_size  # reserved, not merely named


# Ends


@pytest.mark.parametrize("reader_first", [False, True])
def test_the_last_to_end_deletes_all(directory: Path, reader_first: bool) -> None:
    writer, reader = StreamWriter("camera", directory), StreamReader("camera", directory)
    writer.write(of(1))
    first, second = (reader, writer) if reader_first else (writer, reader)
    first.close()
    assert len(list(directory.iterdir())) == 2
    second.close()
    assert list(directory.iterdir()) == []
    assert open_files(directory) == []
    for end in (first, second, reader, writer):
        end.close()
    for use in (lambda: reader.read(0), reader.latest, lambda: writer.write(of(1))):
        with pytest.raises(ValueError, match="closed"):
            use()


def test_what_nobody_closed_ends_with_its_object(directory: Path) -> None:
    writer, reader = StreamWriter("camera", directory), StreamReader("camera", directory)
    writer.write(of(1))
    del writer
    gc.collect()
    assert not reader.writer_alive
    del reader
    gc.collect()
    assert list(directory.iterdir()) == []


def test_a_frame_that_is_filled_when_its_writer_closes_is_not_published(directory: Path) -> None:
    with StreamReader("camera", directory) as reader:
        writer = StreamWriter("camera", directory)
        with pytest.raises(ValueError, match="closed"), writer.frame((4, 5), "uint8"):
            writer.close()
        assert reader.read(0) is None


def test_many_openings_leave_nothing_open(directory: Path) -> None:
    for value in range(50):
        with StreamWriter("camera", directory) as writer, StreamReader("camera", directory) as reader:
            writer.write(of(value))
            assert content(reader.read(0)).max() == value
        assert list(directory.iterdir()) == []
        assert open_files(directory) == []


@pytest.mark.parametrize("end", [StreamWriter, StreamReader])
def test_a_stream_that_is_deleted_while_it_is_opened(
    directory: Path, monkeypatch: pytest.MonkeyPatch, end: Any
) -> None:
    """Between opening its file and locking it, another may delete it, and a third make a new one."""
    kept = StreamReader("camera", directory)
    with StreamWriter("camera", directory):
        assert kept.writer_alive
    take, wanted = Hold.take, (1 << 30) + (0 if end is StreamWriter else 16)
    others: list[StreamWriter] = []

    def delete_and_take(hold: Hold) -> bool:
        if hold.first == wanted:
            monkeypatch.undo()
            for path in directory.iterdir():
                path.unlink()
            if end is StreamReader:
                others.append(StreamWriter("camera", directory))
        return take(hold)

    monkeypatch.setattr(Hold, "take", delete_and_take)
    opened = end("camera", directory)
    writer = opened if end is StreamWriter else others[0]
    writer.write(of(3))
    with StreamReader("camera", directory) as reader:
        assert content(reader.read(0)).max() == 3
    if end is StreamReader:
        assert content(opened.read(0)).max() == 3
    for one in (writer, opened, kept):
        one.close()


def test_two_streams_of_one_name_share_no_files_name(directory: Path) -> None:
    names: set[str] = set()
    for _ in range(3):
        with StreamWriter("camera", directory) as writer:
            writer.write(of(1))
            assert not names & set(slot_files(directory))
            names |= set(slot_files(directory))
    assert len(names) == 3


def test_sweeping_spares_what_lives(writer: StreamWriter, directory: Path) -> None:
    writer.write(of(1))
    files = sorted(path.name for path in directory.iterdir())
    assert sweep_streams(directory) == []
    with StreamReader("camera", directory) as reader:
        writer.close()
        assert sweep_streams(directory) == []
        assert content(reader.read(0)).max() == 1
        assert sorted(path.name for path in directory.iterdir()) == files


def test_sweeping_deletes_what_belongs_to_nothing(directory: Path) -> None:
    left = ["alcove-stream.x=17", "alcove-stream.x=newold"]
    kept = ["alcove-stream.x=newyoung", "alcove-stream.a=b", "alcove-stream. =1", "alcove-streams.x=1", "x=1"]
    for name in left + kept:
        (directory / name).write_bytes(b"")
    os.utime(directory / "alcove-stream.x=newold", (0, 0))
    assert sweep_streams(directory) == left
    for name in kept:
        (directory / name).unlink()


# Threads


def test_writer_and_readers_in_threads(writer: StreamWriter, directory: Path) -> None:
    """Two threads write, three read; frames have one value each and sizes that change."""
    count, torn, seen = 150, [], []

    def write(first: int) -> None:
        for value in range(first, first + count):
            writer.write(of(value % 251, (50 + value % 7 * 40, 100)))

    def read() -> None:
        with StreamReader("camera", directory) as reader:
            last = 0
            while last < 2 * count:
                with reader.read() as frame:  # type: ignore[union-attr]
                    if frame.array.min() != frame.array.max() or frame.sequence <= last:
                        torn.append(frame.sequence)
                    last = frame.sequence
            seen.append(last)

    threads = [threading.Thread(target=read) for _ in range(3)]
    threads += [threading.Thread(target=write, args=(first,)) for first in (0, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert torn == []
    assert seen == [2 * count] * 3


# Interrupts


class Interruption:
    """Raises KeyboardInterrupt before the n-th line of the modules of streams that runs within the ``with`` block."""

    def __init__(self, line: int) -> None:
        self.left = line

    def __enter__(self) -> Interruption:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        name = os.path.basename(frame.f_code.co_filename)
        if name.startswith(("stream_", "range_locks")) and not self._may_not_raise(frame):
            # Python itself looks for signals after calls and at jumps, and so never between the end of a with block's
            # body and the call that ends the with.
            if event == "line" and not linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith(
                "with "
            ):
                self.left -= 1
                if self.left == 0:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return self._trace
        return None

    @staticmethod
    def _may_not_raise(frame: FrameType | None) -> bool:
        """What a collected object calls: an exception there goes nowhere."""
        while frame is not None:
            if frame.f_code.co_name == "__del__" or frame.f_code.co_filename.endswith("weakref.py"):
                return True
            frame = frame.f_back
        return False


def interrupted(line: int, action: Any) -> bool:
    """Whether the action was interrupted there, and not over before."""
    try:
        with Interruption(line):
            action()
    except KeyboardInterrupt:
        return True
    return False


def slots_locked(directory: Path) -> int:
    """How many slots any process has locked (Linux)."""
    inode = (directory / "alcove-stream.camera=").stat().st_ino
    locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return sum(int(lock[-2]) >= (1 << 30) + 32 for lock in locks if int(lock[-3].split(":")[2]) == inode)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="locks are listed on Linux alone")
@pytest.mark.parametrize("frames", [1, 2])
def test_an_interrupt_anywhere_in_writing_leaves_the_stream_whole(
    writer: StreamWriter, directory: Path, frames: int
) -> None:
    reader = StreamReader("camera", directory)
    for _ in range(frames):  # each slot has its turn at each line
        writer.write(of(0))
    line, value = 1, 0
    # Sizes change, so that files are replaced as well.
    while interrupted(line, partial(writer.write, of(value + 1, (10 + line % 5 * 3000,)))):
        found = content(reader.latest())
        assert slots_locked(directory) == 0
        assert found.min() == found.max() in (value, value + 1)
        value = (value + 1) % 200 + 1
        writer.write(of(value))
        with suppress(ZeroDivisionError), writer.frame((4, 5), "uint8"):
            raise ZeroDivisionError
        assert (content(reader.read(0)) == of(value)).all()
        line += 1
    assert line > 60
    reader.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="locks are listed on Linux alone")
def test_an_interrupt_anywhere_in_reading_leaves_no_slot_locked(writer: StreamWriter, directory: Path) -> None:
    reader = StreamReader("camera", directory)
    writer.write(of(1))
    line = 1
    while interrupted(line, lambda: reader.latest().close()):  # type: ignore[union-attr]
        writer.write(of(1, (line % 3 + 1) * 3000))
        assert slots_locked(directory) == 0
        assert content(reader.latest()).max() == 1
        line += 1
    assert line > 30
    reader.close()


def test_an_interrupt_anywhere_in_opening_or_closing_locks_nobody_out(directory: Path) -> None:
    def live() -> None:
        with StreamWriter("camera", directory) as writer, StreamReader("camera", directory):
            writer.write(of(1))

    line = 1
    while interrupted(line, live):
        with StreamWriter("camera", directory) as writer, StreamReader("camera", directory) as reader:
            writer.write(of(2))
            assert content(reader.read(0)).max() == 2
        for left in directory.glob("*=new*"):
            os.utime(left, (0, 0))  # it is swept a minute later
        sweep_streams(directory)
        assert list(directory.iterdir()) == []
        line += 2  # each takes a while
    assert line > 150
