"""How far downloads are, and whether they go on at all."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Sequence
from typing import Any

from rattler.install import InstallerReporter
from telling import Failed, Json, tell

_SECONDS_BETWEEN_EVENTS = 0.1


async def watched(work: Coroutine[Any, Any, None], transfer: Transfer | Loading, timeout: float) -> None:
    """Waits for an installation, telling how far it is, and gives up when nothing comes any more."""
    task = asyncio.ensure_future(work)
    told: Json = {}
    while not (await asyncio.wait([task], timeout=_SECONDS_BETWEEN_EVENTS))[0]:
        event = transfer.event()
        if event != told:
            told = event
            tell(**event)
        stalled = transfer.stalled(timeout)
        if stalled is not None:
            raise Failed("Stalled", f"no data for {timeout:.0f} s", url=stalled)
    tell(**transfer.event())
    task.result()


class Transfer(InstallerReporter):
    """Adds up what rattler reports, from threads of its own, of the packages that it downloads and links."""

    def __init__(self, records: Sequence[Json], missing: set[str]) -> None:
        self._lock = threading.Lock()
        self._missing = missing
        """What must be downloaded; when the cache turns out to be damaged, more."""
        self._urls = {record["name"]: record["url"] for record in records}
        self._sizes = {record["name"]: record.get("size") or 0 for record in records}
        self._names: list[str] = []
        self._started = False
        self._got: dict[str, int] = {}
        self._loading: dict[str, float] = {}
        """Packages being downloaded, and when bytes of theirs last came."""
        self._loaded: set[str] = set()
        self._linking: list[str] = []
        self._linked = 0
        self._packages = len(records)

    def event(self) -> Json:
        """What there is to say now."""
        with self._lock:
            if not self._started:
                return {"step": "waiting"}
            if not self._loading:
                package = self._linking[-1] if self._linking else ""
                counts = {"done_packages": self._linked, "total_packages": self._packages}
                return {"step": "linking", "package": package, **counts}
            return {
                "step": "downloading",
                "package": max(self._loading, key=lambda name: self._sizes[name] - self._got[name]),
                "done_bytes": sum(self._got.values()),
                "total_bytes": sum(max(self._sizes[name], self._got.get(name, 0)) for name in self._missing),
                "done_packages": len(self._loaded),
                "total_packages": len(self._missing),
            }

    def stalled(self, timeout: float) -> str | None:
        """The URL of a download of which nothing has come for that many seconds, while nothing else came either."""
        with self._lock:
            if not self._loading or time.monotonic() - max(self._loading.values()) < timeout:
                return None
            return str(self._urls[max(self._loading, key=self._loading.__getitem__)])

    def _token(self, name: str) -> int:
        self._names.append(name)
        return len(self._names) - 1

    # rattler's names. What a method raises, rattler swallows.

    def on_transaction_start(self, total_operations: int) -> None:
        with self._lock:
            self._started = True

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        with self._lock:
            return self._token(package_name)

    def on_download_start(self, cache_entry: int) -> int:
        with self._lock:
            name = self._names[cache_entry]
            self._got[name] = 0  # also when it begins anew
            self._missing.add(name)
            self._loading[name] = time.monotonic()
        return cache_entry

    def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:
        with self._lock:
            name = self._names[download_idx]
            self._got[name] = progress
            self._sizes[name] = total or self._sizes[name]
            if name in self._loading:
                self._loading[name] = time.monotonic()

    def on_download_completed(self, download_idx: int) -> None:
        with self._lock:
            name = self._names[download_idx]
            self._loading.pop(name, None)
            self._loaded.add(name)

    def on_populate_cache_complete(self, cache_entry: int) -> None:
        with self._lock:
            self._loading.pop(self._names[cache_entry], None)

    def on_link_start(self, operation: int, package_name: str) -> int:
        with self._lock:
            self._linking.append(package_name)
            return self._token(package_name)

    def on_link_complete(self, index: int) -> None:
        with self._lock:
            self._linked += 1
            self._linking.remove(self._names[index])


class Loading:
    """Adds up what comes of files that are fetched as they are."""

    def __init__(self, files: Sequence[Json], total: int) -> None:
        self._lock = threading.Lock()
        self._urls = {values["name"]: values["url"] for values in files}
        self._sizes = {values["name"]: values.get("size") or 0 for values in files}
        self._got = dict.fromkeys(self._urls, 0)
        self._left = set(self._urls)
        self._total = total
        self._last = time.monotonic()

    def got(self, name: str, count: int) -> None:
        with self._lock:
            self._got[name] += count
            self._last = time.monotonic()

    def loaded(self, name: str) -> None:
        with self._lock:
            self._left.discard(name)

    def event(self) -> Json:
        """What there is to say now."""
        with self._lock:
            return {
                "step": "downloading",
                "package": max(self._left, key=lambda name: self._got[name], default=""),
                "done_bytes": sum(self._got.values()),
                "total_bytes": sum(max(self._sizes[name], self._got[name]) for name in self._got),
                "done_packages": self._total - len(self._left),
                "total_packages": self._total,
            }

    def stalled(self, timeout: float) -> str | None:
        """The URL of a file that is still to come when nothing has come for that many seconds."""
        with self._lock:
            if not self._left or time.monotonic() - self._last < timeout:
                return None
            return str(self._urls[min(self._left)])
