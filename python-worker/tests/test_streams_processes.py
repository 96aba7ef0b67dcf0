"""Streams between processes: ends of all kinds, one writer among them, and that no frame is ever torn."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from other_process import OtherProcess, other
from pythons import find_pythons
from stream_helpers import content, directory, of, open_files
from worker_process import SOURCES

from alcove import StreamReader, StreamWriter, range_locks
from alcove.leases import sweep, sweep_host
from alcove.messages import AlcoveError
from alcove.range_locks import Hold
from alcove.stream_files import SLOTS

__all__ = ["directory", "other"]

Start = Callable[..., OtherProcess]


def start_writer(other: Start, directory: Path, *values: int) -> OtherProcess:
    """A process that has written these frames."""
    process = other()
    process.ask("import numpy")
    process.ask(f"w = alcove.StreamWriter('camera', {str(directory)!r})")
    for value in values:
        process.ask(f"w.write(numpy.full((40, 50), {value}, 'u1'))")
    return process


def start_reader(other: Start, directory: Path) -> OtherProcess:
    process = other()
    process.ask(f"r = alcove.StreamReader('camera', {str(directory)!r})")
    return process


# Ends


def test_a_killed_writers_last_frame_is_read_and_then_its_end(other: Start, directory: Path) -> None:
    with StreamReader("camera", directory) as reader:
        writer = start_writer(other, directory, 1, 2)
        assert reader.writer_alive
        assert content(reader.read()).max() == 2
        writer.ask("w.write(numpy.full((40, 50), 3, 'u1'))")
        writer.kill()
        assert not reader.writer_alive
        assert content(reader.read()).max() == 3
        with pytest.raises(AlcoveError, match="its last frame was read") as error:
            reader.read()
        assert error.value.kind == "stream_ended"
        assert content(reader.latest()).max() == 3
        # Another takes the stream over.
        with StreamWriter("camera", directory) as successor:
            successor.write(of(4))
            with reader.read() as frame:  # type: ignore[union-attr]
                assert (frame.sequence, frame.array.max()) == (4, 4)


def test_a_reader_that_waits_is_told_of_a_kill(other: Start, directory: Path) -> None:
    writer = start_writer(other, directory, 1)
    reader = start_reader(other, directory)
    assert reader.ask("r.read().copy().max() == 1") is True
    reader.send("r.read()")
    writer.kill()
    assert reader.answer() == "stream_ended"
    assert reader.ask("r.close()") is None


def test_a_writer_killed_in_the_middle_of_a_frame_leaves_the_one_before(other: Start, directory: Path) -> None:
    with StreamReader("camera", directory) as reader:
        writer = start_writer(other, directory, 1)
        writer.ask("f = w.frame((40, 50), 'u1'); f.__enter__()[...] = 99")
        writer.kill()
        assert content(reader.read()).max() == 1
        with StreamWriter("camera", directory) as successor:
            for value in range(2, 6):
                successor.write(of(value))
            with reader.read() as frame:  # type: ignore[union-attr]
                assert (frame.sequence, frame.array.max()) == (5, 5)


def test_a_writer_that_only_exits_has_closed_its_stream(other: Start, directory: Path) -> None:
    with StreamReader("camera", directory) as reader:
        writer = start_writer(other, directory, 1)
        assert reader.writer_alive
        writer.end()
        assert not reader.writer_alive
        assert content(reader.read()).max() == 1


def test_a_killed_readers_slots_are_free_again(other: Start, directory: Path) -> None:
    with StreamWriter("camera", directory) as writer:
        reader = start_reader(other, directory)
        reader.ask("frames = []")
        for value in range(SLOTS):
            writer.write(of(value))
            reader.ask("frames.append(r.read())")
        with pytest.raises(AlcoveError, match="hold all 64 slots"):
            writer.write(of(99))
        assert reader.ask("[frame.array.max() for frame in frames] == list(range(64))") is True
        reader.kill()
        for value in range(2 * SLOTS):
            writer.write(of(value))
    assert list(directory.iterdir()) == []


def test_a_second_process_may_not_write(other: Start, directory: Path) -> None:
    writer = start_writer(other, directory, 1)
    with pytest.raises(AlcoveError) as error:
        StreamWriter("camera", directory)
    assert error.value.kind == "stream_busy"
    assert writer.ask("w.write(numpy.full((40, 50), 2, 'u1'))") is None
    with StreamReader("camera", directory) as reader:
        assert content(reader.read()).max() == 2
        assert writer.ask(f"alcove.StreamWriter('camera', {str(directory)!r})") == "stream_busy"
        writer.kill()
        with StreamWriter("camera", directory):
            pass


def test_readers_of_other_processes_keep_a_closed_stream(other: Start, directory: Path) -> None:
    reader = start_reader(other, directory)
    with StreamWriter("camera", directory) as writer:
        assert reader.ask("r.read(0)") is None
        writer.write(of(1))
    assert len(list(directory.iterdir())) == 2
    assert reader.ask("r.read().copy().max() == 1") is True
    assert reader.ask("r.read()") == "stream_ended"
    reader.ask("r.close()")
    assert list(directory.iterdir()) == []


def test_what_is_open_twice_in_a_process_is_held_until_both_are_closed(other: Start, directory: Path) -> None:
    reader = start_reader(other, directory)
    reader.ask(f"r2 = alcove.StreamReader('camera', {str(directory)!r})")
    with StreamWriter("camera", directory) as writer:
        writer.write(of(1))
        reader.ask("first = r.read(); second = r2.read(); third = r2.latest()")
        reader.ask("first.close(); second.close(); r.close()")
        for value in range(2, 8):
            writer.write(of(value))
        assert reader.ask("third.array.max()") == 1
    assert reader.ask("r2.read().copy().max()") == 7
    reader.ask("third.close(); r2.close()")


def test_what_the_killed_left_is_swept_by_whoever_comes(other: Start, directory: Path) -> None:
    for come in (
        lambda: StreamWriter("another", directory).close(),
        lambda: sweep_host(directory, "alcove-00000000", 0),
    ):
        writer, reader = start_writer(other, directory, 1, 2), start_reader(other, directory)
        reader.ask("frame = r.latest()")
        come()
        assert len(list(directory.iterdir())) == 3
        writer.kill()
        come()
        assert len(list(directory.iterdir())) == 3
        reader.kill()
        come()
        assert list(directory.iterdir()) == []


def test_a_view_outlives_the_deleting_of_its_stream(other: Start, directory: Path) -> None:
    writer = start_writer(other, directory, 1)
    with StreamReader("camera", directory) as reader:
        view = reader.read().array  # type: ignore[union-attr]
    writer.ask("w.close()")
    assert list(directory.iterdir()) == []
    assert (view == 1).all()
    # The name's next stream has nothing to do with it.
    for value in range(5):
        writer.ask(f"w = alcove.StreamWriter('camera', {str(directory)!r})")
        writer.ask(f"w.write(numpy.full((40, 50), {value + 2}, 'u1'))")
        writer.ask("w.close()")
    assert (view == 1).all()


def test_two_that_end_at_once_leave_nothing(other: Start, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer ends and finds a reader; before it lets go of its own lock, that reader ends and finds the writer."""
    reader = start_reader(other, directory)
    writer = StreamWriter("camera", directory)
    writer.write(of(1))
    assert reader.ask("r.latest().copy().max()") == 1
    take = Hold.take

    def take_and_let_the_reader_end(hold: Hold) -> bool:
        taken = take(hold)
        if hold.first == (1 << 30) + 16 and not taken:
            monkeypatch.undo()
            reader.ask("r.close()")
            assert len(list(directory.iterdir())) == 2
        return taken

    monkeypatch.setattr(Hold, "take", take_and_let_the_reader_end)
    writer.close()
    assert list(directory.iterdir()) == []


