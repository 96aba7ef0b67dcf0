"""Memory of numpy's own arrays: what a call has freed is warm for the next, and an idle worker gives it back."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest
from worker_process import SOURCES, WorkerProcess

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or tuple(map(int, platform.libc_ver()[1].split("."))) < (2, 35),
    reason="the C library is not glibc 2.35 or newer",
)

MEBIBYTE = 1 << 20
GIVEN_BACK = """
import mmap
import numpy
from alcove import heap
from alcove.process import memory

heap.keep_freed_memory()
before = memory()["rss_bytes"]
arrays = [numpy.ones(100 << 20, numpy.uint8), numpy.ones(100 << 20, numpy.uint8)]
del arrays
kept = memory()["rss_bytes"] - before
heap.give_back()
print(kept >> 20, memory()["rss_bytes"] - before >> 20)
"""


@pytest.mark.parametrize("mode", ["default"], indirect=True)
def test_a_large_array_that_was_freed_stays_for_the_next_call(worker: WorkerProcess) -> None:
    worker.load("heap.py")
    worker.call("scratch", mebibytes=1)
    before = worker.request("status")["rss_bytes"]
    worker.call("scratch", mebibytes=100)
    assert worker.request("status")["rss_bytes"] - before > 90 * MEBIBYTE
    assert worker.call("scratch", mebibytes=100)["result"] < 40, "it was touched for the first time again"


@pytest.mark.parametrize("mode", ["default"], indirect=True)
def test_a_very_large_array_goes_back_at_once(worker: WorkerProcess) -> None:
    worker.load("heap.py")
    worker.call("scratch", mebibytes=1)
    before = worker.request("status")["rss_bytes"]
    worker.call("scratch", mebibytes=300)
    assert worker.request("status")["rss_bytes"] - before < 100 * MEBIBYTE


def test_what_is_kept_can_be_given_back() -> None:
    program = f"import sys; sys.path.insert(0, {str(SOURCES)!r})\n{GIVEN_BACK}"
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    kept, left = map(int, shown.stdout.split())
    assert kept > 190
    assert left < 20
