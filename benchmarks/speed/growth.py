"""Whether anything grows over many calls: a program of its own, with a heap that is soon at its bound."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .progress import Progress
from .results import Results

_MEGABYTE = 1 << 20
# What may differ between the first third and the last: the collector of a JVM and a C library's heap take and give.
# Shared memory holds a small file, too, that says what the host is at; a block is larger.
_MAY_GROW = {
    "host_resident_bytes": 16 * _MEGABYTE,
    "worker_resident_bytes": 8 * _MEGABYTE,
    "shared_bytes": 1 << 10,
}

# As long as it compiles what is hot, a JVM grows.
_CALLS_UNTIL_COMPILED = 100_000


def measure(command: Sequence[str | Path], calls: int, results: Results, progress: Progress) -> None:
    """Adds each sample to the results as it comes.

    Args:
        command: what prints a sample, an object with ``calls`` among its members, a line.

    Raises:
        subprocess.CalledProcessError: if the program fails.
    """
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            results.growth.append(json.loads(line))
            progress.show(results.growth[-1]["calls"] / calls)
        if process.wait() != 0:
            raise subprocess.CalledProcessError(process.returncode, command)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def grown(samples: list[dict[str, int]]) -> dict[str, float]:
    """By how much each member grows from the end of the first third, in which caches fill, to the end: along the
    straight line through these samples."""
    settled = samples[len(samples) // 3 :]
    width = settled[-1]["calls"] - settled[0]["calls"]
    return {
        name: _slope([(sample["calls"], sample[name]) for sample in settled]) * width
        for name in samples[0]
        if name != "calls"
    }


def too_much(samples: list[dict[str, int]]) -> list[str]:
    """The members that grew; of memory, a little is no growth."""
    is_short = samples[-1]["calls"] < _CALLS_UNTIL_COMPILED
    return [
        name
        for name, by in grown(samples).items()
        if round(by) > _MAY_GROW.get(name, 0) and not (is_short and name == "host_resident_bytes")
    ]


def _slope(points: list[tuple[int, int]]) -> float:
    """Of the line with the least squares."""
    x_mean = sum(x for x, _ in points) / len(points)
    y_mean = sum(y for _, y in points) / len(points)
    across = sum((x - x_mean) ** 2 for x, _ in points)
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / across if across else 0.0


def as_table(samples: list[dict[str, int]]) -> tuple[list[str], list[list[Any]]]:
    """Heading and three rows: after the first third, at the end, grown meanwhile."""
    settled = samples[len(samples) // 3 :]
    names = [name for name in samples[0] if name != "calls"]
    grew, many = grown(samples), too_much(samples)
    return (
        [
            name.replace("_resident_bytes", ", resident MB").replace("_bytes", ", MB").replace("_", " ")
            for name in names
        ],
        [
            [f"after {settled[0]['calls']:,}", *(_shown(name, settled[0][name]) for name in names)],
            [f"after {settled[-1]['calls']:,}", *(_shown(name, settled[-1][name]) for name in names)],
            ["grown", *(_shown(name, grew[name]) + (" **too much**" if name in many else "") for name in names)],
        ],
    )


def _shown(name: str, value: float) -> str:
    return f"{value / _MEGABYTE:.1f}" if name.endswith("_bytes") else f"{round(value)}"
