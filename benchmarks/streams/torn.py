"""Frames of mixed sizes from a random writer to readers in both languages, which check every frame that they get.

    .venv-development/bin/python benchmarks/streams/torn.py --frames 1000000 --writer java

A torn frame is one that is not, word for word, what was written under its number, or that comes after a later one.
There are none; the exit code is 1 if there are, or if a reader missed the last frame. The Java half must have been
built with its tests: ./test java, or mvn test-compile.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from stream_programs import command, environment  # noqa: E402

READERS = ["java-copy", "java-view", "python-copy", "python-view"]


def start(language: str, *arguments: Any) -> subprocess.Popen[str]:
    """A program that has opened its end of the stream."""
    process = subprocess.Popen(
        [*command(language, "StreamLoad", Path(__file__).with_name("stream_load.py")), *map(str, arguments)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise SystemExit(f"the {language} program {arguments[0]} did not start")
    return process


def go(process: subprocess.Popen[str]) -> None:
    """Lets it begin."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def result(process: subprocess.Popen[str]) -> Any:
    """What it says at its end."""
    out, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"{process.args} failed")
    return json.loads(out)


def run(directory: Path, frames: int, seed: int, writer: str, readers: list[str], kills: int) -> tuple[Any, list[Any]]:
    """One stream from its beginning to its end; what the writer and the readers counted."""
    chance = random.Random(seed)
    reading = []
    for number, reader in enumerate(readers):
        language, way = reader.split("-")
        reading.append(start(language, way, directory, 0, seed + number))
    try:
        for number in range(kills):
            victim = start(writer, "write", directory, 10**9, seed + 1000 + number)
            go(victim)
            time.sleep(0.1 + 0.4 * chance.random())
            victim.kill()
            victim.communicate()
        writing = start(writer, "write", directory, frames, seed)
        go(writing)
        written = result(writing)
        (directory / "done").touch()  # the stream may have ended before, and gone on
        return written, [result(process) for process in reading]
    finally:
        for process in reading:
            process.kill()


def main() -> int:
    """Prints a table; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--writer", choices=["java", "python"], default="java")
    parser.add_argument("--readers", nargs="+", choices=READERS, default=READERS)
    parser.add_argument(
        "--kills", type=int, default=0, help="so many writers are killed before the one that is counted"
    )
    parser.add_argument("--directory", type=Path, help="where the stream lies; /dev/shm or the temporary folder")
    options = parser.parse_args()
    shared = Path("/dev/shm")
    parent = options.directory or (shared if shared.is_dir() else None)
    directory = Path(tempfile.mkdtemp(prefix="alcove-torn-", dir=parent))
    try:
        written, counts = run(directory, options.frames, options.seed, options.writer, options.readers, options.kills)
        left = [path.name for path in directory.iterdir() if path.name != "done"]
    finally:
        shutil.rmtree(directory)
    frames, seconds = written["frames"], written["seconds"]
    print(
        f"{options.writer} wrote {frames} frames, {written['bytes'] / 1e9:.1f} GB, in {seconds:.1f} s:"
        f" {frames / seconds:.0f} frames/s"
    )
    print(f"{'reader':<12} {'read':>9} {'dropped':>9} {'torn':>5}")
    for reader, count in zip(options.readers, counts):
        print(f"{reader:<12} {count['read']:>9} {count['dropped']:>9} {count['torn']:>5}")
    torn = sum(count["torn"] for count in counts)
    late = len({count["last"] for count in counts}) > 1
    if late:
        print("a reader missed the last frame")
    if left:
        print(f"left in the directory: {left}")
    return 1 if torn or late or left else 0


if __name__ == "__main__":
    sys.exit(main())
