"""Ops without arrays: they run in any Python."""

# ruff: noqa: UP045 (Python 3.9 cannot evaluate X | None)
import os
import sys
from typing import Annotated, Any, Literal, Optional

from alcove import Range, op


@op
def add(a: int, b: int = 1) -> int:
    """Add two integers."""
    return a + b


@op
def echo(value: Any) -> Any:
    """Return what came."""
    return value


@op
def halve(value: Annotated[float, Range(0, 10)]) -> float:
    return value / 2


@op
def repeat(text: str, times: int) -> str:
    return text * times


@op
def choose(method: Literal["otsu", "li"] = "otsu", level: Literal[1, 2] = 1, name: Optional[str] = None) -> str:
    return f"{method} {level} {name}"


@op
def process_id() -> int:
    return os.getpid()


@op
def imported() -> list:
    return sorted(sys.modules)
