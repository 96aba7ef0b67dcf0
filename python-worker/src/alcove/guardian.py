"""The guardian: the process that a host starts, whose child is the worker, and which leaves nothing of it (Linux).

A worker cannot see to its own end. C code may hold the interpreter's lock, a signal may have stopped it, its op may
ignore every other; and when it has died, what its op has started is still there. So the process that the host starts
forks: the child goes on as the worker, the parent runs nobody's code, waits, and

- ends everything that the worker has left when the worker ends, then ends as it did: by the same exit code or signal;
- ends the worker when the host is gone and the worker stays, and deletes the blocks of both;
- hands on the signals that ask for an end, and sees to one.

Orphans become the guardian's children (PR_SET_CHILD_SUBREAPER), so whatever an op starts is found and reaped, however
many forks and sessions lie between. In the worker itself that would take from an op the exit codes of its own children.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

from . import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, Optional

_SECONDS_AFTER_HOST = 3.0  # a worker whose host has died needs two when its op does not end by itself
_SECONDS_AFTER_INPUT = 6.0  # the host has ended the input: one more than a worker is given
_SECONDS_AFTER_TERMINATE = 2.0
_SECONDS_FOR_CHILDREN = 1.0  # of a worker that has ended well, until they are killed
_SECONDS_FOR_KILLED = 2.0  # until one that cannot be killed, being another user's, is left behind
_SECONDS_BETWEEN_KILLS = 0.05
_SECONDS_FOR_LOCK_TO_FALL = 0.5
_FOR_THE_WORKER = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

# From the worker to its guardian, and back: the guardian's process, and the descriptors for telling and hearing.
_line: Optional[tuple[int, int, int]] = None


def fork() -> None:
    """Forks, each of the two with a session of its own, and returns in the child alone."""
    global _line
    process.start_session()
    guardian = os.getpid()
    reports, telling = os.pipe()
    hearing, answers = os.pipe()
    # A JVM keeps SIGQUIT for its thread dumps blocked in all other threads, and a child process inherits that.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    worker = os.fork()
    if worker:
        os.close(telling)
        os.close(hearing)
        _guard(worker, reports, answers)
    process.start_session()
    os.close(reports)
    os.close(answers)
    _line = guardian, telling, hearing


def watch(directory: str, host_prefix: str) -> None:
    """Tells the guardian where the host's blocks lie, and returns when it is ready for whatever an op may do."""
    global _line
    if _line is None:
        return
    guardian, telling, hearing = _line
    os.write(telling, os.fsencode(f"{directory}\0{host_prefix}"))
    process.control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.read(hearing, 1)
    os.close(telling)
    os.close(hearing)
    if os.getppid() != guardian:  # it has died before that
        os.kill(os.getpid(), signal.SIGKILL)
    _line = None


def _guard(worker: int, reports: int, answers: int) -> NoReturn:
    try:
        _Guardian(worker, reports, answers).run()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:  # without a guardian no worker
        _kill(worker, signal.SIGKILL)
        os._exit(1)


