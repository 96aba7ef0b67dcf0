"""A process that runs rattler: asked one thing after the other, killed when it is to stop, gone when its owner is."""

from __future__ import annotations

import collections
import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

_PROGRAM = Path(__file__).with_name("_rattler")
_SECONDS_BETWEEN_TICKS = 0.1
_SECONDS_TO_DRAIN = 1.0
_LOG_LINES = 50


class ProcessDied(Exception):
    """It ended without an answer."""

    def __init__(self, code: int, log: list[str]) -> None:
        super().__init__(f"exit status {code}")
        self.code = code
        """Its exit status; minus N when signal N killed it."""
        self.log = log
        """The last lines that it wrote to stderr."""


class RattlerProcess:
    """A running ``_rattler``, the folder beside this file.

    Args:
        variables: all of its environment variables.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(variables),
            **options,
        )
        self._said: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._log: collections.deque[str] = collections.deque(maxlen=_LOG_LINES)
        self._readers = [_thread(self._read_answers), _thread(self._read_log)]

    def ask(
        self, request: Mapping[str, Any], on_event: Callable[[dict[str, Any]], None], on_wait: Callable[[], None]
    ) -> dict[str, Any]:
        """Has one thing done and returns the answer.

        Args:
            request: what to do.
            on_event: called with what the process tells meanwhile.
            on_wait: called when it tells nothing for a tenth of a second. What either function raises, and any other
                interruption, ends the process.

        Raises:
            ProcessDied: it is gone.
        """
        try:
            with contextlib.suppress(BrokenPipeError):  # why, is said below
                stdin = _of(self._process.stdin)
                stdin.write(json.dumps(request).encode() + b"\n")
                stdin.flush()
            while True:
                try:
                    said = self._said.get(timeout=_SECONDS_BETWEEN_TICKS)
                except queue.Empty:
                    on_wait()
                    continue
                if said is None:
                    self._process.wait()
                    raise ProcessDied(self._process.returncode, list(self._log))
                if "answer" in said:
                    answer: dict[str, Any] = said["answer"]
                    return answer
                on_event(said)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Kills it, whatever it is doing; twice is fine."""
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(_SECONDS_TO_DRAIN)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):  # a request that did not get there
                _of(stream).close()

    def _read_answers(self) -> None:
        for line in _of(self._process.stdout):
            with contextlib.suppress(ValueError):
                self._said.put(json.loads(line))
        self._said.put(None)

    def _read_log(self) -> None:
        for line in _of(self._process.stderr):
            self._log.append(line.decode("utf-8", "replace").rstrip())


def _thread(target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def _of(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
