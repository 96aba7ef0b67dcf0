"""Running ``./alcove`` and looking at what it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
NUCLEI = EXAMPLES / "images" / "nuclei.tif"
SECONDS_TO_FINISH = 280
SECONDS_TO_VANISH = 20


def processes_with(variable: str, value: str) -> list[psutil.Process]:
    """The living processes that have the variable in their environment, or came from one that has."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(variable) == value and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


class Finished:
    """How the program ended and what it printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def assert_failed(self, *fragments: str, code: int = 1) -> None:
        """One clear message with a hint, an exit code, and no stack trace."""
        assert self.code == code, self.err
        for fragment in fragments:
            assert fragment in self.err, f"{fragment!r} is not in:\n{self.err}"
        assert "hint: " in self.err
        assert "\tat " not in self.err, self.err
        assert "Traceback" not in self.err, self.err


class Alcove:
    """The program with folders of its own."""

    def __init__(self, data_directory: Path, memory_directory: Path, working_directory: Path) -> None:
        self.data_directory = data_directory
        self.memory_directory = memory_directory
        self.working_directory = working_directory

    def variables(self, **more: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALCOVE_")}
        return {
            **inherited,
            "ALCOVE_DATA_DIR": str(self.data_directory),
            "ALCOVE_MEMORY_DIR": str(self.memory_directory),
            **more,
        }

    def start(self, *arguments: object, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(ROOT / "alcove"), *map(str, arguments)],
            cwd=self.working_directory,
            env=self.variables(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, *arguments: object, check: bool = False, **variables: str) -> Finished:
        with self.start(*arguments, **variables) as process:
            try:
                out, err = process.communicate(timeout=SECONDS_TO_FINISH)
            except BaseException:
                process.kill()
                raise
        assert not check or process.returncode == 0, err
        return Finished(process.returncode, out, err)

    def processes(self) -> list[psutil.Process]:
        """Those with this program's memory directory in their environment: Java, workers, and what they started."""
        return processes_with("ALCOVE_MEMORY_DIR", str(self.memory_directory))

    def assert_nothing_left(self) -> None:
        """No process, no block, no lease; nothing half-made in the data directory."""
        end = time.monotonic() + SECONDS_TO_VANISH
        while time.monotonic() < end and (self.processes() or self.memory_files()):
            time.sleep(0.05)
        assert [process.cmdline() for process in self.processes()] == []
        assert self.memory_files() == []

    def memory_files(self) -> list[str]:
        return sorted(path.name for path in self.memory_directory.iterdir())

    def staging(self) -> list[Path]:
        """What was begun in the data directory and not finished."""
        return list(self.data_directory.rglob(".staging-*"))

    def wait_for_line(self, process: subprocess.Popen[str], fragment: str) -> str:
        """Reads stderr up to the line that holds ``fragment``."""
        assert process.stderr is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if fragment in line:
                return line
        raise AssertionError(f"{fragment!r} never came:\n" + "".join(seen))
