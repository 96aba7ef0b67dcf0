"""What a worker can do in any Python from 3.9 on, without any package."""

# ruff: noqa: UP045 (Python 3.9 cannot evaluate X | None)
from __future__ import annotations

import enum
import multiprocessing
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional

from alcove import OpError, Range, op, progress


class Method(enum.Enum):
    OTSU = 1


class Answer(NamedTuple):
    numbers: list[float]
    text: Optional[str]


@op
def version() -> list[int]:
    return list(sys.version_info[:2])


@op
def echo(value: Any) -> Any:
    return value


@op
def many_types(
    numbers: list[float],
    count: Annotated[int, Range(0, 10)] = 3,
    path: Optional[Path] = None,
    method: Method = Method.OTSU,
    level: Literal[1, 2] = 1,
) -> Answer:
    """Take several types.

    count: how many
    """
    return Answer([number * count for number in progress.over(numbers)], None if path is None else path.name)


@op
def fail() -> None:
    raise OpError("It is off.", hint="Switch it on.")


@op
def loop() -> None:
    progress(0, "looping")
    while True:
        pass


def square(number: int) -> int:
    return number * number


@op
def pool(method: str) -> list[int]:
    with multiprocessing.get_context(method).Pool(2) as pool:
        return pool.map(square, range(4))
