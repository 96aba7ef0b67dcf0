"""Simple mode for a host: one call in a process that ends with the host that started it.

Simple mode reads its inputs up to the end of standard input, and a host that has died could not be told from one that
has said all. So a host sends the inputs as one line and keeps the pipe open. Whatever it sends after that asks the call
to end, as Ctrl-C does in a terminal; the end of the pipe says that the host is gone, and this process follows within
seconds, whatever the op does.
"""

from __future__ import annotations

import _thread
import atexit
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO, Optional

from . import process
from .greeting import use_environment
from .leases import sweep_host
from .locks import FileLock
from .messages import AlcoveError

# Together less than the guardian waits after a host's death.
_SECONDS_FOR_LOCK_TO_FALL = 0.5
_SECONDS_TO_CLEAN_UP = 2
_PIECE = 1 << 16


def main() -> int:
    """Takes the host's arguments off the program's, does what the others say, and returns the exit code.

    The host's: its lease file; the environment's directory, or nothing when that is not Alcove's.
    """
    lease, environment = Path(sys.argv.pop(1)), sys.argv.pop(1)
    if process.GUARDED:
        from . import guardian

        guardian.fork()
        guardian.watch(str(lease.parent), lease.stem)
    else:
        process.start_session()
    atexit.register(process.end_children)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # inherited from a host that runs in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    host = os.dup(0)
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    os.close(reading)
    threading.Thread(target=_listen, args=(host, writing, lease), name="alcove-host", daemon=True).start()
    in_use = _use(environment) if environment else None
    from .__main__ import main as simple_mode

    try:
        return simple_mode()
    finally:
        if in_use is not None:
            in_use.release()


def _use(environment: str) -> Optional[FileLock]:
    try:
        return use_environment(environment)
    except AlcoveError as error:
        sys.exit(str(error))


def _listen(host: int, writing: int, lease: Path) -> None:
    """Hands the inputs on, then waits for what the host has to say; its own thread."""
    with open(host, "rb") as requests:
        if _hand_on(requests, writing) and requests.read(1):
            _interrupt()
            requests.read()
    try:
        sweep_host(lease.parent, lease.stem, _SECONDS_FOR_LOCK_TO_FALL)
        _interrupt()  # half an output may lie in a file
        time.sleep(_SECONDS_TO_CLEAN_UP)
    finally:
        process.kill_session()


def _hand_on(requests: BinaryIO, writing: int) -> bool:
    """Copies a line to the pipe that has become standard input, and closes that; false when the line has no end."""
    for piece in iter(lambda: requests.readline(_PIECE), b""):
        try:
            _write_all(writing, piece)
        except OSError:  # nobody reads them: the command line was wrong, say
            pass
        if piece.endswith(b"\n"):
            os.close(writing)
            return True
    return False  # what has come is not to be taken for all


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _interrupt() -> None:
    """What Ctrl-C does; it also ends a sleep where the platform can."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()
