"""How fast 1080p RGB frames go through a stream that is read where it lies, against memcpy of the same bytes.

    .venv-development/bin/python benchmarks/streams/throughput.py

Both are measured in turn in one process, because absolute figures drift; ratios of medians count. The Java half must
have been built with its tests: ./test java, or mvn test-compile.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from torn import go, result, start

FRAME_BYTES = 1080 * 1920 * 3
TARGET = 0.8
ROUNDS = 500


def measure(writer: str, reader: str, rounds: int) -> float:
    """Prints a line; the stream's speed as a part of memcpy's."""
    shared = Path("/dev/shm")
    directory = Path(tempfile.mkdtemp(prefix="alcove-throughput-", dir=shared if shared.is_dir() else None))
    try:
        writing = start(writer, "speed", directory, rounds)
        watching = start(reader, "watch", directory)
        go(writing)
        times, seen = result(writing), result(watching)
    finally:
        shutil.rmtree(directory)
    stream, copy = median(times["stream"]), median(times["copy"])
    ratio = median(c / s for s, c in zip(times["stream"], times["copy"]))
    print(
        f"{writer:<7} {reader:<7} {FRAME_BYTES / stream / 1e9:6.1f} GB/s {1 / stream:6.0f} frames/s"
        f"   memcpy {FRAME_BYTES / copy / 1e9:5.1f} GB/s   ratio {ratio:4.2f}"
        f"   read {seen['read']}, dropped {seen['dropped']}"
    )
    return ratio


def main() -> int:
    """Prints a table; 1 when a ratio is below the target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of four frames each (default: %(default)s)")
    rounds = parser.parse_args().rounds
    print("writer  reader   stream                    memcpy               stream/memcpy, median of rounds")
    ratios = [measure(writer, reader, rounds) for writer in ("java", "python") for reader in ("java", "python")]
    return 0 if min(ratios) >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
