"""Ops that do to standard input and output what ops in the wild do."""

import ctypes
import io
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from contextlib import redirect_stdout
from pathlib import Path

from alcove import op

logger = logging.getLogger("noisy.part")
_library = ctypes.CDLL(None)


@op
def print_text(text: str) -> None:
    print(text)


@op
def write_everywhere() -> None:
    print("printed")
    sys.stdout.write("written")
    sys.stdout.flush()
    os.write(1, b'\n{"jsonrpc": "2.0", "id": 1, "result": {}}\n')
    _library.puts(b"put by C")
    _library.fflush(None)
    subprocess.run([sys.executable, "-c", "print('printed by a child')"], check=True)
    os.system("echo echoed by a shell")


@op
def read_input() -> list:
    try:
        typed = input()
    except EOFError:
        typed = "end of file"
    child = subprocess.run(["cat"], capture_output=True, check=True)
    return [typed, sys.stdin.read(), os.read(0, 10).decode(), child.stdout.decode()]


@op
def replace_streams() -> str:
    with redirect_stdout(io.StringIO()) as caught:
        print("caught")
    sys.stdout = sys.stderr = io.StringIO()
    print("into nothing")
    return caught.getvalue()


@op
def close_streams() -> None:
    os.close(0)
    os.close(1)


@op
def open_descriptors_of_child() -> list:
    listing = subprocess.run(
        [sys.executable, "-c", "import os; print(*os.listdir('/proc/self/fd'))"],
        capture_output=True,
        close_fds=False,
        check=True,
    )
    return sorted(map(int, listing.stdout.split()))


@op
def change_directory() -> None:
    os.chdir("/")


@op
def log_at_every_level() -> None:
    for level in ("debug", "info", "warning", "error"):
        getattr(logger, level)("%s of %s", level, "noisy")
    logger.log(35, "between")
    logger.critical("worst")
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        logger.exception("failed")


@op
def log_badly() -> None:
    logger.warning("%d", "no number")
    logger.warning("went on \ud800")


@op
def log_when_told(fifo: Path) -> None:
    """A thread logs as soon as somebody has opened the named pipe for writing."""

    def log() -> None:
        with open(fifo, encoding="utf-8"):
            logger.warning("after the call")

    threading.Thread(target=log, daemon=True).start()


@op
def log_from_signal_handlers(count: int) -> int:
    """Interrupts its own logging, again and again, by a handler that logs."""
    interrupts = 0

    def handler(number: int, frame: object) -> None:
        nonlocal interrupts
        interrupts += 1
        logger.warning("from the handler")

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        for _ in range(count):
            logger.warning("from the op " + "x" * 5000)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return interrupts


@op
def warn() -> None:
    warnings.warn("take care", stacklevel=1)
