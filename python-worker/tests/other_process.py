"""Another Python process that does what it is told, line by line; for what happens between processes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from worker_process import SOURCES

_PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import os, time, alcove
from alcove.messages import AlcoveError
for line in sys.stdin:
    try:
        try:
            answer = eval(line)
        except SyntaxError:
            exec(line)
            answer = None
    except AlcoveError as error:
        answer = error.kind
    except Exception as error:
        answer = repr(error)
    print(repr(answer.item() if hasattr(answer, "item") else answer), flush=True)
"""


class OtherProcess:
    """A Python that evaluates lines."""

    def __init__(self, python: str = sys.executable) -> None:
        # Not isolated, so that tests find numpy; in no session of its own, so that it ends with them.
        command = [python, "-c", _PROGRAM, str(SOURCES)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, line: str) -> None:
        """Lets it run one line of Python."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """What became of a line: the value of an expression, the kind of an AlcoveError, the text of another."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the other process ended with {self.process.wait()}"
        return ast.literal_eval(line)

    def ask(self, line: str) -> Any:
        """``send`` and ``answer``."""
        self.send(line)
        return self.answer()

    def kill(self) -> None:
        """Ends it as nothing else does, and waits for that."""
        self.process.kill()
        with self.process:
            self.process.wait()

    def end(self) -> None:
        """Lets it end as programs do, and waits for that."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait() == 0


@pytest.fixture
def other() -> Iterator[Callable[..., OtherProcess]]:
    """Starts other processes, and ends them after the test."""
    started: list[OtherProcess] = []

    def start(python: str = sys.executable) -> OtherProcess:
        started.append(OtherProcess(python))
        return started[-1]

    yield start
    for process in started:
        process.kill()
