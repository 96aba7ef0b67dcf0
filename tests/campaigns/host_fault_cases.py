"""What happens to hosts, each in a JVM of its own."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

from fault_cases import Outcome, differences
from fault_field import NOTHING, FaultHost, Field, HostHung

_MOMENT = 0.5
_DEATHS_ALLOWED = 5


def _killed(host: FaultHost, _: Path) -> int:
    host.process.kill()
    return host.wait()


def _terminated(host: FaultHost, _: Path) -> int:
    host.process.terminate()
    return host.wait()


def _stopped_and_killed(host: FaultHost, _: Path) -> int:
    host.process.send_signal(signal.SIGSTOP)
    time.sleep(_MOMENT)
    host.process.kill()
    return host.wait()


def _killed_in_a_line(host: FaultHost, trace: Path) -> int:
    host.ask("half", trace)
    time.sleep(_MOMENT)  # until the pipe is full
    host.process.kill()
    return host.wait()


def _exits(host: FaultHost, _: Path) -> int:
    host.tell("exit")
    return host.wait()


def _exits_in_future(host: FaultHost, _: Path) -> int:
    host.tell("exit-future")
    return host.wait()


def _returns(host: FaultHost, _: Path) -> int:
    host.tell("return")
    return host.wait()


_ENDS: dict[str, tuple[Callable[[FaultHost, Path], int], int]] = {
    "host-killed": (_killed, -signal.SIGKILL),
    "host-terminated": (_terminated, 128 + signal.SIGTERM),
    "host-stopped-and-killed": (_stopped_and_killed, -signal.SIGKILL),
    "host-killed-in-a-line": (_killed_in_a_line, -signal.SIGKILL),
    "host-exits-in-callback": (_exits, 7),
    "host-exits-in-future": (_exits_in_future, 7),
    "host-returns": (_returns, 0),
}

BUSY = ("sleep", "loop", "loop-in-c", "signals", "stop", "stop-both", "children-and-sleep", "add")
"""What its workers do meanwhile."""


def _end(here: Field, name: str, number: int) -> Outcome:
    """The end of a host that has calls under way."""
    happen, code = _ENDS[name]
    busy = BUSY[number % len(BUSY)]
    host = here.start()
    trace = here.folder / "trace"
    host.ask("open")
    wrong = host.ask("busy", busy, 4).get("failure", "")
    began = time.monotonic()
    ended = happen(host, trace)
    if ended != code:
        wrong += f" exit code {ended}, not {code}"
    left = here.left_when_ended()
    seconds = time.monotonic() - began
    if trace.exists():
        wrong += " half a line was run"
        trace.unlink()
    if wrong or left != NOTHING:
        wrong += f" ({busy})"
    return Outcome(name, False, wrong, left, seconds)


def _out_of_memory(here: Field, name: str, _: int) -> Outcome:
    """The heap is full while calls are under way; afterwards it is not, and the host goes on."""
    host = here.start()
    bystander = host.open()
    began = time.monotonic()
    answer = host.ask("memory")
    seconds = time.monotonic() - began
    hung = "hang" in answer.get("others", "")
    others = "hang" if hung else "ok,ok,ok"  # else it does not matter how they ended
    wrong = differences({"kind": "ok", "bystander_pid": bystander, **answer, "others": others}, "ok", bystander)
    return _closed(here, host, name, answer, wrong)._replace(seconds=seconds)


def _keeps_dying(here: Field, name: str, _: int) -> Outcome:
    """Worker after worker dies, until no more are started; a reset starts anew."""
    host = here.start()
    bystander = host.open()
    answer = host.ask("die")
    wrong = differences(answer, "ok", bystander)
    if not wrong and int(answer["deaths"]) != _DEATHS_ALLOWED + 1:
        wrong = f"refused after {answer['deaths']} deaths"
    if not wrong and answer["refused"] == "ok":
        wrong = "another op of the file went on"
    return _closed(here, host, name, answer, wrong)


def _plain_locale(here: Field, name: str, _: int) -> Outcome:
    host = here.start(plain=True, LC_ALL="C", LANG="C")
    return _goes_on(here, host, name)


def _deleted_directory(here: Field, name: str, _: int) -> Outcome:
    folder = here.folder / "deleted"
    folder.mkdir()
    host = here.start(wrapped=("sh", "-c", 'cd "$0" && exec "$@"', str(folder)))
    host.ask("hello")  # Java does not start in a folder that is deleted already
    folder.rmdir()
    return _goes_on(here, host, name)


def _goes_on(here: Field, host: FaultHost, name: str) -> Outcome:
    bystander = host.open()
    answer = host.ask("fault", "nothing", "wait", 0, 1)
    return _closed(here, host, name, answer, differences(answer, "ok", bystander))


def _closed(here: Field, host: FaultHost, name: str, answer: dict[str, str], wrong: str) -> Outcome:
    closed = host.ask("close")
    left = here.left_when_closed(host, closed)
    host.tell("return")
    host.wait()
    return Outcome(name, "hang" in str(answer), f"{wrong} {closed.get('threads', '')}".strip(), left)


HOST_FAULTS: dict[str, Callable[[Field, str, int], Outcome]] = {
    **dict.fromkeys(_ENDS, _end),
    "keeps-dying": _keeps_dying,
    "host-out-of-memory": _out_of_memory,
    "host-in-plain-locale": _plain_locale,
    "host-in-deleted-directory": _deleted_directory,
}


def host_fault(here: Field, name: str, number: int) -> Outcome:
    """A fault of a host; ``number`` chooses what its workers do meanwhile."""
    here.end_host()
    try:
        return HOST_FAULTS[name](here, name, number)
    except HostHung as hang:
        return Outcome(name, True, f"{number}: {hang}")
    finally:
        here.end()
