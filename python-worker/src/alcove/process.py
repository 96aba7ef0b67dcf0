"""The worker as a process: its standard streams, its session, and its end when the host ends."""

from __future__ import annotations

import io
import os
import signal
import sys

PORTABLE = sys.platform == "win32" or os.environ.get("ALCOVE_PORTABLE") == "1"
"""Whether to use only what every platform has. The variable forces it where tests run."""


def take_standard_streams() -> tuple[int, int]:
    """Takes stdin and stdout away from everybody else and returns descriptors of them for the protocol alone.

    From here on a print, a C library's puts or a child process that writes to stdout writes to stderr, and whoever
    reads stdin finds its end. The descriptors are not inherited by child processes.
    """
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)
    reading, writing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # No terminal, so Python would hold prints back until much is together; the log is read while the op runs.
        sys.stdout.reconfigure(line_buffering=True)
    if hasattr(os, "register_at_fork"):

        def close_in_child() -> None:
            for descriptor in (reading, writing):
                try:
                    os.close(descriptor)
                except OSError:
                    pass

        os.register_at_fork(after_in_child=close_in_child)
    return reading, writing


def start_session() -> None:
    """Leaves the terminal's process group, so that Ctrl-C reaches the host alone, which then decides."""
    if hasattr(os, "setsid"):
        try:
            os.setsid()
        except PermissionError:  # the host made it a leader already
            pass


def die_with_host() -> None:
    """Makes the kernel end this process when the host dies, even while C code holds the interpreter's lock (Linux).

    The end of stdin is the usual notice: a thread sees it, sweeps and exits. That thread cannot run while an op is
    stuck in C code. So the host's death also raises SIGQUIT, whose handler is the C function ``alarm`` itself: it gets
    the signal's number, 3, as its argument, and three seconds later SIGALRM ends whatever is still here. A direct
    SIGKILL, and SIGHUP with its number 1, would come before that thread has swept.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    library.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    library.signal.restype = ctypes.c_void_p
    parent = os.getppid()
    library.signal(int(signal.SIGQUIT), ctypes.cast(library.alarm, ctypes.c_void_p))
    # A JVM keeps SIGQUIT for its thread dumps blocked in all other threads, and a child process inherits that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGQUIT, signal.SIGALRM})
    set_parent_death_signal = 1
    library.prctl(set_parent_death_signal, int(signal.SIGQUIT), 0, 0, 0)
    if os.getppid() != parent:  # it died before prctl
        os.kill(os.getpid(), signal.SIGQUIT)


def kill_session() -> None:
    """Ends this process at once, and with it the children that an op left running."""
    if _leads_group():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def end_children() -> None:
    """Asks the children that an op left running to end; this process, which is about to, goes on."""
    if _leads_group():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(os.getpid(), signal.SIGTERM)


def _leads_group() -> bool:
    return hasattr(os, "killpg") and os.getpgrp() == os.getpid()


def resident_bytes() -> int:
    """The process's resident memory in bytes, 0 where the platform does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statistics:
            return int(statistics.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
