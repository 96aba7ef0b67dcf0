"""Streams whose files somebody has damaged, or for which there is no room: an error, never a crash, never a hang."""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from other_process import OtherProcess, other
from stream_helpers import content, directory, of

from alcove import StreamReader, StreamWriter
from alcove.failures import to_alcove_error
from alcove.messages import AlcoveError
from alcove.stream_registry import sweep_streams

__all__ = ["directory", "other"]

CONTROL = "alcove-stream.camera="
ENTRY = 512  # of the first slot, which has the frame


@pytest.fixture(scope="module")
def remains() -> dict[str, bytes]:
    """The files that a killed writer of one frame of 4 x 5 bytes has left."""
    process = OtherProcess()
    with tempfile.TemporaryDirectory() as path:
        process.ask("import numpy")
        process.ask(f"w = alcove.StreamWriter('camera', {path!r})")
        process.ask("w.write(numpy.full((4, 5), 7, 'u1'))")
        process.kill()
        return {file.name: file.read_bytes() for file in Path(path).iterdir()}


@pytest.fixture
def left(remains: dict[str, bytes], directory: Path) -> Iterator[Path]:
    """The control file of what a killed writer has left."""
    for name, data in remains.items():
        (directory / name).write_bytes(data)
    yield directory / CONTROL
    for path in directory.iterdir():
        path.unlink()


def patch(path: Path, offset: int, data: bytes) -> None:
    """Writes over bytes of a file that no stream of this process has open."""
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def word(number: int) -> bytes:
    return struct.pack("<Q", number)


LARGEST = (1 << 64) - 1


def opened(left: Path) -> str | None:
    """The kind of error with which a stream is refused to readers, who then leave it alone."""
    before = left.read_bytes()
    with pytest.raises(AlcoveError) as error:
        StreamReader("camera", left.parent)
    assert error.value.data["hint"]
    assert left.read_bytes() == before
    return error.value.kind


@pytest.mark.parametrize(
    ("offset", "data"), [(0, b"X"), (7, b"X"), (8, b"\2\0\0\0"), (8, b"\0"), (12, b"\x3f"), (12, b"\xff\xff\xff\xff")]
)
def test_what_is_no_stream_of_this_version(left: Path, offset: int, data: bytes) -> None:
    patch(left, offset, data)
    assert opened(left) == "stream_unavailable"
    before = left.read_bytes()
    with pytest.raises(AlcoveError) as error:
        StreamWriter("camera", left.parent)
    assert error.value.kind == "stream_unavailable"
    assert left.read_bytes() == before


@pytest.mark.parametrize("size", [0, 1, 8, 512, 36863])
def test_a_control_file_that_was_cut_off(left: Path, size: int) -> None:
    os.truncate(left, size)
    assert opened(left) == "stream_unavailable"
    sweep_streams(left.parent)
    assert list(left.parent.iterdir()) == []


def test_another_versions_stream_is_not_swept(left: Path) -> None:
    patch(left, 8, b"\2")
    before = sorted(left.parent.iterdir())
    assert sweep_streams(left.parent) == []
    assert sorted(left.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("offset", "data"),
    [
        (16, word(65)),  # newest
        (16, word(LARGEST)),
        (ENTRY + 8, word(0)),  # the number of the slot's file
        (ENTRY + 8, word(LARGEST)),
        (ENTRY + 32, b"uint9\0\0\0"),  # dtype
        (ENTRY + 32, b"object\0\0"),
        (ENTRY + 32, b"\xff" * 16),
        (ENTRY + 32, b"i1,i1\0\0\0"),
        (ENTRY + 32, b"\0" * 16),
        (ENTRY + 32, b"float64\0" * 2),
        (ENTRY + 48, word(33)),  # the number of dimensions
        (ENTRY + 48, word(LARGEST)),
        (ENTRY + 56, word(1 << 20)),  # shape
        (ENTRY + 56, word(LARGEST)),
        (ENTRY + 56, word(1 << 62) * 2),
        (ENTRY + 56, word(1 << 63) + word(0)),
        (ENTRY + 48, word(32) + word(LARGEST) * 32),
    ],
)
def test_a_damaged_entry_is_an_error_and_the_next_frame_none(left: Path, offset: int, data: bytes) -> None:
    patch(left, offset, data)
    reader = StreamReader("camera", left.parent)
    for read in (lambda: reader.read(0), reader.latest):
        with pytest.raises(AlcoveError) as error:
            read()
        assert error.value.kind == "stream_unavailable"
        assert error.value.data["hint"]
    if offset == 16:
        with pytest.raises(AlcoveError, match="damaged"):
            StreamWriter("camera", left.parent)
        return reader.close()
    with pytest.raises(AlcoveError, match="is gone"):  # it counts as read
        reader.read(0)
    with StreamWriter("camera", left.parent) as writer:
        writer.write(of(8))
        assert content(reader.read(0)).max() == 8
    return reader.close()


@pytest.mark.parametrize(
    ("offset", "data"),
    [(24, word(LARGEST)), (40, word(65)), (40, word(LARGEST))],  # the last sequence number, the slots in use
)
def test_a_damaged_head_is_refused_to_writers(left: Path, offset: int, data: bytes) -> None:
    patch(left, offset, data)
    with pytest.raises(AlcoveError) as error:
        StreamWriter("camera", left.parent)
    assert error.value.kind == "stream_unavailable"
    with StreamReader("camera", left.parent) as reader:
        assert content(reader.latest()).max() == 7


