"""What the conformance tests share: how our worker is started, and a look at what is left of it."""

from __future__ import annotations

import os
import select
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from our_worker import SOURCES

DEADLINE = 30.0


@pytest.fixture(params=["default", "portable"])
def variables(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Of the environment of our worker, in each of its two modes. After the test no process that has them is left."""
    mark = uuid.uuid4().hex
    yield {
        "PYTHONPATH": str(SOURCES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ALCOVE_PORTABLE": "1" if request.param == "portable" else "",
        "ALCOVE_CONFORMANCE_TEST": mark,
    }
    for process in _processes_with(f"ALCOVE_CONFORMANCE_TEST={mark}".encode()):
        _wait_for_end(process)


def _processes_with(variable: bytes) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if variable in path.read_bytes().split(b"\0"):
                yield int(path.parent.name)
        except OSError:  # it has ended, or is another user's
            pass


def _wait_for_end(process: int) -> None:
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        assert poll.poll(DEADLINE * 1000), f"process {process} is still there"
    finally:
        os.close(descriptor)
