"""Streams between processes, each side in Java and in Python: what passes, and what happens when one is killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stream_programs import ROOT, Program

LANGUAGES = ["java", "python"]
DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
]  # fmt: skip
SECONDS = 60  # to wait for what must come

Start = Callable[[str], Program]


@pytest.fixture(scope="module")
def idle() -> Iterator[list[Program]]:
    """Programs that have nothing to do now; Java takes its time to start."""
    programs: list[Program] = []
    yield programs
    for program in programs:
        program.end()


@pytest.fixture
def start(idle: list[Program], memory_directory: Path) -> Iterator[Start]:
    """Starts programs; after the test those that live close what they have, and nothing may be left of the stream."""
    started: list[Program] = []

    def start(language: str) -> Program:
        program = next((program for program in idle if program.language == language), None) or Program(language)
        if program in idle:
            idle.remove(program)
        started.append(program)
        return program

    yield start
    for program in started:
        if program.is_running:
            program.tell("free")
            program.tell("close")
            idle.append(program)
    assert files(memory_directory) == []


@pytest.fixture(params=LANGUAGES)
def writer(start: Start, memory_directory: Path, request: pytest.FixtureRequest) -> Program:
    program = start(request.param)
    program.tell("writer", memory_directory, "video")
    return program


@pytest.fixture(params=LANGUAGES)
def reader(start: Start, memory_directory: Path, request: pytest.FixtureRequest) -> Program:
    program = start(request.param)
    program.tell("reader", memory_directory, "video")
    return program


def other_language(program: Program) -> str:
    return LANGUAGES[1 - LANGUAGES.index(program.language)]


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def write(writer: Program, seed: int, dtype: str = "uint8", shape: str = "100x90") -> str:
    """Writes a frame; what a reader says about it but for its number."""
    return f"{dtype} {shape} {writer.tell('write', dtype, shape, seed).removeprefix('wrote ')}"


def read(reader: Program) -> str:
    """The next frame without its number."""
    return without_number(reader.tell("read", SECONDS))


def without_number(frame: str) -> str:
    return frame.split(" ", 2)[2]


@pytest.mark.parametrize("shape", ["2x3x5", "-", "3x0x2"])
def test_every_dtype_passes(writer: Program, reader: Program, shape: str) -> None:
    for seed, dtype in enumerate(DTYPES):
        assert write(writer, seed, dtype, shape) == read(reader)


def test_frames_grow_and_shrink_and_change(writer: Program, reader: Program) -> None:
    shapes = ["10", "300x300", "3", "400x300x3", "0", "1", "640x480", *["5"] * 40, "100000", "7x6"]
    for seed, shape in enumerate(shapes):
        assert write(writer, seed, DTYPES[seed % len(DTYPES)], shape) == read(reader)


def test_a_frame_that_is_held_stays_while_the_writer_goes_on(
    writer: Program, reader: Program, memory_directory: Path
) -> None:
    expected = write(writer, 1)
    assert without_number(reader.tell("hold", SECONDS)) == expected
    for seed in range(2, 12):
        last = write(writer, seed)
    assert without_number(reader.tell("check")) == expected
    assert read(reader) == last
    assert reader.tell("dropped") == "9"
    assert without_number(reader.tell("latest")) == last
    assert reader.tell("read", 0) == "none"
    reader.tell("free")
    slots = files(memory_directory)
    for seed in range(10):
        write(writer, seed)
    assert files(memory_directory) == slots  # used again


def test_many_frames_are_held(writer: Program, reader: Program) -> None:
    expected = []
    for seed in range(64):
        expected.append(write(writer, seed))
        reader.tell("hold", SECONDS)
    assert writer.ask("write", "uint8", "5", 0).startswith("error stream_busy")
    assert list(map(without_number, reader.tell("check").split(", "))) == expected
    reader.tell("free")
    assert write(writer, 7) == read(reader)


@pytest.mark.parametrize("second", LANGUAGES)
def test_a_second_writer_is_refused(writer: Program, second: str, start: Start, memory_directory: Path) -> None:
    other = start(second)
    assert other.ask("writer", memory_directory, "video").startswith("error stream_busy")
    write(writer, 1)
    writer.tell("close")
    assert other.ask("writer", memory_directory, "video") == "ok"


def test_the_reader_comes_first(reader: Program, start: Start, memory_directory: Path) -> None:
    assert reader.tell("read", 0.01) == "none"
    assert reader.tell("alive") == "false"
    for language in LANGUAGES:
        writer = start(language)
        writer.tell("writer", memory_directory, "video")
        assert write(writer, 1) == read(reader)
        assert reader.tell("alive") == "true"
        writer.tell("close")
        assert reader.tell("alive") == "false"


def test_the_end_is_told_after_the_last_frame(writer: Program, reader: Program) -> None:
    last = write(writer, 1)
    writer.tell("close")
    assert read(reader) == last
    assert reader.ask("read", SECONDS).startswith("error stream_ended")
    assert without_number(reader.tell("latest")) == last


def test_a_writer_that_is_killed(writer: Program, reader: Program, start: Start, memory_directory: Path) -> None:
    """Its readers get the last frame and are told; another writer goes on with the stream."""
    write(writer, 1)
    assert reader.tell("alive") == "true"
    last = write(writer, 2)
    writer.kill()
    assert reader.tell("alive") == "false"
    frame = reader.tell("read", SECONDS)
    assert frame == f"frame 2 {last}"
    assert reader.ask("read", SECONDS).startswith("error stream_ended")
    other = start(other_language(writer))
    other.tell("writer", memory_directory, "video")
    assert reader.tell("read", 0) == "none"
    for seed in range(3):
        assert write(other, seed) == read(reader)
    assert reader.tell("latest").startswith("frame 5 ")


def test_a_writer_that_is_killed_within_a_frame(
    writer: Program, reader: Program, start: Start, memory_directory: Path
) -> None:
    """Nobody sees the half."""
    for seed in range(3):
        last = write(writer, seed)
    assert writer.tell("half", "uint8", "100x90") == "half"
    assert read(reader) == last
    writer.kill()
    assert without_number(reader.tell("latest")) == last
    assert reader.ask("read", SECONDS).startswith("error stream_ended")
    other = start(other_language(writer))
    other.tell("writer", memory_directory, "video")
    for seed in range(5):
        assert write(other, seed) == read(reader)


def test_a_reader_that_is_killed_gives_its_slot_back(
    writer: Program, reader: Program, start: Start, memory_directory: Path
) -> None:
    for seed in range(3):
        write(writer, seed)
        reader.tell("hold", SECONDS)
    reader.kill()
    slots = files(memory_directory)
    for seed in range(10):
        write(writer, seed)
    assert files(memory_directory) == slots


def test_what_is_left_when_all_are_killed_goes_with_the_next_writer(
    writer: Program, reader: Program, start: Start, memory_directory: Path
) -> None:
    write(writer, 1)
    reader.tell("hold", SECONDS)
    writer.tell("half", "uint8", "5000")
    writer.kill()
    reader.kill()
    assert files(memory_directory) != []
    next_program = start(other_language(reader))
    next_program.tell("writer", memory_directory, "another")
    assert all(name.startswith("alcove-stream.another=") for name in files(memory_directory))


def test_a_name_is_used_again(writer: Program, reader: Program, memory_directory: Path) -> None:
    write(writer, 1)
    assert read(reader)
    for program in (reader, writer):
        program.tell("close")
    assert files(memory_directory) == []
    writer.tell("writer", memory_directory, "video")
    frame = write(writer, 2)
    reader.tell("reader", memory_directory, "video")
    assert reader.tell("read", SECONDS) == f"frame 1 {frame}"


def test_long_doubles_pass_between_pythons_and_java_says_that_it_has_none(start: Start, memory_directory: Path) -> None:
    writer, python, java = map(start, ["python", "python", "java"])
    writer.tell("writer", memory_directory, "video")
    for reader in (python, java):
        reader.tell("reader", memory_directory, "video")
    for dtype in ("float128", "complex256"):
        frame = write(writer, 1, dtype, "3x4")
        assert read(python) == frame
        refusal = java.ask("read", SECONDS)
        assert refusal.startswith("error stream_unavailable")
        assert dtype in refusal
    assert java.tell("read", 0) == "none"
    frame = write(writer, 2)
    assert read(java) == frame == read(python)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_frame_is_torn(language: str) -> None:
    """A moment of what benchmarks/streams does for a million frames, with writers that are killed at any point."""
    script = ROOT / "benchmarks" / "streams" / "torn.py"
    arguments = ["--writer", language, "--frames", "2000", "--kills", "2"]
    run = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, timeout=250)
    assert run.returncode == 0, run.stdout + run.stderr
    counts = [line.split() for line in run.stdout.splitlines()[2:]]
    assert len(counts) == 4
    assert all(int(read) > 0 and torn == "0" for _, read, _, torn in counts), run.stdout
