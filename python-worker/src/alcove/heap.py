"""The C library's heap, in which numpy's own arrays lie: what is freed there is kept for the next call.

The first touch of fresh memory costs as much as an op that adds a number. glibc keeps freed arrays of up to 32 MiB and
takes larger ones from the kernel each time, so there ``image + 1`` would take twice as long as in memory that is warm.
"""

from __future__ import annotations

import os
import sys

from .process import call_c

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
_LARGEST_KEPT = 256 << 20
_KEPT_TOGETHER = 512 << 20


def keep_freed_memory() -> None:
    """Keeps freed arrays of up to 256 MiB (glibc 2.35 or newer; elsewhere the C library does as it always does)."""
    if _is_glibc() and call_c("mallopt", _MMAP_THRESHOLD, _LARGEST_KEPT):
        call_c("mallopt", _TRIM_THRESHOLD, _KEPT_TOGETHER)


def give_back() -> None:
    """Gives what was freed and kept back to the system."""
    if _is_glibc():
        call_c("malloc_trim", 0)


def _is_glibc() -> bool:
    try:
        return sys.platform.startswith("linux") and bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (ValueError, OSError):
        return False
