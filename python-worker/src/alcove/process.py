"""The worker as a process: its standard streams, its session, and its end when the host ends."""

from __future__ import annotations

import io
import os
import select
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Optional

PORTABLE = sys.platform == "win32" or os.environ.get("ALCOVE_PORTABLE") == "1"
"""Whether to use only what every platform has. The variable forces it where tests run."""
GUARDED = sys.platform == "linux" and not PORTABLE
"""Whether a guardian stands before this process."""
_MOST_DESCRIPTORS = 1024
_OUT_OF_REACH = 64  # of the last ones
try:
    _FIRST_DIRECTORY = os.getcwd()
except OSError:  # the host's was deleted
    _FIRST_DIRECTORY = os.sep
_errors: Optional[int] = None  # standard error, where no op closes it
_first_three: Any = None  # asks for all of them at once whether they are open, where the platform can


def take_standard_streams() -> tuple[int, int]:
    """Takes stdin and stdout away from everybody else and returns descriptors of them for the protocol alone.

    From here on a print, a C library's puts or a child process that writes to stdout writes to stderr, and whoever
    reads stdin finds its end. The descriptors are not inherited by child processes.
    """
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)
    global _errors, _first_three
    reading, writing, _errors = out_of_reach(os.dup(0)), out_of_reach(os.dup(1)), out_of_reach(os.dup(2))
    _read_nothing()
    os.dup2(2, 1)
    if hasattr(select, "poll"):
        _first_three = select.poll()
        for descriptor in range(3):
            _first_three.register(descriptor, 0)
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


def _restore_standard_streams() -> None:
    """Opens again what an op has closed of the first three descriptors: the next file would get its number, and what is
    printed."""
    for descriptor in range(3):
        try:
            os.get_inheritable(descriptor)  # the cheapest question that fails for a closed one
        except OSError:
            if descriptor == 0:
                _read_nothing()
            elif _errors is not None:
                os.dup2(_errors, descriptor)


def _read_nothing() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    if nothing != 0:
        os.dup2(nothing, 0)
        os.close(nothing)
    else:
        os.set_inheritable(0, True)


def out_of_reach(descriptor: int) -> int:
    """The same file under a high number, which no op means when it closes all that it can think of, and which no file
    that is opened later gets."""
    if sys.platform == "win32":
        return descriptor
    import fcntl

    limit = os.sysconf("SC_OPEN_MAX")
    number = _MOST_DESCRIPTORS if limit < 0 else min(limit, _MOST_DESCRIPTORS)
    try:
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(number - _OUT_OF_REACH, 0))
    except OSError:  # they are all taken
        return descriptor
    os.close(descriptor)
    return high


def tell_of_crashes() -> None:
    """Has a crash in C code, or in a stack that is too small, tell on standard error which line of Python's it was."""
    import faulthandler

    faulthandler.enable(sys.stderr if _errors is None else _errors, all_threads=False)


def crash() -> NoReturn:
    """Ends this process at once because of the exception that is being handled.

    A request may be lost, and whoever waits for its answer learns that by this end alone.
    """
    try:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)


def start_session() -> None:
    """Leaves the terminal's process group, so that Ctrl-C reaches the host alone, which then decides."""
    if hasattr(os, "setsid"):
        try:
            os.setsid()
        except PermissionError:  # the host made it a leader already
            pass


def control(option: int, value: int) -> None:
    """Linux's ``prctl``: what the kernel does for or with this process from now on."""
    call_c("prctl", option, value, 0, 0, 0)


def call_c(name: str, *numbers: int) -> int:
    """What a function of the C library returns, of which arguments and result are integers.

    Raises:
        AttributeError: when the C library has no such function.
    """
    try:
        import _ctypes  # that which ctypes is made of loads in a tenth of the time, in each worker and each guardian

        library = _ctypes.dlopen(None, 0)  # type: ignore[arg-type] # the program itself, of which the stub knows nothing
        return int(_ctypes.call_cdeclfunction(_ctypes.dlsym(library, name), numbers))
    except OSError as error:
        raise AttributeError(str(error)) from None
    except (ImportError, AttributeError):
        import ctypes

        return int(ctypes.CDLL(None)[name](*numbers))


def tidy_up() -> None:
    """Puts right what the next op would not want to find: closed descriptors, and an alarm that is not its own."""
    if _first_three is None or _first_three.poll(0):
        _restore_standard_streams()
    if hasattr(signal, "alarm"):
        signal.alarm(0)


def find_directory() -> None:
    """Leaves a working directory that has been deleted: there not even all imports work in Python 3.13.0."""
    try:
        os.getcwd()
    except OSError:
        os.chdir(_FIRST_DIRECTORY if os.path.isdir(_FIRST_DIRECTORY) else os.sep)


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


def memory() -> dict[str, Optional[int]]:
    """The process's resident memory in bytes, and that without what it shares with other processes, as blocks are; None
    where the platform does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            parts = {line[:8]: int(line.split()[1]) << 10 for line in status if line.startswith("Rss")}
        anonymous, files, shared = parts["RssAnon:"], parts["RssFile:"], parts["RssShmem"]
        return {"rss_bytes": anonymous + files + shared, "memory_bytes": anonymous + files}
    except (OSError, KeyError):
        return {"rss_bytes": None, "memory_bytes": None}
