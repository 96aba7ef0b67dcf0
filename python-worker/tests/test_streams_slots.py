"""Slots of a stream, and how it ends, within one process."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from stream_helpers import content, directory, kind_of, of, open_files, reader, writer

from alcove import StreamReader, StreamWriter
from alcove.messages import AlcoveError
from alcove.range_locks import Hold
from alcove.stream_files import SLOTS
from alcove.stream_registry import sweep_streams

__all__ = ["directory", "reader", "writer"]


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
