"""Hosts to which a campaign does harm, and a look at what is left of them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from alcove_program import ROOT, Alcove  # noqa: E402

SECONDS_UNTIL_HANG = 90.0
SECONDS_TO_VANISH = 15.0
_WORKER_MEMORY = 600_000_000


class Left(NamedTuple):
    """What is still there that should not be."""

    processes: int = 0
    blocks: int = 0
    leases: int = 0
    threads: int = 0
    descriptors: int = 0

    def __add__(self, other: object) -> Left:
        assert isinstance(other, Left)
        return Left(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


NOTHING = Left()


class HostHung(Exception):
    """A host did not answer in time."""


class FaultHost:
    """A ``FaultHost`` that runs.

    Args:
        process: the JVM, or a shell that became it.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._bystander: str | None = None
        self._descriptors_at_first = 0

    def tell(self, *words: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def ask(self, *words: object) -> dict[str, str]:
        """The host's answer; raises ``HostHung`` when there is none."""
        assert self.process.stdout is not None
        stacks: list[str] = []

        def end() -> None:
            stacks.append(_stacks(self.process.pid))
            self.process.kill()

        timer = threading.Timer(SECONDS_UNTIL_HANG, end)
        timer.start()
        try:
            self.tell(*words)
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
        if stacks:
            hung = Path(tempfile.mkstemp(prefix="alcove-hung-", suffix=".txt")[1])
            hung.write_text(stacks[0])
            raise HostHung(f"{words}: no answer; the stacks of its threads are in {hung}")
        assert line, f"the host ended with {self.process.wait()} at {words}"
        return dict(part.split("=", 1) for part in line.strip("\n").split("\t"))

    def open(self) -> str:
        """Opens Alcove where it is not open; the bystander's process id."""
        if self._bystander is None:
            self._bystander = self.ask("open")["bystander"]
        return self._bystander

    def count_descriptors(self) -> None:
        """Looks how many there are before any harm is done: what is opened once, as classes are, stays."""
        self.ask("open")
        self.ask("close")
        self._descriptors_at_first = self._descriptors()

    def was_closed(self) -> None:
        """Alcove is to be opened next."""
        self._bystander = None

    def descriptors_left(self) -> int:
        """How many it has more than at first, where they were counted; a dead process's are closed soon after."""
        if not self._descriptors_at_first:
            return 0
        end = time.monotonic() + SECONDS_TO_VANISH
        while (more := self._descriptors() - self._descriptors_at_first) > 0 and time.monotonic() < end:
            time.sleep(0.02)
        return max(0, more)

    def _descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        code = self.process.wait(SECONDS_UNTIL_HANG)
        self.process.stdin.close()
        self.process.stdout.close()
        return code


class Field:
    """A memory directory of its own for hosts, and folders for what they need.

    Args:
        alcove: the program.
        folder: for files with awkward names.
        plain_folder: for those with plain ones; has ``FaultHost``, compiled, and the program.
        variables: of the environment of all hosts.
    """

    def __init__(self, alcove: Alcove, folder: Path, plain_folder: Path, variables: dict[str, str]) -> None:
        self.folder = folder
        self._alcove = alcove
        self._plain_folder = plain_folder
        self._variables = {"ALCOVE_WORKER_MEMORY": str(_WORKER_MEMORY), **variables}
        self._started: list[FaultHost] = []
        self._host: FaultHost | None = None
        self._hosts_python: Path | None = None
        for place in (folder, plain_folder):
            shutil.copy(HERE / "fault_ops.py", place)
            for name in ("Python", "another Python"):
                (place / name).symlink_to(sys.prefix)  # workers of another name are other workers

    @property
    def python(self) -> Path:
        return self.folder / "Python" / "bin" / "python"

    def host(self, python: Path) -> FaultHost:
        """The host whose workers are harmed one after the other; there is one at a time."""
        if self._host is None or self._hosts_python != python:
            self.end_host()
            self._host, self._hosts_python = self.start(python=python), python
            self._host.count_descriptors()
        return self._host

    def end_host(self) -> None:
        """Lets the host of before end by itself, as one whose main returns."""
        if self._host is not None:
            self._host.tell("return")
            self._host.wait()
            self._host = None

    def start(
        self, *, python: Path | None = None, wrapped: tuple[str, ...] = (), plain: bool = False, **variables: str
    ) -> FaultHost:
        """A host with little memory.

        Args:
            python: the environment of the op that goes wrong.
            wrapped: what to put before the command.
            plain: whether the names of its files are plain ASCII.
            variables: of its environment, beyond the usual ones.
        """
        folder = self._plain_folder if plain else self.folder
        if plain:
            variables["ALCOVE_DATA_DIR"] = str(folder / "data")
        path = os.pathsep.join([str(self._plain_folder), str(self._plain_folder / "run" / "alcove.jar")])
        program = ["java", "-Xmx96m", "-XX:+UseSerialGC", "-cp", path, "FaultHost"]
        pythons = [python or folder / "Python" / "bin" / "python", folder / "another Python" / "bin" / "python"]
        files = [*pythons, folder / "fault_ops.py"]
        with (self.folder / "hosts.txt").open("a") as log:
            process = subprocess.Popen(
                [*wrapped, *program, *map(str, files)],
                cwd=folder,
                env=self._alcove.variables(**{**self._variables, **variables}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        self._started.append(FaultHost(process))
        return self._started[-1]

    def wrapper(self) -> Path:
        """A script that stands before Python and stays."""
        script = self.folder / "wrapped" / "bin" / "python"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f'#!/bin/sh\n"{self.python}" "$@"\nexit $?\n')
        script.chmod(0o755)
        return script

    def left_while_open(self, host: FaultHost) -> Left:
        """Processes that came from a worker that is gone, and blocks of more workers than there are; after a while."""
        return _settled(lambda: self._there_while_open(host), SECONDS_TO_VANISH)

    def left_when_closed(self, host: FaultHost, answer: dict[str, str]) -> Left:
        """What is left of a host that is closed and goes on, after a while.

        Args:
            answer: what it said when it was closed.
        """
        host.was_closed()
        left = _settled(lambda: self._there(host), SECONDS_TO_VANISH)
        threads = [name for name in answer.get("threads", "").split(",") if name]
        return left._replace(threads=len(threads), descriptors=host.descriptors_left())

    def left_when_ended(self) -> Left:
        """What is left when there is no host any more, after a while."""
        return _settled(lambda: self._there(None), SECONDS_TO_VANISH)

    def workers(self, host: FaultHost) -> list[psutil.Process]:
        """The processes that the host has started, be they workers or what stands before one."""
        return psutil.Process(host.process.pid).children()

    def end(self) -> None:
        """Kills whatever is still there."""
        for host in self._started:
            host.process.kill()
            host.wait()
        self._started.clear()
        self._host = None
        for process in self._alcove.processes():
            _kill(process)

    def _there(self, host: FaultHost | None) -> Left:
        processes = [process for process in self._alcove.processes() if not host or process.pid != host.process.pid]
        names = self._alcove.memory_files()
        leases = [name for name in names if name.endswith((".lease", ".new"))]
        return Left(len(processes), len(names) - len(leases), len(leases))

    def _there_while_open(self, host: FaultHost) -> Left:
        family = psutil.Process(host.process.pid).children(recursive=True)
        known = {host.process.pid, *(process.pid for process in family)}
        strangers = [process for process in self._alcove.processes() if process.pid not in known]
        owners = {found[1] for name in self._alcove.memory_files() if (found := re.search(r"-w(\d+)-", name))}
        return Left(len(strangers), max(0, len(owners) - len(self.workers(host))))


def _settled(look: Callable[[], Left], seconds: float) -> Left:
    end = time.monotonic() + seconds
    while (there := look()) != NOTHING and time.monotonic() < end:
        time.sleep(0.02)
    return there


def _stacks(pid: int) -> str:
    return subprocess.run(["jcmd", str(pid), "Thread.print"], capture_output=True, text=True).stdout


def _kill(process: psutil.Process) -> None:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        pass


@contextmanager
def field(data_directory: Path, **variables: str) -> Iterator[Field]:
    """A field in folders of its own; all that was started there is ended.

    Args:
        data_directory: for toolbox and environments.
        variables: of the environment of all hosts.
    """
    folder = Path(tempfile.mkdtemp(prefix="alcove faults ü "))
    plain_folder = Path(tempfile.mkdtemp(prefix="alcove-faults-"))
    memory = Path("/dev/shm", f"alcove-faults-{uuid.uuid4().hex[:8]}")
    memory.mkdir()
    here = Field(Alcove(data_directory, memory, folder), folder, plain_folder, variables)
    try:
        subprocess.run([ROOT / "alcove", "--version"], check=True, stdout=subprocess.DEVNULL)
        # In a plain locale a JVM finds no file below a folder whose name is not plain, as that of the sources may be.
        shutil.copytree(ROOT / "java-manager" / "target" / "run", plain_folder / "run")
        jar = plain_folder / "run" / "alcove.jar"
        subprocess.run(["javac", "-d", plain_folder, "-cp", jar, HERE / "FaultHost.java"], check=True)
        yield here
    finally:
        here.end()
        for used in (memory, folder, plain_folder):
            shutil.rmtree(used)
