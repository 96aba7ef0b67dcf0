"""Ops for ``map``: tiny, odd, or slow."""

import functools
import os
import sys
import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

from alcove import Array, DTypes, Image, Range, Table, op, progress

CALLS: list[Any] = []
KEPT: list[Any] = []


@op
def add(a: int, b: int = 1) -> int:
    return a + b


@op
def divide(a: float, b: float) -> float:
    return a / b


@op
def describe(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"


@op
def scaled(value: Annotated[float, Range(0, 10)], method: Literal["sum", "product"] = "sum") -> float:
    return value + 2 if method == "sum" else value * 2


@op
def collect(a: int, values: list[int] = [], table: Table | None = None) -> int:  # noqa: B006
    values.append(a)
    if table:
        table["a"].append(a)
    return len(values) + 10 * len(table["a"] if table else [])


@op
def subtract(a: int, b: int, *, scale: float = 1.0) -> float:
    return (a - b) * scale


@op
def by_keyword(*, a: int, b: int) -> int:
    return a - b


def by_names_alone(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(**arguments: Any) -> Any:
        return function(**arguments)

    return wrapper


@op
@by_names_alone
def wrapped(a: int, b: int) -> int:
    return a - b


class Division(NamedTuple):
    whole: int
    rest: float


@op
def division(a: int, b: int) -> Division:
    return Division(a // b, float(a % b))


@dataclass
class Same:
    value: int
    text: str


SAME = Same(0, "")


@op
def same_object(a: int) -> Same:
    SAME.value, SAME.text = a, str(a)
    return SAME


@op
def out_of_items(a: int) -> int:
    CALLS.append(a)
    return next(item for item in (1, 2) if item == a)


@op
def text_of_three(a: int) -> int:
    CALLS.append(a)
    return "three" if a == 3 else a


@op
def half(a: int) -> Any:
    return a / 2 if a % 2 else a // 2


@op
def echo(value: Any) -> Any:
    return value


@op
def has_numpy(a: int) -> bool:
    return "numpy" in sys.modules


@op
def wait_at(a: int, row: int, file: str) -> int:
    while a == row and not os.path.exists(file):
        pass
    return a


@op
def no_inputs() -> int:
    return 7


@op
def nothing(a: int) -> None:
    CALLS.append(a)


@op
def called() -> list:
    calls = CALLS[:]
    CALLS.clear()
    return calls


@op
def pick(values: Array, index: int) -> float:
    KEPT[:] = [id(values)]
    return values[index]


@op
def threshold(image: Image, level: float) -> float:
    return float((image > level).sum())


@op
def address(image: Annotated[Image, DTypes("float32")], a: int) -> list:
    KEPT.append(image)  # so that another array cannot have its place
    return [image.__array_interface__["data"][0], image.dtype.name, bool(image.flags.writeable)]


@op
def keep(values: Array, index: int) -> int:
    KEPT[:] = [values]
    return index


@op
def array_of(count: int) -> Any:
    import numpy

    return [numpy.zeros(count)] if count else []


@op
def exit_at(a: int) -> int:
    if a == 1:
        raise SystemExit(3)
    return a


@op
def slow(a: int) -> int:
    time.sleep(0.002)
    return a


@op
def reporting(a: int) -> int:
    for part in (0.0, 0.5, 1.0):
        progress(part, f"{a}")
        time.sleep(0.06)
    return a


@op
def loop(a: int) -> int:
    while a:
        pass
    return a


@op
def fork_and_leave(a: int) -> int:
    """The child returns, or raises, as the parent does."""
    child = os.fork()
    if child == 0 and a % 2:
        raise ValueError("in the child")
    if child == 0:
        return -1
    os.waitpid(child, 0)
    with open(os.environ["FORKS"], "a", encoding="utf-8") as file:
        file.write("x")
    return a
