"""The C library's heap, in which numpy's own arrays lie: what is freed there is kept for the next call.

The first touch of fresh memory costs as much as an op that adds a number. glibc keeps freed arrays of up to 32 MiB and
takes larger ones from the kernel each time, so there ``image + 1`` would take twice as long as in memory that is warm.
"""

from __future__ import annotations

import sys
from typing import Any, Optional

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
_LARGEST_KEPT = 256 << 20
_KEPT_TOGETHER = 512 << 20


def keep_freed_memory() -> None:
    """Keeps freed arrays of up to 256 MiB (glibc 2.35 or newer; elsewhere the C library does as it always does)."""
    library = _glibc()
    if library is not None and library.mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT):
        library.mallopt(_TRIM_THRESHOLD, _KEPT_TOGETHER)


def give_back() -> None:
    """Gives what was freed and kept back to the system."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _glibc() -> Optional[Any]:
    if not sys.platform.startswith("linux"):
        return None
    import ctypes  # loaded already where a guardian is: process.control needs it, too

    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
