"""Progress of one job as its user sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .failures import megabytes

_SECONDS_UNTIL_CLOCK = 3
# Bytes and packages come one after the other; when they don't, people want to know.
_SECONDS_UNTIL_STUCK = 10
# A rate says nothing before that much time, or that much of the whole, has gone by.
_SECONDS_UNTIL_FORECAST = 2.0
_SHARE_UNTIL_FORECAST = 0.005
_SECONDS_OF_MEMORY = 8.0

_VERBS = {
    "solving": "Solving",
    "downloading": "Downloading",
    "linking": "Linking",
    "installing": "Installing",
    "compiling": "Compiling",
    "verifying": "Verifying",
    "removing": "Removing",
    "packing": "Packing",
}


class Report:
    """Passes steps on to ``alcove.progress``: never backwards, and with a clock on steps that take long.

    Every call also gives the host's cancel its chance, by raising ``alcove.Cancelled``.
    """

    def __init__(self, progress: Callable[..., None]) -> None:
        """``progress`` takes fraction and message, and where there are any, details, as ``alcove.progress`` does."""
        self._progress = progress
        self._fraction = 0.0
        self._message = ""
        self._details: dict[str, Any] | None = None
        self._since = time.monotonic()
        self._rate = _Rate()

    @property
    def fraction(self) -> float:
        """How much of the whole is done, from 0 to 1."""
        return self._fraction

    def __call__(self, fraction: float, message: str, details: dict[str, Any] | None = None) -> None:
        """Says that ``fraction`` of the whole is done and what is being done now."""
        self._fraction = max(self._fraction, min(fraction, 1.0))
        if message != self._message:
            self._message, self._since = message, time.monotonic()
        self._details = details
        self.again()

    def again(self) -> None:
        """Repeats the last step, so that a cancel is seen and a slow step does not look like a stuck one."""
        seconds = int(time.monotonic() - self._since)
        if self._details is None:
            clock = f" ({seconds} s)" if seconds >= _SECONDS_UNTIL_CLOCK else ""
            self._progress(self._fraction, self._message + clock)
        else:
            clock = f" (nothing for {seconds} s)" if seconds >= _SECONDS_UNTIL_STUCK else ""
            self._progress(self._fraction, self._message + clock, self._details)

    def transfer(
        self,
        share: tuple[float, float],
        step: str,
        package: str = "",
        done_bytes: int = 0,
        total_bytes: int = 0,
        done_packages: int = 0,
        total_packages: int = 0,
    ) -> None:
        """Says how far a step is that goes through many packages or bytes.

        Args:
            share: where in the whole the step begins and ends, from 0 to 1.
            step: "downloading", "linking", "installing", "compiling", "verifying", "removing" or "packing".
            package: what is being worked on.
            done_bytes: of ``total_bytes``, which is 0 when bytes don't matter or are not known.
            done_packages: of ``total_packages``, which is 0 likewise.
        """
        done = _part(done_bytes, total_bytes) if total_bytes else _part(done_packages, total_packages)
        left = self._rate.seconds_left(step, done)
        details = {
            "step": step,
            "package": package,
            "done_bytes": done_bytes,
            "total_bytes": total_bytes,
            "done_packages": done_packages,
            "total_packages": total_packages,
            "seconds_left": left,
        }
        counts = _counts(done_bytes, total_bytes, done_packages, total_packages)
        forecast = [f"about {_duration(left)} left"] if left is not None else []
        what = f"{_VERBS[step]} {package}".strip()
        message = ": ".join(part for part in (what, ", ".join([*counts, *forecast])) if part)
        self(share[0] + (share[1] - share[0]) * done, message, details)


def _part(done: int, total: int) -> float:
    return min(done / total, 1.0) if total else 0.0


def _counts(done_bytes: int, total_bytes: int, done_packages: int, total_packages: int) -> list[str]:
    counts = []
    if total_bytes:
        whole = megabytes(total_bytes)
        number, unit = whole.split()
        done = done_bytes / (1e6 if unit == "MB" else 1e3)
        counts.append(f"{min(round(done), int(number))} of {whole}")
    if total_packages:
        counts.append(f"{done_packages} of {total_packages} packages")
    return counts


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 90 else f"{round(seconds / 60)} min"


class _Rate:
    """How fast a step goes, of late more than at first."""

    def __init__(self) -> None:
        self._step = ""
        self._began = self._last = 0.0
        self._first = self._done = 0.0
        self._speed = 0.0

    def seconds_left(self, step: str, done: float) -> int | None:
        """How long the rest will take; None as long as nothing can be said.

        Args:
            step: its name; another one begins anew.
            done: the share that is done, from 0 to 1.
        """
        now = time.monotonic()
        if step != self._step or done < self._done:
            self._step, self._began, self._last = step, now, now
            self._first = self._done = done
            self._speed = 0.0
            return None
        passed = now - self._last
        if passed > 0:
            speed = (done - self._done) / passed
            # What is remembered fades, so that a network that has slowed down is believed after a few seconds.
            weight = min(passed / _SECONDS_OF_MEMORY, 1.0) if self._speed else 1.0
            self._speed += weight * (speed - self._speed)
            self._last, self._done = now, done
        early = now - self._began < _SECONDS_UNTIL_FORECAST or done - self._first < _SHARE_UNTIL_FORECAST
        if early or self._speed <= 0 or done >= 1:
            return None
        return max(1, round((1 - done) / self._speed))
