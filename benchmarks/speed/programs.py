"""The programs that measure: long-lived children that take a request as a line of JSON and answer it with one.

A child starts with ``{"ready": true, "facts": {...}}``. It knows three requests, each with the parameters of the case
beside it:

    {"warm": CASE}                  makes what the case needs and runs it until it is steady
    {"measure": CASE, "count": N}   answered by {"case", "unit": "us" or "per_s", "samples": [...], "facts": {...}}
    {"done": CASE}                  gives back what only this case needed

An answer may be ``{"skipped": why, "hint": how to get it}`` or ``{"error": what went wrong}`` instead. The end of its
standard input ends the child.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_SECONDS_TO_END = 5.0
_SECONDS_TO_START = 60.0
_MOST_OF_LOG = 2000


class ProgramFailed(Exception):
    """A program does not run, or not any more, or breaks the rules; its last words are in the message."""


class CaseFailed(Exception):
    """A case cannot be measured; the program goes on."""


class CaseSkipped(Exception):
    """Something that the case needs is not there.

    Attributes:
        hint: how to get it.
    """

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.hint = hint


class Program:
    """A child process, from its start to its end."""

    def __init__(
        self, name: str, command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """
        Args:
            folder: where it runs.
            environment: what differs from this process's own variables.
        """
        self.name = name
        self.facts: dict[str, str] = {}
        self._log = tempfile.TemporaryFile()
        self._unread = b""
        try:
            # In a process group of its own: Ctrl-C is for the runner, which then ends all children in good order.
            self._process = subprocess.Popen(
                [str(word) for word in command], cwd=folder, env={**os.environ, **(environment or {})},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, bufsize=0, start_new_session=True,
            )  # fmt: skip
        except OSError as failure:
            self._log.close()
            raise ProgramFailed(f"{name} did not start: {failure}") from failure

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Raises:
        ProgramFailed: if it ends instead, or takes longer than a minute.
        """
        greeting = self._read(_SECONDS_TO_START)
        if greeting.get("ready") is not True:
            raise self._failure(f"said {greeting} instead of being ready")
        self.facts = greeting.get("facts", {})

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to a request.

        Args:
            seconds: after so long without an answer the program is ended.

        Raises:
            CaseSkipped, CaseFailed, ProgramFailed: as they say.
        """
        line = json.dumps(request).encode() + b"\n"
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(line)
        except OSError:
            raise self._failure("ended") from None
        answer = self._read(seconds)
        if "skipped" in answer:
            raise CaseSkipped(answer["skipped"], answer.get("hint", ""))
        if "error" in answer:
            raise CaseFailed(f"{self.name}: {answer['error']}")
        return answer

    def _read(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        parts = [self._unread]
        until = time.monotonic() + seconds
        while b"\n" not in parts[-1]:
            readable, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            if not readable:
                failure = self._failure(f"did not answer for {seconds:g} s")
                self.kill()
                raise failure
            part = os.read(descriptor, 1 << 20)
            if not part:
                raise self._failure("ended")
            parts.append(part)
        line, _, self._unread = b"".join(parts).partition(b"\n")
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._failure(f"answered with {line[:200]!r}")
        return answer

    def _failure(self, what: str) -> ProgramFailed:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        code = self._process.poll()
        ended = "" if code is None else f" (exit code {code})"
        log = self.last_words()
        return ProgramFailed(f"{self.name} {what}{ended}" + (f"; its last words:\n{log}" if log else ""))

    def last_words(self) -> str:
        """The end of what it wrote on standard error."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), _MOST_OF_LOG, max(0, size - _MOST_OF_LOG)).decode(errors="replace").strip()

    def close(self, seconds: float = _SECONDS_TO_END) -> None:
        """Ends it: first by the end of its input, after so long by force."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()

    def kill(self) -> None:
        """Ends it and all that is left of its process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Programs:
    """The programs of a run; each is started when the first case asks for it."""

    def __init__(self, commands: Mapping[str, tuple[Sequence[str | Path], Mapping[str, str]]], folder: Path) -> None:
        """
        Args:
            commands: name -> command line and variables of its environment.
        """
        self._commands = commands
        self._folder = folder
        self._running: dict[str, Program] = {}
        self._failed: dict[str, ProgramFailed] = {}
        self._forgiven: set[str] = set()
        self.facts: dict[str, dict[str, str]] = {}

    def get(self, name: str) -> Program:
        """The program, running.

        Raises:
            ProgramFailed: if it does not start, or failed before.
        """
        if name in self._failed:
            raise self._failed[name]
        if name not in self._running:
            try:
                program = self._running[name] = self.start(name)
                self.facts[name] = program.facts
            except ProgramFailed as failure:
                self._failed[name] = failure
                raise
        return self._running[name]

    def start(self, name: str) -> Program:
        """Another one, which the caller closes."""
        command, environment = self._commands[name]
        program = Program(name, command, self._folder, environment)
        try:
            program.wait_until_ready()
        except BaseException:
            program.close()
            raise
        return program

    def ask(self, name: str, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """As :meth:`Program.ask`; a program that failed is not asked again before :meth:`forgive`."""
        try:
            return self.get(name).ask(request, seconds)
        except ProgramFailed as failure:
            self._failed.setdefault(name, failure)
            if name in self._running:
                self._running.pop(name).close()
            raise

    def forgive(self) -> None:
        """What failed once may be started once more: other cases need not end as that one did."""
        for name in set(self._failed) & set(self.facts) - self._forgiven:
            self._forgiven.add(name)
            del self._failed[name]

    def close(self, seconds: float = _SECONDS_TO_END) -> None:
        """Ends all of them, as :meth:`Program.close`."""
        while self._running:
            self._running.popitem()[1].close(seconds)
