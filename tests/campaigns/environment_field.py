"""Where the campaign about environments takes place: data directory, channel, package index, processes that run ops."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "python-worker" / "src"
TESTS = ROOT / "python-worker" / "tests"
sys.path[:0] = [str(SOURCES), str(TESTS), str(TESTS / "environments")]

from channel_server import ChannelServer  # noqa: E402
from conda_channel import URL, Channel  # noqa: E402
from engine_sources import CondaSource, Source, UvSource  # noqa: E402
from package_index import PackageIndex  # noqa: E402
from worker_process import Host, WorkerProcess  # noqa: E402

SECONDS_TO_VANISH = 10.0
_PROGRAM = str(Path(__file__).with_name("environment_op.py"))
_LAST_STEPS = ("Ready", "Updated")
_OP_FILE = """
from pathlib import Path
from alcove import op

@op
def look(module: str, file: str) -> str:
    __import__(module)
    return Path(file).read_text(encoding="utf-8")[:40]
"""
_LATE_MODULES = (
    "json.tool",
    "wave",
    "sched",
    "cmd",
    "plistlib",
    "tabnanny",
    "colorsys",
    "getopt",
    "symtable",
    "poplib",
)


class Outcome(NamedTuple):
    """Of one case of the campaign."""

    part: str
    case: str
    good: bool
    said: str


class Running:
    """A process that runs ops."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def lines(self) -> list[tuple[str, Any]]:
        """What it says until it ends."""
        out, _ = self.process.communicate()
        # A line is cut off where the process was killed.
        return [tuple(json.loads(line)) for line in out.splitlines() if line.endswith("]")]  # type: ignore[misc]

    def outcomes(self) -> list[tuple[str, Any]]:
        """How its ops ended."""
        return [line for line in self.lines() if line[0] != "step"]

    def kill(self, steps: int, seconds: float) -> tuple[str, int] | None:
        """Kills it with signal 9, so many seconds after so many steps.

        Returns:
            Its last step, and how many of the processes that it had started outlived it; None when it had ended before.
        """
        last = "before the first step"
        assert self.process.stdout is not None
        for _ in range(steps):
            kind, last = json.loads(self.process.stdout.readline() or '["end", ""]')
            if kind != "step":
                self.lines()
                return None
        time.sleep(seconds)
        children: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        last = [last, *(value for kind, value in self.lines() if kind == "step")][-1]
        _, alive = psutil.wait_procs(children, SECONDS_TO_VANISH)
        for process in alive:
            process.kill()
        return None if last in _LAST_STEPS else (last, len(alive))


class Field:
    """A data directory in a folder of its own, with what packages come from.

    Args:
        folder: where everything is.
        seed: of all chance.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.directory = folder / "Jürgens Daten" / "environments"
        self.choose = random.Random(seed)
        self.server = ChannelServer(Channel.built().directory)
        self.index = PackageIndex()
        self.rattler = CondaSource("rattler", self.server)
        self.uv = UvSource(self.index)
        self.host = Host()
        (folder / "look.py").write_text(_OP_FILE, encoding="utf-8")

    @property
    def sources(self) -> list[Source]:
        return [self.rattler, self.uv]

    def variables(self, **more: str) -> dict[str, str]:
        """What a process is told of the field, and nothing of this machine's settings."""
        foreign = ("ALCOVE_", "UV_", "CONDA_", "RATTLER_", "MAMBA_")
        kept = {n: v for n, v in os.environ.items() if not n.startswith(foreign) and not n.upper().endswith("_PROXY")}
        return {
            **kept,
            "PYTHONPATH": str(SOURCES),
            "ALCOVE_SETTINGS": "",
            "ALCOVE_MIRRORS": f"{URL}={self.server.url}",
            "UV_DEFAULT_INDEX": self.index.url,
            "UV_NO_CONFIG": "1",
            **more,
        }

    def start(
        self, ops: list[tuple[str, dict[str, Any]]], threads: int = 1, before: tuple[str, ...] = (), **variables: str
    ) -> Running:
        """Starts a process that runs ops; ``before`` goes in front of its command."""
        command = [*before, sys.executable, _PROGRAM, json.dumps(ops, default=str), str(threads)]
        environment = self.variables(**variables)
        return Running(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))

    def run(
        self, op: str, *, before: tuple[str, ...] = (), variables: dict[str, str] | None = None, **arguments: Any
    ) -> tuple[str, Any]:
        """Runs one op in a process of its own: ("result", value), ("failed", {...}) or ("crashed", text)."""
        arguments.setdefault("directory", self.directory)
        ended = self.start([(op, arguments)], before=before, **(variables or {})).outcomes()
        return ended[-1] if ended else ("crashed", "it ended without a word")

    def create(self, source: Source, version: int, name: str, **options: Any) -> tuple[str, Any]:
        """Runs ``create``."""
        return self.run("create", specification=source.specification(version, name), **options)

    def wrong_with(self, directory: Path | None = None) -> list[str]:
        """What ``clean`` leaves half-made, and every environment in which a file is not what it should be.

        Whoever was killed after the last rename leaves a folder that nobody needs, and that the next builder or
        ``clean`` deletes.
        """
        directory = directory or self.directory
        self.run("clean", directory=directory)
        wrong = self.left(directory)
        for marker in sorted(directory.glob("*/*/alcove.json")):
            name = marker.parent.parent.name
            if (marker.parent.parent / "current").read_text().strip() == marker.parent.name:
                kind, value = self.run("verify", name=name, directory=directory)
                if kind != "result" or value["damaged"]:
                    wrong.append(f"{name}: {value}")
        return wrong

    def left(self, directory: Path | None = None) -> list[str]:
        """What is half-made."""
        patterns = ("*/.staging-*", "*/.removing-*", "*/.current-*")
        return [str(path) for pattern in patterns for path in (directory or self.directory).glob(pattern)]

    def clear_caches(self) -> None:
        """Everything must be downloaded again."""
        shutil.rmtree(self.directory.parent / "cache", ignore_errors=True)

    def worker(self, made: dict[str, Any]) -> WorkerProcess:
        """A worker that lives in an environment."""
        worker = self.host.start(python=made["python"])
        worker.initialize(environment={"directory": made["directory"]})
        worker.load(self.folder / "look.py")
        return worker

    def works(self, worker: WorkerProcess, made: dict[str, Any]) -> bool:
        """Whether the worker still finds what it has not loaded yet."""
        lock_file = next(Path(made["directory"]).glob("*lock.*"))
        called = worker.call("look", module=self.choose.choice(_LATE_MODULES), file=str(lock_file))
        return bool(called["result"])

    def steps(self, op: str, **arguments: Any) -> int:
        """How many steps an op takes."""
        lines = self.start([(op, arguments)]).lines()
        assert lines[-1][0] == "result", lines[-1]
        return len(lines) - 1

    def close(self) -> None:
        self.host.close()
        self.server.stop()
        self.index.close()


@contextlib.contextmanager
def field(seed: int) -> Iterator[Field]:
    """A field, deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="alcove-environments-"))
    folder.chmod(0o755)
    made = Field(folder, seed)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
