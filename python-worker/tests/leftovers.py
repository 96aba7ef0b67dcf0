"""What a test may not leave: processes."""

from __future__ import annotations

import os
import select
import signal
import time
from pathlib import Path

DEADLINE = 30.0
# What a test starts, and what that starts, inherits the variable: so all are found, whatever session they are in.
MARK = "ALCOVE_TESTS=" + os.environ.setdefault("ALCOVE_TESTS", str(os.getpid()))


def wait_for_end(pid: int) -> None:
    """Waits until a process that need not be a child of this one has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        assert poll.poll(DEADLINE * 1000), f"process {pid} is still there"
    finally:
        os.close(descriptor)


def marked_processes() -> set[int]:
    """The processes that come from a worker of these tests and live (Linux; elsewhere none are found)."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if MARK.encode() in path.read_bytes().split(b"\0") and int(path.parent.name) != os.getpid():
                found.add(int(path.parent.name))
        except OSError:  # it has ended, or is another user's
            pass
    return found


def require_no_process() -> None:
    """Waits until no process of a worker's is left; one that stays is ended, so that only this test fails."""
    end = time.monotonic() + DEADLINE
    try:
        while left := marked_processes():
            assert time.monotonic() < end, f"processes left: {left}"
            wait_for_end(left.pop())
    except AssertionError:
        for pid in marked_processes():
            os.kill(pid, signal.SIGKILL)
        raise
