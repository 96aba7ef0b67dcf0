"""The demos of both languages as a user starts them, and what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alcove_program import ROOT, SECONDS_TO_FINISH, Alcove, Finished

SOURCES = ROOT / "python-worker" / "src"


def variables(alcove: Alcove) -> dict[str, str]:
    """Such that the package alcove is found, and ``python3`` is the one that runs the tests."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**alcove.variables(), "PYTHONPATH": str(SOURCES), "PATH": path}


class Demo:
    """A demo that runs.

    Attributes:
        seen: what it has printed so far, line by line.
    """

    def __init__(self, alcove: Alcove, command: list[str], **more: str) -> None:
        self.seen: list[str] = []
        self.process = subprocess.Popen(
            command,
            cwd=alcove.working_directory,
            env={**variables(alcove), **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def wait_for(self, pattern: str) -> str:
        """The first line from here on in which the pattern is found."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.seen.append(line.rstrip("\n"))
            if re.search(pattern, line):
                return self.seen[-1]
        raise AssertionError(f"{pattern!r} never came:\n" + "\n".join(self.seen))

    def end(self) -> Finished:
        """What it printed besides, once it has ended by itself."""
        out, _ = self.process.communicate(timeout=SECONDS_TO_FINISH)
        return Finished(self.process.returncode, out, "\n".join(self.seen))

    def line_with(self, fragment: str) -> str:
        """A line that was seen."""
        return next(line.strip() for line in self.seen if fragment in line)


@contextmanager
def java(alcove: Alcove, *arguments: object, **more: str) -> Iterator[Demo]:
    """``./alcove demo ...``."""
    with _running(Demo(alcove, [str(ROOT / "alcove"), "demo", *map(str, arguments)], **more)) as demo:
        yield demo


@contextmanager
def python(alcove: Alcove, *arguments: object, **more: str) -> Iterator[Demo]:
    """``python -m alcove.demo ...``."""
    with _running(Demo(alcove, [sys.executable, "-m", "alcove.demo", *map(str, arguments)], **more)) as demo:
        yield demo


@contextmanager
def _running(demo: Demo) -> Iterator[Demo]:
    with demo.process:
        try:
            yield demo
        finally:
            demo.process.kill()


def paste(alcove: Alcove, line: str) -> Finished:
    """Runs a line in a shell, as if it were pasted into a terminal."""
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=alcove.working_directory,
        env={name: value for name, value in variables(alcove).items() if name != "PYTHONPATH"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS_TO_FINISH,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)
