from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from channel_server import ChannelServer
from conda_channel import URL, Channel
from package_index import PackageIndex

import alcove
from alcove import environments

SOURCES = Path(alcove.__file__).parents[1]
_OF_THE_TESTS = ("ALCOVE_TESTS", "ALCOVE_TEST_PYTHON", "ALCOVE_MEMORY_DIR", "ALCOVE_NO_SKIPS")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """An environments directory as users have them: a blank and letters beyond ASCII in its path."""
    return tmp_path / "Jürgens Zellen" / "environments"


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    index = PackageIndex()
    yield index
    index.close()


@pytest.fixture(autouse=True)
def uv_settings(monkeypatch: pytest.MonkeyPatch, index: PackageIndex) -> None:
    """uv sees the local index, gives up at once, and nothing of the machine's own settings."""
    for name in list(os.environ):
        if name.startswith(("UV_", "CONDA_OVERRIDE_", "ALCOVE_VARIANT")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALCOVE_SETTINGS", "")
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_NO_CONFIG", "1")


@pytest.fixture(scope="session")
def channel() -> Channel:
    """A real conda channel; see ``conda_channel`` for what is in it."""
    return Channel.built()


@pytest.fixture
def channel_server(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChannelServer]:
    """Serves the channel where conda-forge is looked for; nothing of the machine's own settings holds."""
    for name in list(os.environ):
        if name.startswith(("ALCOVE_", "CONDA_", "RATTLER_", "MAMBA_", "PIXI_")) and name not in _OF_THE_TESTS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALCOVE_SETTINGS", "")
    server = ChannelServer(channel.directory)
    monkeypatch.setenv("ALCOVE_MIRRORS", f"{URL}={server.url}")
    yield server
    server.stop()


class Steps(list[tuple[float, str]]):
    """What progress was told; ``at`` hooks into it."""

    def __init__(self) -> None:
        super().__init__()
        self.at: Callable[[str], None] = lambda message: None

    def __call__(self, fraction: float, message: str, details: dict[str, Any] | None = None) -> None:
        self.append((fraction, message))
        self.at(message)

    @property
    def messages(self) -> list[str]:
        return [message for _, message in self]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    steps = Steps()
    monkeypatch.setattr(environments, "progress", steps)
    return steps


def specification(*dependencies: str, name: str = "cells-1a2b3c4d", extra: str = "", **others: Any) -> dict[str, Any]:
    """A specification whose header names these dependencies in its first line, the third of /ops/cells.py."""
    header = f"dependencies = {json.dumps(dependencies)}\n{extra}"
    source = {"source": "/ops/cells.py", "first_line": 3}
    return {"name": name, "engine": "auto", "format": "script", "text": header, "variant": "auto", **source, **others}


def conda_specification(
    *packages: str, name: str = "cells-1a2b3c4d", engine: str = "rattler", extra: str = "", **others: Any
) -> dict[str, Any]:
    """A specification that asks for conda packages in the header of /ops/cells.py."""
    text = f"[tool.alcove]\nconda = {json.dumps(packages)}\n{extra}"
    source = {"source": "/ops/cells.py", "first_line": 3}
    return {"name": name, "engine": engine, "format": "script", "text": text, **source, **others}


def build(directory: Path, *dependencies: str, offline: bool = False, **options: Any) -> dict[str, Any]:
    return environments.create(specification(*dependencies, **options), directory, offline)


def run_in(created: dict[str, Any], code: str) -> str:
    """What a program prints that the environment's Python runs."""
    return subprocess.run([created["python"], "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def leftovers(directory: Path) -> list[str]:
    """Whatever in the environments' folders is neither an environment nor belongs to a folder that has one."""
    return [
        str(path.relative_to(directory))
        for folder in directory.glob("*")
        for path in [folder, *folder.iterdir()]
        if (path == folder and not any(folder.glob("*/alcove.json")))
        or (path.parent == folder and path.name.startswith(".") and path.name != ".lock")
    ]


_PROGRAM = """
import json, sys
from pathlib import Path
from alcove import OpError, environments

def say(kind, value):
    print(json.dumps([kind, value]), flush=True)

environments.progress = lambda fraction, message, details=None: say("step", message)
try:
    arguments = json.loads(sys.argv[2])
    say("result", getattr(environments, sys.argv[1])(**{**arguments, "directory": Path(arguments["directory"])}))
except OpError as error:
    say("failed", error.details["cause"])
"""


class Other:
    """Another process that runs an op."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def told(self) -> Iterator[tuple[str, Any]]:
        """What it says until it ends: ("step", message), ("result", value) or ("failed", cause)."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            kind, value = json.loads(line)
            yield kind, value

    def wait_for(self, text: str) -> None:
        """Reads on until a step's message begins so."""
        for kind, value in self.told():
            if kind == "step" and value.startswith(text):
                return
            assert kind == "step", (kind, value)
        pytest.fail(f"it ended without saying {text!r}")

    def outcome(self) -> tuple[str, Any]:
        """How it ends."""
        return list(self.told())[-1]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def other() -> Iterator[Callable[..., Other]]:
    """Starts an op in another process: ``other("create", specification=..., directory=...)``."""
    with contextlib.ExitStack() as stack:

        def start(op: str, *, before: str = "", **arguments: Any) -> Other:
            command = [sys.executable, "-c", before + _PROGRAM, op, json.dumps(arguments, default=str)]
            environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
            process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
            stack.callback(process.kill)
            return Other(process)

        yield start


_LIVE_IN = """
import sys
sys.path.insert(0, sys.argv[1])
from alcove.locks import try_lock
lock = try_lock(sys.argv[2], shared=True)
print("moved in" if lock else "refused", flush=True)
sys.stdin.read()
"""


LiveIn = Callable[[dict[str, Any]], "subprocess.Popen[str]"]


@pytest.fixture
def live_in() -> Iterator[LiveIn]:
    """Starts a process that holds an environment's in-use lock, as workers do, until its stdin ends."""
    processes = []

    def start(created: dict[str, Any]) -> subprocess.Popen[str]:
        command = [created["python"], "-c", _LIVE_IN, str(SOURCES), str(Path(created["directory"]) / ".in-use")]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "moved in\n"
        return process

    yield start
    for process in processes:
        process.communicate()
