"""What is measured once and not in turns: idleness, growth, Java's inner loops."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import NamedTuple

from . import growth, idle, inner_loops
from .building import BUILD, CannotRun
from .kit import Kit
from .programs import CaseFailed, CaseSkipped, ProgramFailed, Programs
from .progress import Progress
from .results import LeftOut, Results


class Extra(NamedTuple):
    """
    Attributes:
        seconds: how long it takes about.
    """

    words: str
    seconds: float
    measure: Callable[[], None]


def extras(quick: bool, kit: Kit, programs: Programs, results: Results, progress: Progress) -> dict[str, Extra]:
    """Group -> what it does."""

    def measure_idle() -> None:
        # Of its own, so that nothing is there but a host and one worker.
        program = programs.start("java")
        try:
            results.idle = idle.measure(program, 3 if quick else 20)
        finally:
            program.close()

    def measure_growth() -> None:
        calls, samples = (5_000, 20) if quick else (1_000_000, 100)
        growth.measure(kit.growth(calls, samples), calls, results, progress)

    def measure_inner_loops() -> None:
        results.inner_loops = inner_loops.measure(kit.java.java, kit.inner_loops(), BUILD / "jmh.json")

    found = {
        "idle": Extra("an idle worker", 14 if quick else 50, measure_idle),
        "growth": Extra("growth over many calls", 10 if quick else 600, measure_growth),
    }
    if not quick:
        found["inner-loops"] = Extra("Java's inner loops", 90, measure_inner_loops)
    return found


def measure(group: str, extra: Extra, results: Results, progress: Progress) -> None:
    """One of them; if it fails, or cannot be, the run goes on."""
    progress.begin(group, extra.seconds)
    try:
        extra.measure()
    except CaseSkipped as skipped:
        results.skipped.append(LeftOut(group, group, group, extra.words, str(skipped), skipped.hint))
        progress.say(f"{extra.words}: {skipped}")
    except (CaseFailed, ProgramFailed, CannotRun, OSError, subprocess.CalledProcessError) as failure:
        results.failed.append(LeftOut(group, group, group, extra.words, str(failure)))
        progress.say(f"{extra.words}: {failure}")
    finally:
        progress.end(extra.seconds)