class _Guardian:
    def __init__(self, worker: int, reports: int, answers: int) -> None:
        self._worker = worker
        self._reports = reports
        self._answers = answers
        self._host = 0  # its process, once the worker has said where the blocks are
        self._blocks: Optional[tuple[str, str]] = None
        self._status: Optional[int] = None  # how the worker has ended
        self._deadline: Optional[float] = None  # when the worker is killed
        self._host_is_gone = False
        self._signals, writing = os.pipe()
        os.set_blocking(self._signals, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGCONT, *_FOR_THE_WORKER):
            signal.signal(number, lambda *_: None)
        os.dup2(2, 1)  # the host waits for the end of the worker's output
        self._poll = select.poll()
        self._poll.register(self._signals, select.POLLIN)
        self._poll.register(reports, select.POLLIN)
        self._poll.register(0, 0)  # the end of the input is seen without reading of it

    def run(self) -> NoReturn:
        """Guards until the worker has ended, and ends as it did."""
        while self._reap() and self._status is None:
            self._wait(self._deadline)
            if self._deadline is not None and time.monotonic() > self._deadline:
                _kill(self._worker, signal.SIGKILL)
                self._deadline = time.monotonic() + _SECONDS_BETWEEN_KILLS  # the kernel may hold it back
        assert self._status is not None
        self._end_children()
        if self._status and self._blocks is not None:
            self._wait(0.0)
            if self._host_is_gone:
                self._sweep(*self._blocks)
        _end_as(self._status)

    def _wait(self, until: Optional[float]) -> None:
        """Waits until something happens, and sees to it."""
        milliseconds = None if until is None else max(0.0, until - time.monotonic()) * 1000 + 1
        for descriptor, _ in self._poll.poll(milliseconds):
            if descriptor == self._signals:
                for number in os.read(self._signals, 4096):
                    self._heed(number)
            elif descriptor == 0:
                self._poll.unregister(0)
                self._host_is_gone = True
                self._end_within(_SECONDS_AFTER_INPUT)
                self._look_for_host()
            else:
                self._read_report()

    def _heed(self, number: int) -> None:
        if number == signal.SIGCONT:
            self._look_for_host()
        elif number in _FOR_THE_WORKER:
            _kill(self._worker, number)
            if number == signal.SIGTERM:
                self._end_within(_SECONDS_AFTER_TERMINATE)

    def _look_for_host(self) -> None:
        """The signal comes when the host's *thread* dies, which started this process."""
        if self._host and os.getppid() != self._host:
            self._host_is_gone = True
            self._end_within(_SECONDS_AFTER_HOST)

    def _end_within(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        self._deadline = deadline if self._deadline is None else min(self._deadline, deadline)

    def _read_report(self) -> None:
        self._poll.unregister(self._reports)
        report = os.read(self._reports, 1 << 16)
        if not report:
            return
        directory, _, prefix = os.fsdecode(report).partition("\0")
        self._blocks = directory, prefix
        process.control(_PR_SET_CHILD_SUBREAPER, 1)
        self._host = os.getppid()
        process.control(_PR_SET_PDEATHSIG, signal.SIGCONT)  # which continues even a process that was stopped
        self._look_for_host()
        os.write(self._answers, b"\n")

    def _reap(self) -> bool:
        """Takes the exit codes of all children that have ended; false when it has none."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not pid:
                return True
            if pid == self._worker:
                self._status = status

    def _end_children(self) -> None:
        """Ends what the worker has left. After a good end they are asked first, as the worker has asked its group."""
        began = time.monotonic()
        if self._status == 0:
            for pid in _descendants():
                _kill(pid, signal.SIGTERM)
            while self._reap() and time.monotonic() < began + _SECONDS_FOR_CHILDREN:
                self._wait(began + _SECONDS_FOR_CHILDREN)
        began = time.monotonic()
        while self._reap() and time.monotonic() < began + _SECONDS_FOR_KILLED:
            for pid in _descendants():
                _kill(pid, signal.SIGKILL)
            self._wait(time.monotonic() + _SECONDS_BETWEEN_KILLS)

    def _sweep(self, directory: str, prefix: str) -> None:
        from .leases import sweep_host

        # A host that has ended the input and lives keeps its lock for longer than anybody should wait for.
        sweep_host(directory, prefix, 0.0 if os.getppid() == self._host else _SECONDS_FOR_LOCK_TO_FALL)


def _descendants() -> list[int]:
    """The processes below this one."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                stat = file.read()
        except OSError:  # it has ended
            continue
        parent = int(stat[stat.rindex(b")") + 1 :].split()[1])  # behind the name, in which anything may stand
        children.setdefault(parent, []).append(int(name))
    found, waiting = [], [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:  # it has ended, or belongs to somebody else
        pass


def _end_as(status: int) -> NoReturn:
    if os.WIFSIGNALED(status):
        import resource

        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))
