"""The ops of the sessions. Whoever tests a worker in another language writes the same ops in it."""

import datetime
import logging
import os
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import alcove
from alcove import Array, Image, InOut, Range, op, progress

_kept: list[Any] = []


@op
def add(a: int, b: int = 1) -> int:
    """Add two integers."""
    return a + b


@op
def divide(a: float, b: float) -> float:
    """Divide; by zero it fails."""
    return a / b


@op
def scale(value: Annotated[float, Range(0, 10)], method: Literal["double", "halve"] = "double") -> float:
    """Double or halve a number from 0 to 10."""
    return value * 2 if method == "double" else value / 2


@op
def echo(value: Any) -> Any:
    """Return what came."""
    return value


@op
def repeat(text: str, times: int) -> str:
    """Return the text so many times, one after the other."""
    return text * times


@op
def wait() -> None:
    """Tell "waiting", and end only when cancelled."""
    while True:
        progress(None, "waiting")
        time.sleep(0.01)


@op
def wait_for(file: Path) -> str:
    """Tell "waiting", and return the file's text as soon as it is there."""
    while not file.exists():
        progress(None, "waiting")
        time.sleep(0.01)
    return file.read_text("utf-8")


@op
def wait_in_a_loop(file: Path) -> None:
    """Tell "waiting" once, then loop without ever asking whether it was cancelled."""
    progress(None, "waiting")
    while not file.exists():
        pass


@op
def report(times: int) -> int:
    """Tell the progress so many times as fast as possible: 0, 1/times, 2/times ... and "step 0", "step 1" ..."""
    for step in range(times):
        progress(step / times, f"step {step}")
    return times


@op
def report_details() -> None:
    """Tell the progress once: 0.25, "a quarter", and as details a text, integers, a float, a boolean and a null."""
    progress(
        0.25,
        "a quarter",
        {"step": "downloading \u00b5", "done": 1, "bytes": 4_000_000_000, "rate": 2.5, "last": False, "left": None},
    )


@op
def log(level: str, message: str) -> None:
    """Write a record to the log, as the logger "sessions"."""
    logging.getLogger("sessions").log(getattr(logging, level.upper()), message)


@op
def die(code: int) -> None:
    """End the whole process with this exit code, at once."""
    os._exit(code)


@op
def exit_program(code: int) -> None:
    """Do what ends a program elsewhere."""
    raise SystemExit(code)


@op
def give_a_moment() -> Any:
    """Return what cannot be sent."""
    return {"stats": [1, {"when": datetime.datetime(2024, 2, 29)}]}


@op
def filled(count: int, value: int) -> Array:
    """Return a new array of the dtype uint8, with this value everywhere."""
    array = alcove.empty(count, "uint8")
    array[...] = value
    return array


@op
def halves(count: int) -> list[Array]:
    """Return the two halves of one new array of the dtype uint8: so many ones, and so many twos."""
    array = alcove.empty(2 * count, "uint8")
    array[:count], array[count:] = 1, 2
    return [array[:count], array[count:]]


@op
def total(array: Array) -> int:
    """Return the sum."""
    return int(array.sum())


@op
def same(array: Array) -> Array:
    """Return the array itself."""
    return array


@op
def count_above(image: Image, level: float) -> int:
    """Count the elements of an image of y and x that are above the level."""
    return int((image > level).sum())


@op
def increment(array: InOut[Array]) -> None:
    """Add 1 to each element, in place."""
    array += 1


@op
def keep(array: Array) -> None:
    """Return nothing, and keep the array."""
    _kept.append(array)


@op
def drop() -> None:
    """Let go of what was kept."""
    _kept.clear()
