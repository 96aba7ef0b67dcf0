"""What happens while an op runs: progress, log, status, cancel."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from worker_process import Failure, WorkerProcess

import alcove

Start = Callable[..., WorkerProcess]


@pytest.fixture
def worker(worker: WorkerProcess) -> WorkerProcess:
    worker.load("waiting.py")
    worker.load("arithmetic.py")
    return worker


def require_cancelled(worker: WorkerProcess, call: int) -> None:
    with pytest.raises(Failure) as failure:
        worker.reply(call)
    assert (failure.value.kind, failure.value.code) == ("cancelled", -32001)


# Progress


def test_progress_is_limited_but_the_last_update_comes(worker: WorkerProcess) -> None:
    began = time.monotonic()
    worker.call("report", times=20_000)
    seconds = time.monotonic() - began
    updates = worker.take_notifications("progress")
    assert updates[0]["message"] == "step 0"
    assert updates[-1]["message"] == "step 19999"
    assert len(updates) <= 2 + 20 * seconds
    assert [update["fraction"] for update in updates] == sorted(update["fraction"] for update in updates)


def test_an_update_that_was_held_back_does_not_wait_for_the_next(worker: WorkerProcess) -> None:
    call = worker.send_call("report_and_wait")
    assert worker.notification("progress") == {"id": call, "fraction": 0.1, "message": "first"}
    assert worker.notification("progress") == {"id": call, "fraction": 0.2, "message": "second"}
    worker.process.kill()
    worker.wait()


def test_details_are_what_they_were_when_they_were_told(worker: WorkerProcess) -> None:
    assert worker.call("report_details") == {"result": 7}
    update = worker.take_notifications("progress")[-1]
    assert update["details"] == {"name": "µ", "count": 3, "large": None, "ratio": 0.5, "last": True, "left": None}
    assert [type(value) for value in update["details"].values()][1:4] == [int, type(None), float]


@pytest.mark.parametrize("wrong", ["list", "mapping", "object", "huge"])
def test_details_that_cannot_be_told_are_refused_where_they_are_told(worker: WorkerProcess, wrong: str) -> None:
    with pytest.raises(Failure, match="the detail 'wrong' of progress must be a text") as failure:
        worker.call("report_wrong_details", wrong=wrong)
    assert failure.value.kind == "op_failed"


def test_progress_over_items(worker: WorkerProcess) -> None:
    assert worker.call("report_over", count=10, sized=True) == {"result": 45}
    updates = worker.take_notifications("progress")
    assert (updates[0]["fraction"], updates[-1]["fraction"]) == (0.0, 1.0)
    assert {update["message"] for update in updates} == {"adding"}
    assert worker.call("report_over", count=10, sized=False) == {"result": 45}
    updates = worker.take_notifications("progress")
    assert (updates[0]["fraction"], updates[-1]["fraction"]) == (None, 1.0)
    assert worker.call("report_over", count=0, sized=True) == {"result": 0}


def test_fractions_stay_between_0_and_1(worker: WorkerProcess) -> None:
    worker.call("report_fractions")
    fractions = [update["fraction"] for update in worker.take_notifications("progress")]
    assert fractions == [0.0, 1.0, None, None, 1.0]


def test_progress_from_several_threads(worker: WorkerProcess) -> None:
    assert worker.call("report_from_threads") == {"result": 4}
    assert worker.take_notifications("progress")


# Cancel


def test_a_running_op_learns_it_from_progress(worker: WorkerProcess) -> None:
    call = worker.send_call("wait_for_cancel")
    worker.notification("progress")
    worker.notify("cancel", id=call)
    require_cancelled(worker, call)
    assert worker.call("add", a=1) == {"result": 2}


def test_a_loop_in_python_is_interrupted(worker: WorkerProcess) -> None:
    call = worker.send_call("loop_in_python")
    worker.notification("progress")
    for _ in range(3):
        worker.notify("cancel", id=call)
    require_cancelled(worker, call)
    for number in range(20):
        assert worker.call("add", a=number) == {"result": number + 1}


def test_except_exception_does_not_stop_a_cancel(worker: WorkerProcess) -> None:
    call = worker.send_call("swallow_exceptions")
    worker.notification("progress")
    worker.notify("cancel", id=call)
    require_cancelled(worker, call)


def test_an_op_cleans_up_when_it_is_cancelled(worker: WorkerProcess) -> None:
    call = worker.send_call("clean_up_when_cancelled")
    worker.notification("progress")
    worker.notify("cancel", id=call)
    require_cancelled(worker, call)
    worker.error_line("cleaned up")


def test_an_op_may_finish_all_the_same(worker: WorkerProcess) -> None:
    call = worker.send_call("ignore_cancel_once")
    worker.notification("progress")
    worker.notify("cancel", id=call)
    assert worker.reply(call)["outputs"] == {"result": "finished all the same"}


def test_queued_calls_are_answered_at_once(worker: WorkerProcess) -> None:
    running = worker.send_call("wait_for_cancel")
    worker.notification("progress")
    queued = [worker.send_call("add", a=number) for number in range(3)]
    worker.notify("cancel", id=queued[1])
    require_cancelled(worker, queued[1])
    worker.notify("cancel", id=running)
    require_cancelled(worker, running)
    assert worker.reply(queued[0])["outputs"] == {"result": 1}
    assert worker.reply(queued[2])["outputs"] == {"result": 3}


def test_cancelling_what_is_unknown_finished_or_to_come_does_nothing(worker: WorkerProcess) -> None:
    finished = worker.send_call("add", a=1)
    worker.reply(finished)
    others: list[object] = [finished, 10**9, 0, -1, "1", None, [], True, finished + 1]
    for request in others:
        worker.notify("cancel", id=request)
    assert worker.call("add", a=2) == {"result": 3}


def test_cancelling_right_after_asking(worker: WorkerProcess) -> None:
    """Wherever the worker is just then, each call is answered once: with its result or as cancelled."""
    for _ in range(100):
        call = worker.send_call("add", a=1)
        worker.notify("cancel", id=call)
        try:
            answer = worker.reply(call)["outputs"]
        except Failure as failure:
            answer = failure.kind
        assert answer in ({"result": 2}, "cancelled")
    assert worker.call("add", a=1) == {"result": 2}


# Status


def test_status_is_answered_while_an_op_runs(worker: WorkerProcess) -> None:
    idle = worker.request("status")
    assert (idle["running"], idle["queued"], idle["pooled_bytes"]) == (None, 0, 0)
    assert idle["cpu_seconds"] > 0
    if os.path.exists("/proc/self/statm"):
        assert idle["rss_bytes"] > 1 << 20
    for op in ("sleep_in_c", "loop_in_python"):
        running = worker.send_call(op)
        worker.notification("progress")
        queued = [worker.send_call("add", a=1) for _ in range(2)]
        status = worker.request("status")
        assert (status["running"], status["queued"]) == (running, 2)
        for call in queued:
            worker.notify("cancel", id=call)
            require_cancelled(worker, call)
        if op == "loop_in_python":
            worker.notify("cancel", id=running)
            require_cancelled(worker, running)
        else:
            assert worker.request("status")["queued"] == 0
            worker.process.kill()
            worker.wait()
            break


def test_calls_follow_each_other_after_long_and_short_ones(worker: WorkerProcess) -> None:
    """The reading changes hands whenever an op lasts; nothing may be lost or left waiting then."""
    for number in range(30):
        running = worker.send_call("nap", seconds=0.001 * number)
        behind = worker.send_call("add", a=number)
        assert worker.request("status")["running"] in (running, behind, None)
        assert worker.reply(running)["outputs"] == {}
        assert worker.reply(behind)["outputs"] == {"result": number + 1}


# Log


def test_log_records_come_with_the_calls_id(start: Start) -> None:
    worker = start()
    worker.initialize(log_level="debug")
    worker.load("noisy.py")
    call = worker.send_call("log_at_every_level")
    worker.reply(call)
    records = worker.take_notifications("log")
    assert {record["id"] for record in records} == {call}
    assert {record["logger"] for record in records} == {"noisy.part"}
    levels = [(record["level"], record["message"]) for record in records]
    assert levels[:6] == [
        ("debug", "debug of noisy"),
        ("info", "info of noisy"),
        ("warning", "warning of noisy"),
        ("error", "error of noisy"),
        ("warning", "between"),
        ("error", "worst"),
    ]
    assert levels[6][0] == "error"
    assert levels[6][1].startswith("failed\nTraceback")
    assert len(levels) == 7


def test_records_below_the_level_stay_away(start: Start) -> None:
    worker = start()
    worker.initialize(log_level="error")
    worker.load("noisy.py")
    worker.call("log_at_every_level")
    assert {record["level"] for record in worker.take_notifications("log")} == {"error"}


def test_a_record_that_cannot_be_written_harms_nobody(worker: WorkerProcess) -> None:
    worker.load("noisy.py")
    worker.call("log_badly")
    assert [record["message"] for record in worker.take_notifications("log")] == ["went on \ud800"]
    worker.error_line("Logging error")
    worker.close_input()
    worker.wait()


def test_a_record_after_the_reply_has_no_id(worker: WorkerProcess, tmp_path: Path) -> None:
    worker.load("noisy.py")
    os.mkfifo(tmp_path / "go on")
    worker.call("log_when_told", fifo=str(tmp_path / "go on"))
    with open(tmp_path / "go on", "w", encoding="utf-8"):
        record = worker.notification("log")
    assert (record["id"], record["message"]) == (None, "after the call")


INTERRUPT_THEN_TRACE = """
import sys, threading
from alcove.calls import Call, Cancelled

call = Call(1, lambda method, params: None)
call.begin()
try:
    threading.Thread(target=call.interrupt).start()
    while True:
        pass
except Cancelled:
    call.end()
sys.settrace(lambda *event: None)
(lambda: None)()
sys.settrace(None)
print("traced")
"""


def test_a_debugger_still_works_after_an_interrupt() -> None:
    source = str(Path(alcove.__file__).parents[1])
    command = [sys.executable, "-c", INTERRUPT_THEN_TRACE]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": source}, capture_output=True, timeout=60, text=True)
    assert (done.stdout.strip(), done.stderr) == ("traced", "")
