"""What goes wrong in workers, and how their calls should end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from fault_field import NOTHING, FaultHost, Field, HostHung, Left

_GIGABYTE = 1000**3


class Outcome(NamedTuple):
    """Of one fault: how its calls ended, and what was left."""

    fault: str
    hung: bool = False
    wrong: str = ""  # what was not as it should be
    left: Left = NOTHING
    seconds: float = 0.0  # until the call, or everything, had ended

    @property
    def good(self) -> bool:
        return not self.hung and not self.wrong and self.left == NOTHING


class Fault(NamedTuple):
    """A call that goes wrong in a worker.

    Args:
        ways: what the host does about it -> how the call ends.
        how: what the op is told, where that is not the fault's name.
        size: of it, for the op.
        closes: whether the host is closed after each; else once after all.
        wrapped: whether a script stands before the worker.
    """

    ways: dict[str, str]
    how: str = ""
    size: int = 0
    closes: bool = False
    wrapped: bool = False


_DIES = {"wait": "worker_died"}
_FAILS = {"wait": "op_failed"}
_GOES_ON = {"wait": "ok"}
_HANGS = {"cancel": "cancelled", "deadline": "deadline_exceeded", "close": "cancelled"}

FAULTS: dict[str, Fault] = {
    "exit": Fault(_DIES),
    "system-exit": Fault(_FAILS),
    "segmentation-fault": Fault(_DIES),
    "kill": Fault(_DIES),
    "kill-parent": Fault(_DIES),
    "stop": Fault(_HANGS),
    "stop-both": Fault(_HANGS),
    "recursion": Fault(_FAILS),
    "stack-overflow": Fault(_DIES),
    "memory-error": Fault(_FAILS),
    "memory-limit": Fault({"wait": "memory_exceeded"}, size=_GIGABYTE),
    "loop": Fault(_HANGS),
    "loop-in-c": Fault(_HANGS),
    "thread": Fault(_GOES_ON, closes=True),
    "exit-handler": Fault(_GOES_ON, closes=True),
    "children": Fault(_GOES_ON, closes=True),
    "children-and-exit": Fault(_DIES),
    "children-and-sleep": Fault(_HANGS),
    "close-descriptors": Fault(_GOES_ON, closes=True),
    "flood-stdout": Fault(_GOES_ON),
    "flood-stdout-lines": Fault(_GOES_ON),
    "flood-stderr": Fault(_GOES_ON),
    "flood-stderr-lines": Fault(_GOES_ON),
    "replace-output": Fault(_GOES_ON, closes=True),
    "signals": Fault(_HANGS),
    "default-signals": Fault(_GOES_ON, closes=True),
    "plain-locale": Fault(_FAILS),
    "delete-directory": Fault(_GOES_ON, closes=True),
    "lie": Fault({"wait": "protocol_violation"}),
    "listeners": Fault({"throwing-listener": "ok", "blocking-listener": "ok"}, how="nothing"),
    "wrapper-exit": Fault(_DIES, how="exit", wrapped=True),
    "wrapper-killed": Fault(_DIES, how="kill-parent", wrapped=True),
    "wrapper-loop": Fault(_HANGS, how="loop", wrapped=True),
}


def worker_fault(
    here: Field, name: str, repetitions: int, choose: random.Random, flood_bytes: int, closes: bool
) -> Iterator[Outcome]:
    """A fault in a worker of a host that goes on; and in the end, where it ``closes``, what is left then."""
    fault = FAULTS[name]
    size = flood_bytes if name.startswith("flood") else fault.size
    for number in range(repetitions):
        way = choose.choice(list(fault.ways))
        # A lie is a different one each time.
        words = (fault.how or name, way, number if name == "lie" else size, choose.randrange(1 << 30))
        try:
            host = here.host(here.wrapper() if fault.wrapped else here.python)
            yield _one(here, host, name, words, closes and (fault.closes or number == repetitions - 1))
        except HostHung as hang:
            yield Outcome(name, True, str(hang))
            here.end()


def _one(here: Field, host: FaultHost, name: str, words: tuple[str, str, int, int], closes: bool) -> Outcome:
    bystander = host.open()
    _, way, *_ = words
    answer = host.ask("fault", *words)
    wanted = FAULTS[name].ways[way]
    if name == "lie" and answer.get("others") == f"{wanted},ok,ok":
        answer["others"] = "ok,ok,ok"  # a short call was in the pipe behind the lie, and may have begun
    wrong = differences(answer, wanted, None if way == "close" else bystander)
    if way == "close" or closes:
        if way != "close":
            answer = {**answer, "threads": host.ask("close").get("threads", "")}
        left = here.left_when_closed(host, answer)
        wrong += f" threads {answer['threads']}" if answer.get("threads") else ""
    else:
        left = here.left_while_open(host)
    return Outcome(name, "hang" in answer.values(), wrong + (f" ({way})" if wrong else ""), left, _seconds(answer))


def differences(answer: dict[str, str], wanted: str, bystander: str | None) -> str:
    """What is not as it should be, in words.

    Args:
        answer: of the host.
        wanted: how the call should have ended.
        bystander: the process id of its worker; None when all of them were ended, and the other calls with them.
    """
    if "failure" in answer:
        return answer["failure"]
    expected = {"kind": wanted}
    if bystander:
        expected |= {"others": "ok,ok,ok", "next": "ok", "bystander": "ok", "bystander_pid": bystander}
    wrong = [f"{name} {answer.get(name)}, not {value}" for name, value in expected.items() if answer.get(name) != value]
    return "; ".join([*wrong, answer.get("message", "")]) if wrong else ""


def _seconds(answer: dict[str, str]) -> float:
    return float(answer.get("seconds", 0))
