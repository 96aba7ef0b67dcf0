"""The cases of plain Python: what Alcove's calls are compared with. ``./benchmark`` starts it.

usage: peers.py HOME BUILD
"""

from __future__ import annotations

import platform
from collections.abc import Callable

import images
import pools
import program

CASES: dict[str, Callable[..., program.Case]] = {
    "process_pool": pools.process_pool,
    "pipe": pools.pipe,
    "subprocess": pools.process_per_call,
    "process_pool_flight": pools.flight,
    "process_pool_workers": pools.workers,
    "python_loop": pools.loop,
    "json_rows": pools.json_rows,
    "numpy": images.fresh,
    "numpy_out": images.into_given,
    "image_multiprocessing": images.pickled,
}


if __name__ == "__main__":
    try:
        program.run(CASES, {"python": platform.python_version(), "numpy": images.numpy_version()})
    except KeyboardInterrupt:
        pass
