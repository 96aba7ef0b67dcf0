"""What the tests of workers share."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from leftovers import require_no_process
from worker_process import OP_FILES, Host, WorkerProcess


@pytest.fixture(scope="session")
def default_memory() -> Iterator[Path]:
    """Where blocks, leases and streams are made when no directory is named: one of these tests' own, so that what lies
    there was left by them."""
    folder = Path(tempfile.mkdtemp(prefix="tests-of-alcove-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    os.environ["ALCOVE_MEMORY_DIR"] = str(folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def nothing_left(default_memory: Path) -> Iterator[None]:
    """After every test no process is left that it or a worker of its has started, and no file in the memory directory;
    for that of a ``Host``, ``Host.close`` sees to it."""
    yield
    require_no_process()
    left = list(default_memory.iterdir())
    for path in left:
        path.unlink()
    assert left == []


@pytest.fixture
def imports_undone(tmp_path: Path) -> Iterator[None]:
    """Op files may be loaded into this process."""
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith((str(tmp_path), str(OP_FILES))):
            del sys.modules[name]


@pytest.fixture
def host() -> Iterator[Host]:
    """A living host."""
    host = Host()
    yield host
    host.close()


@pytest.fixture(params=["default", "portable"])
def mode(request: pytest.FixtureRequest) -> str:
    """Both ways in which a worker reads: what this platform does best, and what every platform can."""
    return str(request.param)


@pytest.fixture
def start(host: Host, mode: str) -> Callable[..., WorkerProcess]:
    """Starts workers in the mode, not initialised."""

    def start_worker(**options: Any) -> WorkerProcess:
        return host.start(portable=mode == "portable", **options)

    return start_worker


@pytest.fixture
def worker(start: Callable[..., WorkerProcess]) -> WorkerProcess:
    """An initialised worker."""
    worker = start()
    worker.initialize()
    return worker