# Whole frames


WRITE = """
import sys
sys.path.insert(0, sys.argv[1])
import alcove, numpy, random
random.seed(5)
frame = numpy.empty(1 << 20, "u1")
with alcove.StreamWriter("camera", sys.argv[2]) as writer:
    sys.stdin.readline()
    for number in range(int(sys.argv[3])):
        size = random.choice([1, 1000, 60000, 300000, 1 << 20])
        frame[:size] = number % 251
        writer.write(frame[:size])
"""


def test_no_frame_is_torn(directory: Path) -> None:
    count, first, last, seen = 4000, 0, 0, 0
    kept: list[tuple[int, Any]] = []  # some are kept for a while, and looked at again
    command = [sys.executable, "-c", WRITE, SOURCES, directory, str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process, StreamReader("camera", directory) as reader:
        assert process.stdin is not None
        while not reader.writer_alive:
            pass
        process.stdin.write(b"\n")
        process.stdin.flush()
        while last < count:
            with reader.read() as frame:  # type: ignore[union-attr]
                assert frame.sequence > last
                last = frame.sequence
                first = first or last
                seen += 1
                array, value = frame.array, (last - 1) % 251
            assert (array == value).all()
            if seen % 7 == 0:
                kept.append((value, array))
            del array
            if len(kept) > 20:
                assert all((array == value).all() for value, array in kept)
                kept.clear()
        assert seen + reader.dropped == count - first + 1
        print(f"{seen} of {count} frames were read")
        kept.clear()


# Several in one process


def test_a_java_machine_in_this_process_is_seen_and_keeps_its_locks(other: Start, directory: Path) -> None:
    """Its locks are the process's: here they are taken as it takes them, through a descriptor of its own."""
    if sys.platform != "linux":
        pytest.skip("only Linux has locks that belong to the file")
    with StreamWriter("camera", directory) as writer:
        writer.write(of(1))
        with StreamReader("camera", directory) as reader, reader.read(0) as frame:  # type: ignore[union-attr]
            assert frame.sequence == 1
        java = os.open(directory / "alcove-stream.camera=", os.O_RDWR)
        readers, slot = (1 << 30) + 16, (1 << 30) + 32  # the first of all frames lies in the first slot
        for first in (readers, slot):
            fcntl.lockf(java, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, first)
        file = next(path for path in directory.iterdir() if path.name[-1] != "=")
        for value in range(2, 20):
            writer.write(of(value))
        assert file.read_bytes()[:20] == bytes([1] * 20)
    # The stream is still read, so it stays; and that it was closed here has not dropped Java's lock.
    assert file.exists()
    asking = other()
    asking.ask("import fcntl, struct")
    asking.ask(f"d = os.open({str(directory / 'alcove-stream.camera=')!r}, os.O_RDWR)")
    request = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, slot, 16, 0)
    answer = asking.ask(f"fcntl.fcntl(d, fcntl.F_GETLK, {request!r})")
    assert struct.unpack("hhqqi4x", answer)[0] == fcntl.F_RDLCK
    asking.kill()
    os.close(java)
    sweep(directory)


