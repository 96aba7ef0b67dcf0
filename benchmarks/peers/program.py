"""How ``./benchmark`` talks with a program that measures: a line of JSON for each request, and one for each reply.

``java/speed/program`` is the same in Java. What waits for its turn blocks in a read and does nothing.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

Samples = tuple[str, list[float]]
"""The unit, ``us`` for times and ``per_s`` for rates, and what was measured."""


class Skipped(Exception):
    """A case that this machine has no room for, or lacks something for; with a hint how it would not be left out."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.hint = hint


class Case:
    """One thing that is measured. Making it warms it up."""

    def measure(self, count: int) -> Samples:
        """Measures it now; ``count`` says how much of it."""
        raise NotImplementedError

    def close(self) -> None:
        """Gives back what it holds."""


class Repeated(Case):
    """A case whose samples are the times of ``count`` operations, which ``operation`` returns in seconds."""

    def __init__(
        self,
        operation: Callable[[], float],
        warm_ups: int,
        close: Callable[[], object] = lambda: None,
        warm_up_seconds: float = 1.0,
    ) -> None:
        self._operation = operation
        self._close = close
        end = time.perf_counter() + warm_up_seconds
        for _ in range(warm_ups):
            operation()
            if time.perf_counter() > end:
                break

    def measure(self, count: int) -> Samples:
        return "us", [self._operation() * 1e6 for _ in range(count)]

    def close(self) -> None:
        self._close()


class Rated(Case):
    """A case with one sample for each measurement: so many operations in how many seconds."""

    def __init__(
        self,
        operations: Callable[[int], float],
        warm_up: int,
        each: int = 1,
        close: Callable[[], object] = lambda: None,
    ) -> None:
        self._operations = operations
        self._each = each
        self._close = close
        operations(warm_up)

    def measure(self, count: int) -> Samples:
        return "per_s", [self._each * count / self._operations(count)]

    def close(self) -> None:
        self._close()


def timed(action: Callable[[], Any], expected: Any) -> float:
    """The seconds that an action takes, whose result is checked afterwards."""
    began = time.perf_counter()
    result = action()
    seconds = time.perf_counter() - began
    if result != expected:
        raise ValueError(f"{result}, not {expected}")
    return seconds


def run(makers: dict[str, Callable[..., Case]], facts: dict[str, str]) -> None:
    """Answers requests until there are no more, then closes all cases."""
    replies = sys.stdout
    sys.stdout = sys.stderr  # for libraries that print
    cases: dict[str, Case] = {}

    def say(reply: dict[str, Any]) -> None:
        replies.write(json.dumps(reply) + "\n")
        replies.flush()

    say({"ready": True, "facts": facts})
    for line in sys.stdin:
        request = json.loads(line)
        action = next(word for word in ("warm", "measure", "done") if word in request)
        name = request.pop(action)
        try:
            say({"case": name, **_answer(makers, cases, action, name, request)})
        except Skipped as skipped:
            say({"case": name, "skipped": str(skipped), "hint": skipped.hint})
        except Exception as failure:
            traceback.print_exc()
            say({"case": name, "error": f"{type(failure).__name__}: {failure}"})
    for case in cases.values():
        case.close()


def _answer(
    makers: dict[str, Callable[..., Case]], cases: dict[str, Case], action: str, name: str, parameters: dict[str, int]
) -> dict[str, Any]:
    if name not in makers:
        raise ValueError("no such case")
    count = parameters.pop("count", 0)
    key = json.dumps([name, parameters], sort_keys=True)
    if action == "done":
        if key in cases:
            cases.pop(key).close()
        return {}
    if key not in cases:
        cases[key] = makers[name](**parameters)
    if action == "warm":
        return {}
    unit, samples = cases[key].measure(count)
    return {"unit": unit, "samples": [round(sample, 3) for sample in samples]}
