"""Looking for a request a little longer before sleeping: when it is done, and when it is left out."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from leftovers import DEADLINE
from worker_process import WorkerProcess

from alcove import spinning
from alcove.spinning import Spinning

PROCESSORS = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this platform does not tell")


class Looks:
    """Counts how often somebody looked; something has come at the look of this number, 0 for never."""

    def __init__(self, comes_at: int = 0) -> None:
        self.count = 0
        self.comes_at = comes_at

    def __call__(self) -> bool:
        self.count += 1
        return self.count == self.comes_at


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)


@pytest.fixture
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spinning, "_WINDOW_NANOSECONDS", int(DEADLINE * 1e9))


@pytest.mark.usefixtures("no_hurry")
def test_it_looks_until_something_has_come() -> None:
    looks = Looks(comes_at=100)
    assert Spinning().succeeds(looks)
    assert looks.count == 100


def breaks(spinner: Spinning) -> list[int]:
    """How many times it was left out before each of the times that it was done, in vain."""
    found, left_out = [], 0
    while len(found) < 10:
        looks = Looks()
        assert not spinner.succeeds(looks)
        if looks.count:
            found.append(left_out)
            left_out = 0
        else:
            left_out += 1
    return found


@pytest.mark.usefixtures("two_processors")
def test_in_vain_it_is_left_out_for_longer_and_longer() -> None:
    assert breaks(Spinning()) == [0, 1, 2, 4, 8, 16, 32, 64, 64, 64]


@pytest.mark.usefixtures("two_processors")
def test_after_a_success_its_breaks_are_short_again() -> None:
    spinner = Spinning()
    breaks(spinner)
    while not spinner.succeeds(Looks(comes_at=2)):
        pass
    assert breaks(spinner)[:4] == [0, 1, 2, 4]


def test_with_one_processor_it_is_hardly_ever_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert breaks(Spinning())[:3] == [0, 64, 64]


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this platform does not tell")
def test_an_idle_worker_does_not_run(worker: WorkerProcess) -> None:
    worker.load("arithmetic.py")
    for number in range(50):
        worker.call("add", a=number)
    threads = list(Path(f"/proc/{worker.pid}/task").iterdir())
    end = time.monotonic() + DEADLINE
    counts = [1, 0]
    while counts[-1] != counts[-2]:  # it has not run between two looks, so nothing is left that would wake it
        assert time.monotonic() < end
        time.sleep(0.3)
        counts.append(sum(int((thread / "schedstat").read_text().split()[2]) for thread in threads))


@PROCESSORS
@pytest.mark.parametrize("processors", [1, 2])
def test_calls_are_answered_on_however_many_processors(
    start: Callable[..., WorkerProcess], processors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, list(itertools.islice(before, processors)))
    try:
        worker = start()  # takes it over
    finally:
        os.sched_setaffinity(0, before)
    worker.initialize()
    worker.load("arithmetic.py")
    for number in range(300):
        assert worker.call("add", a=number, b=1) == {"result": number + 1}
