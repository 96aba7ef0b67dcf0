"""Ops that fail, each in its own way."""

import sys
import threading
from typing import Any

from alcove import OpError, op


class StrangeError(Exception):
    """An exception that fails even when it is asked what is wrong."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def inner(number: float) -> float:
    return 1 / number


@op
def divide_by_zero() -> float:
    return inner(0)


@op
def raise_op_error(hint: str = "Plug it in.") -> None:
    raise OpError("The camera is off.", hint=hint, cause="camera", volts=0.5)


@op
def raise_op_error_with_odd_details() -> None:
    hint: Any = 5
    raise OpError("odd", hint=hint, cause=ValueError("x"), level=float("nan"), names={1}, both=(1, "a"))


@op
def raise_with_long_message(length: int) -> None:
    raise ValueError("x" * length)


@op
def raise_strange_error() -> None:
    raise StrangeError


@op
def raise_from_itself() -> None:
    error = ValueError("its own cause")
    raise error from error


@op
def exit_the_program(code: int) -> None:
    sys.exit(code)


@op
def interrupt() -> None:
    raise KeyboardInterrupt


@op
def leave_a_generator() -> None:
    raise GeneratorExit


@op
def recurse() -> None:
    recurse()


@op
def import_what_is_missing() -> None:
    import no_such_package  # noqa: F401


@op
def fail_in_library() -> Any:
    import json

    return json.loads("{")


@op
def fail_in_thread() -> str:
    thread = threading.Thread(target=inner, args=(0,))
    thread.start()
    thread.join()
    return "went on"


@op
def return_what_cannot_be_sent(kind: str) -> Any:
    import datetime

    values = {
        "object": lambda: {"stats": [1, {"when": datetime.datetime(2020, 1, 1)}]},
        "key": lambda: {"a": {1: 2}},
        "set": lambda: [{1}],
        "integer": lambda: 10**1000,
        "depth": lambda: nested(300),
        "cycle": lambda: cycle(),
        "tagged depth": lambda: nested(100, "$type"),
        "function": lambda: nested,
    }
    return values[kind]()


def nested(depth: int, key: str = "a") -> Any:
    value: Any = 0
    for _ in range(depth):
        value = {key: value}
    return value


def cycle() -> Any:
    value: list[Any] = []
    value += [value, value]
    return value


@op
def return_bytes_path() -> Any:
    class BytesPath:
        def __fspath__(self) -> bytes:
            return b"/tmp/\xff"

    return BytesPath()
