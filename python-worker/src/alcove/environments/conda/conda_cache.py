"""What a killed rattler leaves in the cache of packages."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import caches


@contextlib.contextmanager
def tidied(folders: Sequence[Path]) -> Iterator[None]:
    """Deletes half-unpacked packages: of those that were killed before, and of this one should it fail.

    Whole packages stay, so that the next attempt goes on where this one was. Nothing is at stake but disk space, and on
    Windows, whose locks are others, what is left is found by cleaning.
    """
    with caches.tidying(lambda: _tidy_all(folders)):
        yield


def _tidy_all(folders: Sequence[Path]) -> bool:
    tidy = [_tidy(folder) for folder in folders if os.access(folder, os.W_OK)]
    return all(tidy)


def _tidy(folder: Path) -> bool:
    # Packages begin with a letter, a digit or "_"; what rattler is still unpacking, with a dot before that.
    left = [path for path in folder.glob(".*") if path.is_dir()]
    # rattler holds an exclusive lock, by flock, on this file while it downloads and links.
    return caches.delete_unless_locked(left, folder / ".cache.lock")
