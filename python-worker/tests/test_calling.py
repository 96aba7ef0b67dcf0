"""Carrying out calls: a cancel that comes while one is about to begin."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from alcove import arrays
from alcove.calling import Calling
from alcove.calls import progress
from alcove.failures import to_alcove_error
from alcove.greeting import Settings
from alcove.messages import Request
from alcove.outbox import Outbox


class Inbox:
    """Does something just before an op begins."""

    def __init__(self) -> None:
        self.queue: deque[Any] = deque()
        self.op_starts: Callable[[], object] = lambda: None

    def op_ends(self) -> None:
        pass


class Plan:
    """Of an op that tells its progress."""

    def __init__(self) -> None:
        self.runs = 0

    def outputs_of(self, inputs: Any, arrays: Any, adapt: str) -> dict[str, Any]:
        self.runs += 1
        progress()
        return {"result": self.runs}


class Worker:
    def __init__(self, memory: Path) -> None:
        self._reading, self._writing = os.pipe()
        self.inbox: Any = Inbox()
        self.plan: Any = Plan()
        settings = Settings(str(memory), "alcove-00000000-w1-", 1 << 20, 1 << 20, "info", "")
        self.calling = Calling(settings, self.inbox, Outbox(self._writing))
        self.calling._plans["op"] = self.plan
        self.calling._told = to_alcove_error

    def call(self, request_id: int) -> str:
        """What became of the call: its result or the kind of its error."""
        self.calling.call(Request(request_id, "call", {"op": "op", "inputs": {}}))
        replies = [json.loads(line) for line in os.read(self._reading, 1 << 16).splitlines()]
        (reply,) = [message for message in replies if message.get("id") == request_id]
        return str(reply["result"]["outputs"]["result"] if "result" in reply else reply["error"]["data"]["kind"])

    def close(self) -> None:
        arrays.use(None)
        os.close(self._reading)
        os.close(self._writing)


@pytest.fixture
def calling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr("alcove.heap.keep_freed_memory", lambda: None)  # would last as long as this process
    worker = Worker(tmp_path)
    yield worker
    worker.close()


def test_a_call_that_was_cancelled_just_before_does_not_begin(calling: Worker) -> None:
    assert not calling.calling.cancel(5)
    assert calling.call(5) == "cancelled"
    assert calling.plan.runs == 0
    assert calling.call(5) == "1"  # an id is forgotten with its answer


def test_a_call_that_is_cancelled_while_it_is_about_to_begin_learns_it(calling: Worker) -> None:
    found = []
    calling.inbox.op_starts = lambda: found.append(calling.calling.cancel(5))
    assert calling.call(5) == "cancelled"
    assert found == [True]
    assert calling.plan.runs == 1


def test_a_cancel_of_another_call_changes_nothing_for_the_one_that_begins(calling: Worker) -> None:
    found = []
    calling.inbox.op_starts = lambda: found.append(calling.calling.cancel(6))
    assert calling.call(5) == "1"
    calling.inbox.op_starts = lambda: None
    assert calling.call(6) == "cancelled"
    assert found == [False]