def test_where_locks_belong_to_the_process(other: Start, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS: there, closing any descriptor of a file drops them all."""
    monkeypatch.setattr(range_locks, "_has_locks_of_files", False)
    asking = other()
    second = f"alcove.StreamWriter('camera', {str(directory)!r})"
    with StreamWriter("camera", directory) as writer:
        held = StreamReader("camera", directory)
        writer.write(of(1))
        frame = held.read()
        for _ in range(3):
            with StreamReader("camera", directory) as reader:
                assert reader.writer_alive
                assert content(reader.read()).max() == 1
            with pytest.raises(AlcoveError, match="has a writer already"):
                StreamWriter("camera", directory)
            sweep(directory)
            assert asking.ask(second) == "stream_busy"
        assert len([name for name in open_files(directory) if name[-1] == "="]) <= 2  # and one of them is its mapping
        for value in range(2, 2 * SLOTS):
            writer.write(of(value))
        assert frame is not None
        assert frame.array.max() == 1
        frame.close()
        held.close()
        assert asking.ask(second) == "stream_busy"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_reads_but_does_not_write(directory: Path) -> None:
    with StreamWriter("camera", directory) as writer, StreamReader("camera", directory) as reader:
        writer.write(of(1))
        frame = reader.latest()
        started, ended = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.read(started[0], 1)
                refused = ""
                try:
                    writer.write(of(9))
                except AlcoveError as error:
                    refused = error.kind
                writer.close()
                right = content(reader.read(5)).max() == 2 and refused == "stream_unavailable" and reader.writer_alive
                reader.close()
                code = 0 if right else 2
                os.write(ended[1], b"1")
            finally:
                os._exit(code)
        for value in range(2 * SLOTS):
            writer.write(of(value))
        assert frame is not None
        assert frame.array.max() == 1  # the child has let go of nothing
        writer.write(of(2))
        os.write(started[1], b"1")
        os.read(ended[0], 1)
        assert os.waitpid(child, 0)[1] == 0
        with pytest.raises(AlcoveError, match="has a writer already"):
            StreamWriter("camera", directory)
        frame.close()
        writer.write(of(3))
        assert content(reader.read(0)).max() == 3
        for end in (*started, *ended):
            os.close(end)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_children_that_live_on_do_not_hide_a_writers_death(other: Start, directory: Path) -> None:
    writer = start_writer(other, directory, 1)
    child = writer.ask("os.fork() or time.sleep(100)")
    try:
        with StreamReader("camera", directory) as reader:
            assert content(reader.read()).max() == 1
            writer.kill()
            with pytest.raises(AlcoveError, match="is gone"):
                reader.read()
    finally:
        os.kill(child, 9)


# Pythons


@pytest.mark.parametrize("version", find_pythons())
def test_the_files_in_every_python(version: str, directory: Path) -> None:
    """Without frames, because numpy is not to be had for all of them here."""
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import alcove, alcove.ndsharray
from alcove.messages import AlcoveError
from alcove.stream_registry import sweep_streams
with alcove.StreamReader("camera", sys.argv[2]) as reader:
    assert reader.read(0) is None
    with alcove.StreamWriter("camera", sys.argv[2]) as writer:
        assert reader.writer_alive and reader.read(0.001) is None
        try:
            alcove.StreamWriter("camera", sys.argv[2])
        except AlcoveError as error:
            assert error.kind == "stream_busy"
    try:
        reader.read()
    except AlcoveError as error:
        print(error.kind)
assert "numpy" not in sys.modules
"""
    command = [find_pythons()[version], "-I", "-W", "error", "-c", program, SOURCES, directory]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ("stream_ended\n", "")


def test_waiting_costs_little(directory: Path) -> None:
    with StreamReader("camera", directory) as reader, StreamWriter("camera", directory):
        before = time.process_time()
        assert reader.read(0.3) is None
        print(f"{time.process_time() - before:.3f} s of 0.3 s spent waiting")
