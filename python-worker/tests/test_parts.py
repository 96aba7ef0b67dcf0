"""Parts of the worker's machinery by themselves, where a whole worker would show a fault only once in a while."""

from __future__ import annotations

import json
import mmap
import os
import queue
import select
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from leftovers import DEADLINE

from alcove import process
from alcove.calls import Call, Cancelled, progress, set_current
from alcove.inbox import Inbox, Listener, PollingInbox, ThreadedInbox
from alcove.messages import LineSplitter, Refusal, Request
from alcove.outbox import Outbox

# Inboxes


class RecordingListener(Listener):
    """Takes requests named urgent and remembers what it was told."""

    def __init__(self) -> None:
        self.told: queue.Queue[str] = queue.Queue()

    def urgent(self, item: Request | Refusal) -> bool:
        if isinstance(item, Refusal) or item.method != "urgent":
            return False
        self.told.put("urgent")
        return True

    def host_gone(self) -> None:
        self.told.put("host gone")

    def wait(self) -> str:
        return self.told.get(timeout=DEADLINE)


class InboxInPipe:
    def __init__(self, kind: type[Inbox]) -> None:
        reading, self._writing = os.pipe()
        self.listener = RecordingListener()
        self.inbox = kind(reading, LineSplitter(), self.listener)

    def write(self, *methods: str) -> None:
        for method in methods:
            os.write(self._writing, json.dumps({"jsonrpc": "2.0", "method": method}).encode() + b"\n")

    def end(self) -> None:
        os.close(self._writing)

    def next(self) -> str | None:
        item = self.inbox.next(DEADLINE, lambda: None)
        return None if item is None else getattr(item, "method", "refusal")


@pytest.fixture(params=[PollingInbox, ThreadedInbox])
def pipe(request: pytest.FixtureRequest) -> InboxInPipe:
    # Its thread is a daemon that waits in the pipe; both stay until the process ends.
    return InboxInPipe(request.param)


def test_requests_come_in_order_and_urgent_ones_apart(pipe: InboxInPipe) -> None:
    pipe.write("a", "urgent", "b", "c")
    assert [pipe.next(), pipe.next(), pipe.next()] == ["a", "b", "c"]
    assert pipe.listener.wait() == "urgent"
    pipe.end()
    assert pipe.next() is None


def test_urgent_requests_are_seen_while_an_op_runs(pipe: InboxInPipe) -> None:
    for _ in range(3):
        pipe.write("a")
        assert pipe.next() == "a"
        pipe.inbox.op_starts()
        pipe.write("b", "urgent")
        assert pipe.listener.wait() == "urgent"
        pipe.inbox.op_ends()
        assert pipe.next() == "b"
    pipe.end()


def test_the_end_of_input_is_told_while_an_op_runs_and_ends_what_follows(pipe: InboxInPipe) -> None:
    pipe.write("a")
    assert pipe.next() == "a"
    pipe.inbox.op_starts()
    pipe.write("b")
    pipe.end()
    assert pipe.listener.wait() == "host gone"
    pipe.inbox.op_ends()
    assert pipe.next() is None


def test_the_end_of_input_just_before_an_op_is_told_once_it_runs(pipe: InboxInPipe) -> None:
    pipe.write("a")
    assert pipe.next() == "a"
    pipe.end()
    pipe.inbox.op_starts()
    assert pipe.listener.wait() == "host gone"


def test_an_idle_worker_is_told_once(pipe: InboxInPipe) -> None:
    idle = []

    def on_idle() -> None:
        idle.append(True)
        pipe.write("a")

    assert getattr(pipe.inbox.next(0.001, on_idle), "method", None) == "a"
    assert idle == [True]
    pipe.end()


class Vanishing(deque[Any]):
    """A queue from which a cancel takes the only request in the very moment in which it is looked for."""

    cancels = 1

    def popleft(self) -> Any:
        if self and self.cancels:
            self.cancels -= 1
            self.clear()
        return super().popleft()


