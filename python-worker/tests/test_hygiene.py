"""Standard input and output belong to the protocol, whatever an op does. (The harness fails on a line that is none.)"""

from __future__ import annotations

import pytest
from worker_process import Failure, WorkerProcess


@pytest.fixture
def worker(worker: WorkerProcess) -> WorkerProcess:
    worker.load("noisy.py")
    worker.load("parallel.py")
    return worker


def test_whatever_is_written_to_stdout_goes_to_stderr(worker: WorkerProcess) -> None:
    worker.call("write_everywhere")
    for text in ("printed", "written", '"id": 1', "put by C", "printed by a child", "echoed by a shell"):
        if text not in worker.error_text():
            worker.error_line(text)
    assert worker.request("status")["running"] is None


def test_what_is_printed_is_seen_at_once(worker: WorkerProcess) -> None:
    worker.call("print_text", text="Zelle µ 漢 \ud800"[:-1])
    assert worker.error_line("Zelle") == "Zelle µ 漢 \n"


def test_whoever_reads_stdin_finds_its_end(worker: WorkerProcess) -> None:
    assert worker.call("read_input") == {"result": ["end of file", "", "", ""]}


def test_streams_may_be_replaced_and_closed(worker: WorkerProcess) -> None:
    assert worker.call("replace_streams") == {"result": "caught\n"}
    worker.call("print_text", text="into nothing")
    worker.call("close_streams")
    assert worker.request("status")["running"] is None
    worker.load("arithmetic.py")
    assert worker.call("add", a=1) == {"result": 2}


def test_children_do_not_inherit_the_protocol(worker: WorkerProcess) -> None:
    # Its own three, and the one of the folder that is listed.
    assert worker.call("open_descriptors_of_child")["result"] == [0, 1, 2, 3]


def test_the_working_directory_is_the_ops_own_matter(worker: WorkerProcess) -> None:
    worker.call("change_directory")
    worker.load("pictures.py")
    assert worker.call("make_shared", shape=[3], dtype="uint8")["result"]["block"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_of_processes_work_and_their_children_are_silent(worker: WorkerProcess, method: str) -> None:
    assert worker.call("pool", method=method) == {"result": [number**2 for number in range(8)]}
    assert worker.take_notifications("progress") == []
    assert worker.take_notifications("log") == []
    assert "in a child" in worker.error_line("in a child")


def test_threads_of_an_op_may_tell_progress_and_log(worker: WorkerProcess) -> None:
    call = worker.send_call("executor")
    assert worker.reply(call)["outputs"] == {"result": [number**2 for number in range(8)]}
    assert worker.take_notifications("progress")[-1]["id"] == call
    records = worker.take_notifications("log")
    assert len(records) == 8
    assert {(record["id"], record["message"]) for record in records} == {(call, "from a child")}


def test_a_forked_child_that_leaves_the_op_does_not_answer(worker: WorkerProcess) -> None:
    assert worker.call("fork_and_raise") == {"result": 1}
    assert worker.request("status")["running"] is None


def test_a_pool_that_was_left_open_does_not_outlive_the_worker(worker: WorkerProcess) -> None:
    assert worker.call("leave_a_pool_open") == {"result": 14}
    worker.close_input()
    worker.wait()


def test_handlers_of_signals_do_not_cut_into_a_message(worker: WorkerProcess) -> None:
    call = worker.send_call("log_from_signal_handlers", count=2000)
    interrupts = worker.reply(call)["outputs"]["result"]
    records = [record["message"][:16] for record in worker.take_notifications("log")]
    assert records.count("from the op xxxx") == 2000
    assert records.count("from the handler") == interrupts
    assert interrupts > 0


def test_an_op_that_fails_after_printing_leaves_the_print(worker: WorkerProcess) -> None:
    worker.load("failing.py")
    worker.call("print_text", text="before the failure")
    with pytest.raises(Failure):
        worker.call("divide_by_zero")
    assert worker.error_line("before the failure")
