"""Ops that go wrong beyond raising an exception, or leave the process in a state that another op would not expect."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import itertools
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from alcove import op, progress

FOR_EVER = 1000.0


@op
def pid() -> int:
    return os.getpid()


# States that an op may leave


@op
def close_descriptors(first: int, end: int) -> None:
    os.closerange(first, end)


@op
def use_descriptors_again() -> None:
    """As code does that makes itself a daemon: closes what it can think of, then opens what it needs."""
    os.closerange(0, 10)
    for _ in range(10):
        os.open(os.devnull, os.O_RDWR)


@op
def write_file(path: str, text: str) -> int:
    with open(path, "w", encoding="utf-8") as file:
        print(text, flush=True)
        return file.fileno()


@op
def ruin_streams() -> None:
    sys.stdout.close()
    sys.stdout = sys.stderr = sys.stdin = None  # type: ignore[assignment]


@op
def delete_working_directory() -> None:
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    shutil.rmtree(folder)


@op
def working_directory() -> str:
    return os.getcwd()


@op
def ignore_signals() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        with contextlib.suppress(OSError):
            signal.signal(number, signal.SIG_IGN)


@op
def set_alarm(seconds: float) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


@op
def nap(seconds: float) -> None:
    time.sleep(seconds)


# Failures


@op
def recurse(limit: int) -> None:
    sys.setrecursionlimit(limit)

    def deeper(depth: int) -> int:
        return even_deeper(depth) + 1

    def even_deeper(depth: int) -> int:
        return deeper(depth + 1) + 1

    deeper(0)


@op
def fail_at_length(characters: int) -> None:
    raise ValueError("Länge " * (characters // 6))


@op
def exhaust_memory(megabytes: int) -> None:
    """Takes, in small pieces that it holds on to, what there is."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (megabytes << 20), before[1]))
    pieces = []
    while True:
        pieces.append([0.5] * 10)


@op
def loop_without_memory_for_a_thread() -> None:
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (4 << 20), resource.getrlimit(resource.RLIMIT_AS)[1]))
    with contextlib.suppress(RuntimeError):
        while True:
            threading.Thread(target=time.sleep, args=(FOR_EVER,), daemon=True).start()
    progress(0.1, "said at once")
    progress(0.2, "held back, were there a thread that can wait")
    while True:  # it asks, as no exception reaches it: CPython leaves behind the state of a thread that did not start
        progress(0.3)


@op
def return_text(megabytes: int) -> str:
    return "ü" * (megabytes << 20)


# Ends


@op
def exit_at_once(code: int) -> None:
    os._exit(code)


@op
def crash() -> None:
    ctypes.string_at(0)


@op
def overflow_the_stack() -> None:
    """Every level is a call in C, whose stack may end before Python's count does."""
    sys.setrecursionlimit(1 << 30)

    def deeper(value: int) -> int:
        return max([value], key=deeper)

    deeper(1)


@op
def raise_signal(number: int) -> None:
    os.kill(os.getpid(), number)


@op
def hold_the_interpreter_and_ignore_signals() -> None:
    ignore_signals()
    progress(0, "holding")
    sum(itertools.repeat(0))


@op
def stop() -> None:
    progress(0, "stopping")
    os.kill(os.getpid(), signal.SIGSTOP)


@op
def ignore_everything() -> None:
    ignore_signals()
    progress(0, "ignoring")
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(FOR_EVER)


@op
def hang_in_exit_handler() -> None:
    atexit.register(time.sleep, FOR_EVER)


@op
def end_threads_reluctantly() -> None:
    threading.Thread(target=time.sleep, args=(FOR_EVER,)).start()


# Children


@op
def leave_children(count: int, seconds: float = FOR_EVER) -> int:
    """Children of every kind: its own, orphans, such that have a session of their own and ignore what asks to end."""
    for number in range(count):
        if number % 4 == 0:
            subprocess.Popen(["sleep", str(seconds)])
        elif os.fork() == 0:
            if number % 4 == 2 and os.fork():
                os._exit(0)
            if number % 4 == 3:
                os.setsid()
                if os.fork():
                    os._exit(0)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(seconds)
            os._exit(0)
    return os.getpid()


@op
def leave_children_and_crash() -> None:
    leave_children(20)
    progress(0, "left")
    ctypes.string_at(0)


@op
def leave_children_and_loop() -> None:
    leave_children(20)
    progress(0, "left")
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(FOR_EVER)


@op
def exit_codes_beside_orphans(count: int) -> list:
    """The exit codes of its own children, while others end beside them."""
    codes = []
    for number in range(count):
        leave_children(4, 0.0)
        codes.append(subprocess.run(["sh", "-c", f"exit {number}"]).returncode)
    return codes
