"""The end: whichever side goes first and whatever runs just then, no process and no block is left."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
from dying_host import DyingHost
from leftovers import wait_for_end
from worker_process import Host, WorkerProcess

Start = Callable[..., WorkerProcess]
BLOCK = {"shape": [5000], "dtype": "uint8"}


def test_an_idle_worker_ends_well_and_deletes_what_is_not_on_loan(host: Host, worker: WorkerProcess) -> None:
    worker.load("pictures.py")
    returned = worker.call("make_shared", **BLOCK)["result"]["block"]
    released = worker.call("make_shared", **BLOCK)["result"]["block"]
    worker.release(released)
    worker.call("drop_kept")  # once it is answered, the release was read
    worker.close_input()
    assert worker.wait() == 0
    assert host.blocks_of_workers() == {returned}


def test_what_is_released_right_before_the_end_is_deleted(host: Host, worker: WorkerProcess) -> None:
    worker.load("pictures.py")
    for _ in range(20):
        worker.call("make_shared", **BLOCK)
    assert len(host.blocks_of_workers()) == 20
    worker.release(*host.blocks_of_workers())
    worker.close_input()
    assert worker.wait() == 0
    assert host.blocks_of_workers() == set()


def test_a_worker_that_was_never_initialised_ends_too(start: Start) -> None:
    worker = start()
    worker.close_input()
    assert worker.wait() == 0


def test_the_hosts_blocks_and_lease_stay_while_the_host_lives(host: Host, worker: WorkerProcess) -> None:
    worker.load("pictures.py")
    descriptor = host.share(numpy.ones(10))
    worker.call("same", array=descriptor)
    worker.close_input()
    worker.wait()
    assert host.lease.exists()
    assert host.array(descriptor).sum() == 10


def test_exit_handlers_run(worker: WorkerProcess, tmp_path: Path) -> None:
    path = tmp_path / "at_exit.py"
    path.write_text(
        "import atexit, threading, time\nfrom alcove import op\n"
        "@op\ndef f() -> None:\n"
        "    atexit.register(print, 'the exit handler ran')\n"
        "    threading.Thread(target=lambda: (time.sleep(0.2), print('the thread ended'))).start()\n"
    )
    worker.load(path)
    worker.call("f")
    worker.close_input()
    assert worker.wait() == 0
    assert "the exit handler ran" in worker.error_text()
    assert "the thread ended" in worker.error_text()


@pytest.mark.parametrize("op", ["wait_for_cancel", "loop_in_python", "swallow_exceptions"])
def test_the_end_of_stdin_ends_an_op_that_runs(host: Host, worker: WorkerProcess, op: str) -> None:
    worker.load("pictures.py")
    released = worker.call("make_shared", **BLOCK)["result"]["block"]
    worker.release(released)
    worker.load("waiting.py")
    worker.send_call(op)
    worker.notification("progress")
    worker.send_call("wait_for_cancel")  # what is queued is not begun
    worker.close_input()
    assert worker.wait() == 0
    assert host.blocks_of_workers() == set()


def test_what_would_not_end_by_itself_is_ended(host: Host) -> None:
    """An op in C code, and a thread that an op left: both modes at once, because each takes its seconds."""
    workers = []
    for portable in (False, True):
        for op in ("sleep_in_c", "leave_a_thread"):
            worker = host.start(portable=portable)
            worker.initialize()
            worker.load("pictures.py")
            worker.release(worker.call("make_shared", **BLOCK)["result"]["block"])
            worker.load("waiting.py")
            call = worker.send_call(op)
            if op == "sleep_in_c":
                worker.notification("progress")
            else:
                worker.reply(call)
            workers.append(worker)
    for worker in workers:
        worker.close_input()
    assert [worker.wait() for worker in workers] == [-signal.SIGKILL] * 4
    assert host.blocks_of_workers() == set()


def test_the_end_of_stdin_right_behind_a_request(start: Start) -> None:
    """Wherever the worker is just then."""
    for method in ("initialize", "load", "call"):
        worker = start()
        if method == "initialize":
            worker.send("initialize", protocol=1)
        else:
            worker.initialize()
        if method == "load":
            worker.send("load", source=str(Path(__file__).parent / "op_files" / "waiting.py"))
        elif method == "call":
            worker.load("waiting.py")
            worker.send_call("loop_in_python")
        worker.stop()


def test_a_process_that_an_op_left_ends_with_the_worker(worker: WorkerProcess) -> None:
    worker.load("waiting.py")
    left = worker.call("leave_a_process")["result"]
    os.kill(left, 0)
    worker.close_input()
    assert worker.wait() == 0
    wait_for_end(left)


def wait_until_it_shares(host: DyingHost) -> None:
    host.wait_until_ready()
    # The lease, and a block of each side.
    assert len(list(host.memory.iterdir())) == 3


def test_a_killed_host_leaves_nothing(tmp_path: Path) -> None:
    """Both modes and all ops at once, because some take their seconds."""
    ops = ("", "wait_for_cancel", "loop_in_python", "sleep_in_c")
    hosts = [
        DyingHost(tmp_path / f"{mode} {op}", "waiting.py" if op else "", op, mode)
        for mode in ("default", "portable")
        for op in ops
    ]
    for host in hosts:
        wait_until_it_shares(host)
    for host in hosts:
        host.die()
    for host in hosts:
        wait_for_end(host.worker)
    assert [path for host in hosts for path in host.memory.iterdir()] == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a process of its parent's death")
def test_a_killed_host_ends_even_a_worker_that_is_stuck_in_c(tmp_path: Path) -> None:
    """Nothing of Python's can run there, so its guardian ends it, and sweeps."""
    host = DyingHost(tmp_path / "memory", "waiting.py", "hold_the_interpreter", "default")
    wait_until_it_shares(host)
    host.die()
    wait_for_end(host.worker)
    assert list(host.memory.iterdir()) == []


def test_a_killed_worker_leaves_its_blocks_to_the_host(host: Host, worker: WorkerProcess) -> None:
    worker.load("pictures.py")
    made = worker.call("make_shared", **BLOCK, value=5)["result"]
    worker.process.kill()
    assert worker.wait() == -signal.SIGKILL
    assert set(host.array(made).tolist()) == {5}
