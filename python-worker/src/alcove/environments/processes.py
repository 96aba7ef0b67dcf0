"""Running a program that takes its time: its lines as they come, and an end whenever the caller wants one."""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from ._watch import SIGNALS_FROM

_SECONDS_BETWEEN_TICKS = 0.1
_SECONDS_TO_DRAIN = 1.0
_LOG_LINES = 50
_WATCH = Path(__file__).with_name("_watch.py")


class Finished(NamedTuple):
    """How a program ended."""

    code: int
    """Exit status; 128 + N when signal N killed it."""
    output: str
    """Everything it wrote to stdout."""
    log: list[str]
    """The last lines that it wrote to stderr."""

    def died_of(self, signal_name: str) -> bool:
        """Whether a signal killed it; the name because Windows has few of them."""
        number = getattr(signal, signal_name, None)
        return number is not None and self.code == SIGNALS_FROM + number


def run(
    command: list[str],
    *,
    environment: dict[str, str],
    directory: Path,
    on_line: Callable[[str], None],
    on_wait: Callable[[], None],
    merged: bool = False,
) -> Finished:
    """Runs a program to its end.

    Args:
        command: the program and its arguments; it finds its stdin at the end.
        environment: all of its environment variables.
        directory: its working directory.
        on_line: called with each line of its stderr.
        on_wait: called when a tenth of a second brought no line. What either function raises ends the program with all
            that it started, and is raised here.
        merged: whether lines of stdout count as lines of stderr.
    """
    log: collections.deque[str] = collections.deque(maxlen=_LOG_LINES)
    output: list[str] = []
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    with contextlib.ExitStack() as stack:
        readers: list[threading.Thread] = []
        stack.callback(_join, readers)
        process = stack.enter_context(_started(command, environment, directory, merged))
        readers.append(_read(process.stdout if merged else process.stderr, lines.put, lambda: lines.put(None)))
        if not merged:
            readers.append(_read(process.stdout, output.append))
        for line in _until_end(process, lines):
            if line is None:
                on_wait()
            else:
                log.append(line)
                on_line(line)
    code = process.returncode if process.returncode >= 0 else SIGNALS_FROM - process.returncode
    return Finished(code, "\n".join(output), list(log))


def _join(readers: list[threading.Thread]) -> None:
    """Waits for the pipes' ends, which say that a killed program has really gone; but not long, as it may have left
    something behind that has them open."""
    end = time.monotonic() + _SECONDS_TO_DRAIN
    for reader in readers:
        reader.join(max(end - time.monotonic(), 0))


def _until_end(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[str | None]) -> Iterator[str | None]:
    """The lines of a process until it is gone, and None whenever it is silent."""
    over_since: float | None = None
    while True:
        try:
            line = lines.get(timeout=_SECONDS_BETWEEN_TICKS)
        except queue.Empty:
            yield None
            # Something that the program left behind may hold the pipe open for ever.
            if process.poll() is not None:
                over_since = over_since or time.monotonic()
                if time.monotonic() - over_since > _SECONDS_TO_DRAIN:
                    return
            continue
        if line is None:
            break
        yield line
    while True:
        try:
            process.wait(_SECONDS_BETWEEN_TICKS)
            return
        except subprocess.TimeoutExpired:
            yield None


def _read(
    stream: IO[bytes] | None, take: Callable[[str], Any], at_end: Callable[[], Any] | None = None
) -> threading.Thread:
    assert stream is not None

    def read() -> None:
        with stream:
            for line in stream:
                take(line.decode("utf-8", "replace").rstrip())
        if at_end is not None:
            at_end()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


@contextlib.contextmanager
def _started(
    command: list[str], environment: dict[str, str], directory: Path, merged: bool
) -> Iterator[subprocess.Popen[bytes]]:
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_WATCH), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merged else subprocess.PIPE,
        env=environment,
        cwd=directory,
        **options,
    )
    try:
        yield process
    finally:
        _kill_tree(process)
        if process.stdin is not None:
            process.stdin.close()


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    code = process.poll()
    # The watching process passes on how the program ended. If it was killed itself, nobody watches the program now.
    if code is not None and code >= 0:
        return
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: the latter when all are dying
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
