"""Progress as users see it: bytes, packages, and how long it will take."""

from __future__ import annotations

from typing import Any

import pytest

from alcove import Cancelled
from alcove.environments import reports
from alcove.environments.reports import Report


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(reports, "time", clock)
    return clock


@pytest.fixture
def told() -> list[tuple[float, str, dict[str, Any]]]:
    return []


@pytest.fixture
def report(clock: Clock, told: list[tuple[float, str, dict[str, Any]]]) -> Report:
    return Report(lambda fraction, message, details=None: told.append((fraction, message, details or {})))


Told = list[tuple[float, str, dict[str, Any]]]


def test_a_transfer_is_told_in_bytes_and_packages(report: Report, told: Told) -> None:
    report.transfer((0.2, 0.6), "downloading", "numpy", 12_000_000, 38_000_000, 3, 20)

    fraction, message, details = told[-1]
    assert message == "Downloading numpy: 12 of 38 MB, 3 of 20 packages"
    assert fraction == pytest.approx(0.2 + 0.4 * 12 / 38)
    assert details == {
        "step": "downloading",
        "package": "numpy",
        "done_bytes": 12_000_000,
        "total_bytes": 38_000_000,
        "done_packages": 3,
        "total_packages": 20,
        "seconds_left": None,
    }


def test_small_ones_are_told_in_kilobytes_and_those_without_bytes_in_packages(report: Report, told: Told) -> None:
    report.transfer((0.0, 1.0), "downloading", "lamp", 1_000, 52_000)
    assert told[-1][1] == "Downloading lamp: 1 of 52 kB"

    report.transfer((0.0, 1.0), "linking", done_packages=5, total_packages=10)
    assert told[-1][:2] == (0.5, "Linking: 5 of 10 packages")


def test_the_time_left_is_told_once_it_means_something(report: Report, clock: Clock, told: Told) -> None:
    for second in range(11):
        clock.now = 100.0 + second
        report.transfer((0.0, 1.0), "downloading", "numpy", second * 1_000_000, 40_000_000)

    left = [details["seconds_left"] for _, _, details in told]
    assert left[:2] == [None, None]
    assert left[-1] == 30
    assert told[-1][1].endswith("10 of 40 MB, about 30 s left")


def test_the_time_left_follows_a_network_that_slows_down(report: Report, clock: Clock, told: Told) -> None:
    done = 0
    for speed in (4_000_000, 500_000):
        for _ in range(20):
            clock.now += 1
            done += speed
            report.transfer((0.0, 1.0), "downloading", "numpy", done, 100_000_000)

    assert told[-1][2]["seconds_left"] == pytest.approx(10_000_000 / 500_000, rel=0.5)


def test_another_step_begins_anew_and_long_times_are_minutes(report: Report, clock: Clock, told: Told) -> None:
    for done in (0, 3, 6):
        report.transfer((0.0, 0.5), "downloading", "numpy", done, 600)
        clock.now += 3
    assert told[-1][1].endswith("about 10 min left")

    report.transfer((0.5, 1.0), "linking", "numpy", 0, 600)

    assert told[-1][2]["seconds_left"] is None


def test_it_never_goes_back_and_lets_a_cancel_through(report: Report, told: Told) -> None:
    report(0.5, "Half")
    report.transfer((0.0, 1.0), "compiling", done_packages=1, total_packages=10)
    assert told[-1][0] == 0.5
    assert report.fraction == 0.5

    def cancel(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        Report(cancel).transfer((0.0, 1.0), "packing", "x", 1, 2)


def test_a_transfer_that_stands_still_says_so(report: Report, clock: Clock, told: Told) -> None:
    report.transfer((0.0, 1.0), "downloading", "numpy", 12_000_000, 38_000_000)
    clock.now += 12

    report.again()

    assert told[-1][1] == "Downloading numpy: 12 of 38 MB (nothing for 12 s)"


def test_a_step_without_counts_has_a_clock(report: Report, clock: Clock, told: Told) -> None:
    report(0.1, "Solving")
    clock.now += 5

    report.again()

    assert told[-1][:2] == (0.1, "Solving (5 s)")