def test_a_cancel_may_take_a_request_out_while_it_is_looked_for() -> None:
    pipe = InboxInPipe(ThreadedInbox)
    pipe.inbox.queue = Vanishing()
    pipe.write("a")

    def on_idle() -> None:
        pipe.write("b")

    assert getattr(pipe.inbox.next(0.05, on_idle), "method", None) == "b"
    pipe.end()


def test_before_the_first_op_nobody_watches() -> None:
    before = set(threading.enumerate())
    pipe = InboxInPipe(PollingInbox)
    pipe.write("first")
    assert pipe.next() == "first"
    assert set(threading.enumerate()) == before
    pipe.end()


def test_the_watcher_parks_and_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alcove.inbox._TICK_SECONDS", 0.001)
    pipe = InboxInPipe(PollingInbox)
    inbox: Any = pipe.inbox
    parked, park = threading.Event(), inbox._unpark.wait

    def wait() -> None:
        parked.set()
        park()

    monkeypatch.setattr(inbox._unpark, "wait", wait)
    monkeypatch.setattr("alcove.inbox._TICKS_UNTIL_PARKED", 1)  # not before, else it may have parked already
    inbox.op_starts()  # there is no watcher before the first op
    inbox.op_ends()
    for _ in range(3):
        assert parked.wait(DEADLINE)
        parked.clear()
        pipe.inbox.op_starts()
        pipe.write("urgent")
        assert pipe.listener.wait() == "urgent"
        pipe.inbox.op_ends()
    pipe.end()


def test_a_wake_up_that_was_left_over_is_taken_out() -> None:
    pipe = InboxInPipe(PollingInbox)
    inbox: Any = pipe.inbox
    os.write(inbox._wake_writer, b"x")
    pipe.inbox.op_starts()
    pipe.write("urgent")
    assert pipe.listener.wait() == "urgent"
    # Else every look at the pipe would find it at once, and the watcher would turn in a circle while the op runs.
    poll = select.poll()
    poll.register(inbox._wake_reader, select.POLLIN)
    assert poll.poll(0) == []
    pipe.inbox.op_ends()
    pipe.end()


# The outbox


@pytest.fixture
def written() -> Iterator[tuple[Outbox, int]]:
    """An outbox, and the descriptor from which its messages are read."""
    reading, writing = os.pipe()
    yield Outbox(writing), reading
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            pass


def test_once_the_host_stopped_reading_nothing_is_written(written: tuple[Outbox, int]) -> None:
    outbox, reading = written
    os.close(reading)
    for _ in range(3):
        outbox.notify("log", {})


