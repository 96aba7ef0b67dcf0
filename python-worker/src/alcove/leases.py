"""Sweeping: deleting the blocks of hosts that died.

A host holds a lock on ``<prefix>.lease`` for as long as it lives. Whoever gets the lock of a lease knows that its host
is dead, is the only one to know it, and deletes what the host and its workers left.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from .locks import try_lock

_BLOCK = re.compile(r"(alcove-[0-9a-f]{8})-[a-z0-9-]+")


def sweep(directory: Path) -> list[str]:
    """Deletes the blocks and leases of dead hosts in the memory directory and returns the names of what it deleted."""
    deleted: list[str] = []
    for lease in directory.glob("alcove-*.lease"):
        deleted += _sweep_lease(lease)
    for block in directory.glob("alcove-*"):
        match = _BLOCK.fullmatch(block.name)
        # A lease is there before the first block of its host, so a block without one has no living owner.
        if match and not (directory / f"{match[1]}.lease").exists():
            deleted += _delete(block)
    return deleted


def sweep_host(directory: Path, prefix: str, seconds: float) -> None:
    """Sweeps after the host with this prefix, waiting for up to ``seconds``: a killed host's pipe may close before the
    kernel has dropped its lock."""
    lease = directory / f"{prefix}.lease"
    end = time.monotonic() + seconds
    while lease.exists() and not _sweep_lease(lease) and time.monotonic() < end:
        time.sleep(0.02)


def _sweep_lease(lease: Path) -> list[str]:
    lock = try_lock(lease)
    if lock is None:
        return []
    try:
        # Between opening and locking another sweeper may have deleted this lease and a new host may have taken the
        # name; only the file that still stands under the name counts.
        if not os.path.exists(lease) or os.stat(lease).st_ino != os.fstat(lock.descriptor).st_ino:
            return []
        deleted: list[str] = []
        for block in lease.parent.glob(f"{lease.stem}-*"):
            deleted += _delete(block)
        return deleted + _delete(lease)
    except FileNotFoundError:
        return []
    finally:
        lock.release()


def _delete(path: Path) -> list[str]:
    try:
        path.unlink()
    except OSError:
        return []
    return [path.name]
