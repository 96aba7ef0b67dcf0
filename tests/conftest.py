"""What all end-to-end tests share: the launcher, folders with awkward names, and a look at what is left afterwards."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alcove_program import Alcove
from channels import Channel, ChannelServer


@pytest.fixture(scope="session")
def data_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests, so that toolbox and environments are made once. Its name is awkward on purpose."""
    return tmp_path_factory.mktemp("dätä dir")


@pytest.fixture
def memory_directory(tmp_path: Path) -> Iterator[Path]:
    """A memory directory of the test's own, in shared memory where there is some. Nothing may be left in it, and no
    process that was started with it."""
    shared = Path("/dev/shm")
    folder = (shared if shared.is_dir() else tmp_path) / f"alcove-test-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    try:
        yield folder
        Alcove(tmp_path, folder, tmp_path).assert_nothing_left()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def alcove(data_directory: Path, memory_directory: Path, tmp_path: Path) -> Iterator[Alcove]:
    """The program, as a user starts it; after the test nothing of it may be left."""
    program = Alcove(data_directory, memory_directory, tmp_path)
    yield program
    program.assert_nothing_left()


@pytest.fixture
def fresh_alcove(alcove: Alcove, tmp_path: Path) -> Iterator[Alcove]:
    """The same with a data directory of its own that holds the toolbox, but no environment."""
    data = tmp_path / "own data"
    data.mkdir()
    if not (alcove.data_directory / "toolbox").exists():
        alcove.run("env", "settings", check=True)
    # The toolbox does not know its own path, and nothing in it is ever changed; to copy it would take seconds.
    shutil.copytree(alcove.data_directory / "toolbox", data / "toolbox", symlinks=True, copy_function=os.link)
    program = Alcove(data, alcove.memory_directory, tmp_path)
    yield program
    program.assert_nothing_left()


@pytest.fixture
def channel_server() -> Iterator[ChannelServer]:
    """A real conda channel on the loopback interface; ``conda_channel`` says what is in it."""
    server = ChannelServer(Channel.built().directory)
    yield server
    server.stop()