def test_a_message_sent_while_another_is_written_follows_it(
    written: tuple[Outbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox, reading = written
    write, interrupting = os.write, [True]

    def interrupted(descriptor: int, data: Any) -> int:
        count = write(descriptor, data[:10])
        if interrupting.pop() if interrupting else False:  # as a handler of signals that logs
            outbox.notify("second", {})
        return count

    monkeypatch.setattr(os, "write", interrupted)
    outbox.notify("first", {})
    outbox.notify("third", {})
    lines = os.read(reading, 1 << 16).splitlines()
    assert [json.loads(line)["method"] for line in lines] == ["first", "second", "third"]


def test_a_notification_that_is_too_long_is_dropped(written: tuple[Outbox, int]) -> None:
    outbox, reading = written
    outbox.limit = 100
    outbox.notify("log", {"message": "x" * 100})
    outbox.notify("log", {})
    assert os.read(reading, 1 << 16).count(b"\n") == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_writes_nothing(written: tuple[Outbox, int]) -> None:
    outbox, reading = written
    child = os.fork()
    if child == 0:
        outbox.notify("child", {})
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    outbox.notify("parent", {})
    assert [json.loads(line)["method"] for line in os.read(reading, 1 << 16).splitlines()] == ["parent"]


# Calls


class Sent(list[dict[str, Any]]):
    def send(self, method: str, params: dict[str, Any]) -> None:
        self.append(params)


@pytest.fixture
def running() -> Iterator[tuple[Call, Sent]]:
    sent = Sent()
    call = Call(7, sent.send)
    set_current(call)
    yield call, sent
    set_current(None)
    call.end()


def test_an_interrupt_before_the_function_begins_comes_when_it_does(running: tuple[Call, Sent]) -> None:
    call, _ = running
    call.interrupt()
    with pytest.raises(Cancelled):
        call.begin()


def test_an_interrupt_after_the_function_has_ended_does_nothing(running: tuple[Call, Sent]) -> None:
    call, _ = running
    call.begin()
    call.end()
    call.interrupt()
    assert sum(range(1000)) == 499500


def test_an_interrupt_is_raised_once(running: tuple[Call, Sent]) -> None:
    call, _ = running
    call.begin()
    # On another thread, as in a worker: it can be raised in this one only once that has let go.
    thread = threading.Thread(target=call.interrupt)
    with pytest.raises(Cancelled):  # noqa: PT012
        thread.start()
        while True:
            pass
    thread.join()
    call.end()
    call.interrupt()


def test_parts_of_the_whole(running: tuple[Call, Sent], monkeypatch: pytest.MonkeyPatch) -> None:
    call, sent = running
    monkeypatch.setattr("alcove.calls._SECONDS_BETWEEN_PROGRESS", 0.0)
    for part in range(2):
        call.set_part(part, 2)
        for fraction in (0.0, 0.5, 1.0, 7.0):
            progress(fraction)
    assert [params["fraction"] for params in sent] == [0.0, 0.25, 0.5, 0.5, 0.5, 0.75, 1.0, 1.0]


def test_parts_of_a_row(running: tuple[Call, Sent], monkeypatch: pytest.MonkeyPatch) -> None:
    call, sent = running
    monkeypatch.setattr("alcove.calls._SECONDS_BETWEEN_PROGRESS", 0.0)
    for row in range(2):
        call.count_rows(range(row), 2)
        call.set_part(0, 1)
        progress(0.0)
        for part in range(2):
            call.set_part(part, 2)
            progress(1.0)
    assert [params["fraction"] for params in sent] == [0.0, 0.25, 0.5, 0.5, 0.75, 1.0]


def test_no_fraction_is_above_1(running: tuple[Call, Sent], monkeypatch: pytest.MonkeyPatch) -> None:
    call, sent = running
    monkeypatch.setattr("alcove.calls._SECONDS_BETWEEN_PROGRESS", 0.0)
    for rows in range(1, 60):
        call.count_rows(range(rows - 1), rows)
        for parts in range(1, 60):
            call.set_part(parts - 1, parts)
            progress(1.0)
    assert max(params["fraction"] for params in sent) == 1.0


def test_what_was_held_back_goes_before_the_reply_and_nothing_after_it(running: tuple[Call, Sent]) -> None:
    """A thread that the op left may have looked up the call just before it ended."""
    call, sent = running
    call.progress(0.0, "first")
    call.progress(0.5, "held back")
    call.log({"message": "in time"})
    call.close()
    call.progress(1.0, "too late")
    call.log({"message": "too late"})
    assert sent == [
        {"id": 7, "fraction": 0.0, "message": "first"},
        {"id": 7, "message": "in time"},
        {"id": 7, "fraction": 0.5, "message": "held back"},
        {"id": None, "message": "too late"},
    ]


def test_a_cancelled_call_raises_at_every_progress(running: tuple[Call, Sent]) -> None:
    call, sent = running
    call.cancelled = True
    for _ in range(2):
        with pytest.raises(Cancelled):
            progress(0.5)
    assert sent == []


# The process


def test_resident_memory() -> None:
    before = process.memory()
    block = bytearray(os.urandom(50_000_000))
    shared = mmap.mmap(-1, 50_000_000)
    shared.write(block)
    grown = {name: (size or 0) - (before[name] or 0) for name, size in process.memory().items()}
    assert grown["rss_bytes"] > 80_000_000
    assert 40_000_000 < grown["memory_bytes"] < 60_000_000
    shared.close()
