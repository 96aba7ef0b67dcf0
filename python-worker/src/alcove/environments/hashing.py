"""Hashing many files at once, with an end whenever the caller wants one."""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

LINK = "->"
"""The kind of digest that names what a link points to."""
MISSING = "missing"
UNREADABLE = "unreadable"

_CHUNK_BYTES = 1 << 20
_MOST_THREADS = 8
_FILES_AT_A_TIME = 64
_SECONDS_BETWEEN_TICKS = 0.1


def digests(folder: Path, kinds: Mapping[str, str], advance: Callable[[int, int], None]) -> Iterator[tuple[str, str]]:
    """Hashes files.

    Args:
        folder: where they are.
        kinds: by path relative to it, ``LINK`` or the name of a hash algorithm.
        advance: called several times a second with the bytes that are done and those of all files; what it raises ends
            it all.

    Yields:
        Each path, in no order, with "sha256:<hexadecimal>", "-> <target>", ``MISSING`` or ``UNREADABLE``.
    """
    total = sum(_size(folder / path) for path in kinds)
    done = 0
    ended = threading.Event()
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    with concurrent.futures.ThreadPoolExecutor(threads) as pool, _set_at_end(ended):
        waiting = {pool.submit(_digests, folder, batch, ended) for batch in _batches(kinds)}
        while waiting:
            ready, waiting = concurrent.futures.wait(
                waiting, _SECONDS_BETWEEN_TICKS, concurrent.futures.FIRST_COMPLETED
            )
            for future in ready:
                found, count = future.result()
                done += count
                yield from found
            advance(min(done, total), total)


def _batches(kinds: Mapping[str, str]) -> Iterator[list[tuple[str, str]]]:
    listed = list(kinds.items())
    for start in range(0, len(listed), _FILES_AT_A_TIME):
        yield listed[start : start + _FILES_AT_A_TIME]


@contextlib.contextmanager
def _set_at_end(event: threading.Event) -> Iterator[None]:
    try:
        yield
    finally:
        event.set()


def _digests(folder: Path, batch: list[tuple[str, str]], ended: threading.Event) -> tuple[list[tuple[str, str]], int]:
    """What a thread finds, and how many bytes it read."""
    found = []
    count = 0
    for path, kind in batch:
        if ended.is_set():
            break
        try:
            if kind == LINK:
                digest = f"{LINK} {os.readlink(folder / path)}"
            else:
                digest, size = _digest(folder / path, kind, ended)
                count += size
        except (FileNotFoundError, NotADirectoryError):
            digest = MISSING
        except OSError:  # also when a link is no link any more
            digest = UNREADABLE if kind != LINK else "no link"
        found.append((path, digest))
    return found, count


def _digest(file: Path, algorithm: str, ended: threading.Event) -> tuple[str, int]:
    digest = hashlib.new(algorithm)
    count = 0
    with open(file, "rb") as stream:
        while not ended.is_set():
            chunk = stream.read(_CHUNK_BYTES)
            if not chunk:
                break
            digest.update(chunk)
            count += len(chunk)
    return f"{algorithm}:{digest.hexdigest()}", count


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