def test_a_counter_of_files_at_its_end_begins_anew(left: Path) -> None:
    patch(left, 48, word(LARGEST))
    with StreamReader("camera", left.parent) as reader, StreamWriter("camera", left.parent) as writer:
        for value in range(3):
            writer.write(of(value, (5000 * value + 1,)))
            assert content(reader.read(0)).max() == value


@pytest.mark.parametrize("entry", [word(0), word(1)])
def test_a_newest_slot_without_a_frame_is_none(left: Path, entry: bytes) -> None:
    if entry == word(0):
        patch(left, ENTRY, entry)
    else:
        patch(left, 16, word(5))
    with StreamReader("camera", left.parent) as reader:
        assert reader.latest() is None
        with pytest.raises(AlcoveError, match="is gone"):
            reader.read()


def test_a_file_whose_number_is_taken_is_passed_over(directory: Path) -> None:
    with StreamWriter("camera", directory) as writer, StreamReader("camera", directory) as reader:
        writer.write(of(1))
        number = max(int(path.name.partition("=")[2] or 0) for path in directory.iterdir())
        for step in (1, 2):
            (directory / f"{CONTROL}{number + step}").write_bytes(b"")
        writer.write(of(2))
        assert content(reader.read(0)).max() == 2


# A process that looks beyond the end of a file is killed by SIGBUS, so another one looks.


def test_a_slots_file_that_was_cut_off(left: Path, other: Callable[..., OtherProcess]) -> None:
    slot = next(path for path in left.parent.iterdir() if path != left)
    reader = other()
    reader.ask(f"r = alcove.StreamReader('camera', {str(left.parent)!r})")
    assert reader.ask("r.latest().copy().max()") == 7
    for size in (19, 1, 0):
        os.truncate(slot, size)
        assert reader.ask("r.latest()") == "stream_unavailable"  # it had the file mapped
        fresh = f"alcove.StreamReader('camera', {str(left.parent)!r}).latest()"
        assert reader.ask(fresh) == "stream_unavailable"
    slot.unlink()
    assert reader.ask(fresh) == "stream_unavailable"
    os.mkfifo(slot)
    assert reader.ask(fresh) == "stream_unavailable"


def test_writers_take_over_what_was_cut_off(left: Path) -> None:
    slot = next(path for path in left.parent.iterdir() if path != left)
    os.truncate(slot, 0)
    with StreamReader("camera", left.parent) as reader, StreamWriter("camera", left.parent) as writer:
        for value in range(5):
            writer.write(of(value))
            assert content(reader.read(0)).max() == value


@pytest.mark.parametrize("kind", ["directory", "pipe", "link", "forbidden"])
def test_what_is_no_file_of_ours_is_refused(directory: Path, kind: str) -> None:
    path = directory / CONTROL
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        (directory / "other").write_bytes(bytes(36864))
        path.symlink_to(directory / "other")
    elif os.geteuid() == 0:
        path.symlink_to(path)  # root is forbidden nothing; this cannot be opened either
    else:
        path.touch(mode=0)
    for make in (StreamReader, StreamWriter):
        with pytest.raises(AlcoveError) as error:
            make("camera", directory)
        assert error.value.kind == "stream_unavailable"
        assert error.value.data["hint"]
    assert sweep_streams(directory) == []
    for left in directory.iterdir():
        left.rmdir() if left.is_dir() and not left.is_symlink() else left.unlink()


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_memory_directory_that_is_none(directory: Path, folder: str) -> None:
    path = directory / folder
    if folder == "file":
        path.touch()
    with pytest.raises(AlcoveError) as error:
        StreamWriter("camera", path)
    assert error.value.kind == "stream_unavailable"
    assert "ALCOVE_MEMORY_DIR" in error.value.data["hint"]
    if folder == "file":
        path.unlink()


# No room


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A memory directory of 1 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    path = tmp_path / "small"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(path)], check=True)
    try:
        yield path
        assert list(path.iterdir()) == []
    finally:
        subprocess.run(["umount", str(path)], check=True)


def test_a_frame_without_room_is_an_error_and_the_newest_stays(small: Path) -> None:
    with StreamWriter("camera", small) as writer, StreamReader("camera", small) as reader:
        for size in (1000, 200_000, 300_000):
            for value in range(3):
                writer.write(of(value, (size,)))
                assert (content(reader.read(0)) == value).all()
            with pytest.raises(AlcoveError) as error:
                writer.write(of(9, (2 << 20,)))
            assert error.value.kind == "out_of_shared_memory"
            assert "--shm-size" in error.value.data["hint"]
            assert (content(reader.latest()) == 2).all()
        # What nobody needs any more makes room for another size.
        frames = []
        for _ in range(3):
            writer.write(of(3, (200_000,)))
            frames.append(reader.read(0))
        for frame in frames:
            assert frame is not None
            frame.close()
        for size in (500_000, 100_000, 500_000):
            writer.write(of(4, (size,)))
            assert (content(reader.read(0)) == 4).all()


def test_a_full_memory_directory_takes_no_stream(small: Path) -> None:
    (small / "x").write_bytes(bytes((1 << 20) - 8192))
    with pytest.raises(AlcoveError) as error:
        StreamWriter("camera", small)
    assert error.value.kind == "out_of_shared_memory"
    (small / "x").unlink()


# In an op


def test_an_error_of_a_stream_in_an_op_is_the_ops_own() -> None:
    error = to_alcove_error(AlcoveError("stream_ended", "the writer is gone", hint="start it"))
    told = error.to_json()
    assert told["data"]["kind"] == "op_failed"
    assert (told["data"]["hint"], told["data"]["details"]) == ("start it", {"kind": "stream_ended"})
    assert "the writer is gone" in told["message"]
