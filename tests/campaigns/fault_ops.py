"""An op that goes wrong in every way that an op can, and one that does not."""

from __future__ import annotations

import atexit
import collections
import contextlib
import ctypes
import gc
import itertools
import json
import locale
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from alcove import Image, InOut, op, progress

_LINE = b"flooding " * 11 + b"\n"
_CHILDREN = 20
_LIES = (
    b"{ no JSON\n",
    b"[1, 2]\n",
    b'{"jsonrpc": "2.0", "id": 99999, "result": {}}\n',
    b'{"jsonrpc": "2.0", "id": 1, "method": "call", "params": {}}\n',
    b"x" * (17 << 20),
)


@op(grace=0.3)
def fault(how: str, image: Image, changed: InOut[Image], size: int = 0) -> None:
    """Adds the one to the other, says that it has begun, then goes wrong.

    Args:
        how: one of ``_FAULTS``.
        size: how much of it, where that has a meaning.
    """
    changed += image[:1, :1]
    progress(0.5, "begun")
    _FAULTS[how](size)


class Added(NamedTuple):
    image: Image
    pid: int


@op
def add(image: Image) -> Added:
    """The image plus one, and the number of the process."""
    return Added(image + 1, os.getpid())


@op
def tell(path: Path, text: str) -> int:
    """Writes a file: the trace of a request that should never be run."""
    path.write_text(text[:1])
    return len(text)


# Ends


def _exit(_: int) -> None:
    os._exit(3)


def _system_exit(_: int) -> None:
    sys.exit(5)


def _segmentation_fault(_: int) -> None:
    ctypes.string_at(0)


def _kill(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _recursion(_: int) -> None:
    def deeper() -> None:
        deeper()

    deeper()


def _stack_overflow(_: int) -> None:
    """Each level is a call in C, whose stack ends before Python's count does."""
    sys.setrecursionlimit(1 << 30)

    def deeper(value: int) -> int:
        return max([value], key=deeper)

    deeper(1)


# Memory


def _memory_error(_: int) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, before[1]))
    try:
        bytearray(8 << 30)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _memory_limit(size: int) -> None:
    """More than the host allows; it looks once a second."""
    taken = bytearray(size)
    for page in range(0, size, 4096):
        taken[page] = 1
    _sleep(0)


# Hangs


def _stop(_: int) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _stop_both(_: int) -> None:
    os.kill(_parent(), signal.SIGSTOP)
    os.kill(os.getpid(), signal.SIGSTOP)


def _kill_parent(size: int) -> None:
    os.kill(_parent(), signal.SIGKILL)
    _loop(size)


def _parent() -> int:
    """What stands between host and worker; the worker itself where nothing does."""
    parent = os.getppid()
    return os.getpid() if b"FaultHost" in Path(f"/proc/{parent}/cmdline").read_bytes() else parent


def _sleep(_: int) -> None:
    time.sleep(1000)


def _loop(_: int) -> None:
    while True:
        with contextlib.suppress(BaseException):  # Cancelled among them
            while True:
                pass


def _loop_in_c(_: int) -> None:
    """Never lets go of the interpreter's lock, and sees no signal."""
    collections.deque(itertools.repeat(None), maxlen=0)


def _thread(_: int) -> None:
    def never_ends() -> None:
        while True:
            time.sleep(1000)

    threading.Thread(target=never_ends).start()


def _exit_handler(_: int) -> None:
    atexit.register(time.sleep, 1000)


# Children


def _children(_: int) -> None:
    for number in range(_CHILDREN):
        kind = number % 4
        if kind == 0:
            subprocess.Popen(["sleep", "1000"])
        elif os.fork() == 0:
            if kind == 2 and os.fork() > 0:
                os._exit(0)
            if kind == 3:
                os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(1000)
            os._exit(0)


def _children_and_exit(size: int) -> None:
    _children(size)
    os._exit(3)


def _children_and_sleep(size: int) -> None:
    _children(size)
    _loop(size)


# Streams and the like


def _close_descriptors(_: int) -> None:
    os.closerange(0, 10)
    held = [os.open(os.devnull, os.O_RDWR) for _ in range(10)]  # what they are used for next
    os.write(held[1], b"x")
    _print("after closing")


def _flood(line: bytes, descriptor: int, size: int) -> None:
    chunk = memoryview(line * (65536 // len(line)))
    while size > 0:
        size -= os.write(descriptor, chunk[:size])


def _replace_output(_: int) -> None:
    sys.stdout.close()
    sys.stdout = sys.stderr = None


def _signals(size: int) -> None:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    _loop(size)


def _default_signals(_: int) -> None:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)


def _plain_locale(_: int) -> None:
    os.environ["LC_ALL"] = "C"
    locale.setlocale(locale.LC_ALL, "C")
    _print("Zürich, 東京")
    raise ValueError("Zürich, 東京")


def _delete_directory(_: int) -> None:
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    shutil.rmtree(folder)


def _lie(size: int) -> None:
    """Writes to the host what no worker may."""
    from alcove.calls import current
    from alcove.outbox import Outbox

    outbox = next(found for found in gc.get_objects() if isinstance(found, Outbox))
    call = current()
    assert call is not None
    array = {"$type": "ndarray", "block": "alcove-of-nobody", "offset": 0, "dtype": "uint8", "shape": [4]}
    answer = {"jsonrpc": "2.0", "id": call.id, "result": {"outputs": {"changed": array}, "kept": []}}
    lies = (*_LIES, json.dumps(answer).encode() + b"\n")
    remaining = memoryview(lies[size % len(lies)])
    while remaining:
        remaining = remaining[os.write(outbox._descriptor, remaining) :]
    _sleep(0)


def _print(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def _nothing(_: int) -> None:
    _print("all is well")


_FAULTS: dict[str, Callable[[int], None]] = {
    "exit": _exit,
    "system-exit": _system_exit,
    "segmentation-fault": _segmentation_fault,
    "kill": _kill,
    "recursion": _recursion,
    "stack-overflow": _stack_overflow,
    "memory-error": _memory_error,
    "memory-limit": _memory_limit,
    "stop": _stop,
    "stop-both": _stop_both,
    "kill-parent": _kill_parent,
    "sleep": _sleep,
    "loop": _loop,
    "loop-in-c": _loop_in_c,
    "thread": _thread,
    "exit-handler": _exit_handler,
    "children": _children,
    "children-and-exit": _children_and_exit,
    "children-and-sleep": _children_and_sleep,
    "close-descriptors": _close_descriptors,
    "flood-stdout": lambda size: _flood(b"x" * 4096, 1, size),
    "flood-stdout-lines": lambda size: _flood(_LINE, 1, size),
    "flood-stderr": lambda size: _flood(b"x" * 4096, 2, size),
    "flood-stderr-lines": lambda size: _flood(_LINE, 2, size),
    "replace-output": _replace_output,
    "signals": _signals,
    "default-signals": _default_signals,
    "plain-locale": _plain_locale,
    "delete-directory": _delete_directory,
    "lie": _lie,
    "nothing": _nothing,
}
