"""Ops that do next to nothing."""

import time

from alcove import op


@op
def add(a: int, b: int = 1) -> int:
    """Adds two numbers."""
    return a + b


@op
def nap(seconds: float) -> float:
    """Waits, and tells when it began."""
    began = time.time()
    time.sleep(seconds)
    return began
