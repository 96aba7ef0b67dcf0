"""Whatever an op does to its process, no request stays without an answer or an end, and nothing is left."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dying_host import DyingHost
from leftovers import marked_processes, require_no_process, wait_for_end
from pythons import find_pythons
from worker_process import Failure, Host, WorkerProcess, encode

Start = Callable[..., WorkerProcess]
PYTHONS = find_pythons()
guarded = pytest.mark.skipif(sys.platform != "linux", reason="a guardian needs what Linux has")


@pytest.fixture
def worker(worker: WorkerProcess) -> WorkerProcess:
    worker.load("faulty.py")
    return worker


@pytest.fixture(params=PYTHONS)
def guarded_worker(host: Host, request: pytest.FixtureRequest) -> WorkerProcess:
    """A worker with a guardian, on every Python."""
    worker = host.start(python=PYTHONS[request.param])
    worker.initialize()
    worker.load("faulty.py")
    return worker


def failure_of(worker: WorkerProcess, op: str, **inputs: object) -> Failure:
    with pytest.raises(Failure) as failure:
        worker.call(op, **inputs)
    return failure.value


# What an op may leave


def test_an_op_may_close_the_descriptors_that_it_can_think_of(worker: WorkerProcess, tmp_path: Path) -> None:
    for _ in range(2):
        worker.call("close_descriptors", first=0, end=10)
        path = tmp_path / "größe und mehr.txt"
        assert worker.call("write_file", path=str(path), text="printed")["result"] > 2
        assert worker.error_line("printed")
        assert path.read_text() == ""
    call = worker.send_call("nap", seconds=0.2)  # long enough to be watched
    worker.reply(call)
    worker.call("use_descriptors_again")
    assert worker.call("nap", seconds=0.1) == {}


def test_an_op_that_closes_the_protocol_ends_its_worker(worker: WorkerProcess) -> None:
    worker.send_call("close_descriptors", first=3, end=2000)
    assert worker.wait() != 0


def test_an_op_that_closes_the_answers_ends_its_worker(host: Host, worker: WorkerProcess) -> None:
    """The one descriptor alone: requests could still be read, and nobody would ever be answered."""
    folder = Path(f"/proc/{worker.pid}/fd")
    pipe = os.readlink(f"/proc/self/fd/{worker.process.stdout.fileno()}")  # type: ignore[union-attr]
    (writing,) = [int(path.name) for path in folder.iterdir() if os.readlink(path) == pipe]
    worker.send_call("close_descriptors", first=writing, end=writing + 1)
    assert worker.wait() == 1
    assert "Bad file descriptor" in worker.error_text()


def test_an_op_may_ruin_the_streams_of_python(worker: WorkerProcess) -> None:
    worker.call("ruin_streams")
    assert failure_of(worker, "fail_at_length", characters=60).data["type"] == "ValueError"
    assert worker.call("nap", seconds=0) == {}


def test_an_op_may_delete_its_working_directory(worker: WorkerProcess) -> None:
    worker.call("delete_working_directory")
    worker.load("parallel.py")
    assert worker.call("pool", method="fork")["result"][-1] == 49
    assert Path(worker.call("working_directory")["result"]).is_dir()


def test_an_op_may_ignore_every_signal(worker: WorkerProcess) -> None:
    worker.call("ignore_signals")
    assert worker.call("nap", seconds=0.1) == {}


def test_an_alarm_does_not_outlive_its_op(worker: WorkerProcess) -> None:
    worker.call("set_alarm", seconds=0.1)
    assert worker.call("nap", seconds=0.3) == {}


def test_a_plain_locale(start: Start) -> None:
    worker = start(variables={"LC_ALL": "C", "LANG": "C"})
    worker.initialize()
    worker.load("faulty.py")
    assert failure_of(worker, "fail_at_length", characters=12).message == "ValueError: Länge Länge "
    worker.load("noisy.py")
    worker.call("print_text", text="Zürich, 東京")
    assert worker.error_line("Zürich") == "Zürich, 東京\n"


# Failures that must stay failures


@pytest.mark.parametrize("limit", [1000, 20_000])
def test_a_recursion_that_goes_too_far_fails(start: Start, limit: int) -> None:
    worker = start()
    worker.initialize()
    worker.load("faulty.py")
    # Beyond what the C stack holds it is a crash in older Pythons.
    failure = failure_of(worker, "recurse", limit=limit if sys.version_info >= (3, 11) else 1000)
    assert (failure.kind, failure.data["type"]) == ("op_failed", "RecursionError")
    assert len(failure.data["frames"]) <= 200
    assert failure.data["frames"][0]["function"] in ("deeper", "even_deeper")
    assert failure.data["frames"][-1]["function"] == "recurse"
    assert len(failure.data["traceback"]) < 100_000
    assert worker.request("status")["running"] is None


def test_an_error_longer_than_a_line_is_that_error_still(worker: WorkerProcess) -> None:
    failure = failure_of(worker, "fail_at_length", characters=20_000_000)
    assert failure.kind == "op_failed"
    assert failure.message.startswith("ValueError: Länge")
    assert "characters left out" in failure.message


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is Linux's")
def test_an_op_that_finds_no_memory_fails(worker: WorkerProcess) -> None:
    for megabytes in (2, 50):
        failure = failure_of(worker, "exhaust_memory", megabytes=megabytes)
        assert (failure.kind, failure.data["type"]) == ("op_failed", "MemoryError")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is Linux's")
def test_an_op_is_cancelled_where_no_thread_can_be_started(worker: WorkerProcess) -> None:
    call = worker.send_call("loop_without_memory_for_a_thread")
    while "held back" not in worker.notification("progress")["message"]:
        pass
    worker.notify("cancel", id=call)
    with pytest.raises(Failure) as failure:
        worker.reply(call)
    assert failure.value.kind == "cancelled"
    worker.close_input()
    worker.wait()  # at once, which is no clean end


# Ends


def test_half_a_line_is_never_run(worker: WorkerProcess, tmp_path: Path) -> None:
    """A host that was killed while it wrote: even when all but the line's end has come."""
    written = tmp_path / "written"
    params = {"op": worker.load("faulty.py")["write_file"]["id"], "inputs": {"path": str(written), "text": ""}}
    line = encode({"jsonrpc": "2.0", "id": 1000, "method": "call", "params": params})
    worker.write(line[:-1])
    worker.close_input()
    assert worker.wait() == 0
    assert not written.exists()


def test_deaths_are_told_as_they_were(start: Start) -> None:
    """By the guardian, too."""
    deaths = {
        "exit_at_once": ({"code": 3}, 3),
        "crash": ({}, -signal.SIGSEGV),
        "raise_signal": ({"number": int(signal.SIGKILL)}, -signal.SIGKILL),
    }
    for op, (inputs, code) in deaths.items():
        worker = start()
        worker.initialize()
        worker.load("faulty.py")
        worker.send_call(op, **inputs)
        assert worker.wait() == code
        if op == "crash":
            assert "Segmentation fault" in worker.error_text()
            assert "faulty.py" in worker.error_text()
            assert "in crash" in worker.error_text()


def test_a_stack_overflow_in_c_is_an_end_or_a_failure(worker: WorkerProcess) -> None:
    worker.send_call("overflow_the_stack")
    try:
        answer = worker.message()
    except AssertionError:  # no answer: the end
        assert worker.wait() == -signal.SIGSEGV
    else:
        assert answer["error"]["data"]["type"] == "RecursionError"


# The guardian


@guarded
def test_the_guardian_stands_before_the_worker(guarded_worker: WorkerProcess) -> None:
    assert guarded_worker.call("pid") == {"result": guarded_worker.pid}
    status = Path(f"/proc/{guarded_worker.pid}/status").read_text()
    assert f"PPid:\t{guarded_worker.process.pid}\n" in status
    assert os.getsid(guarded_worker.pid) == guarded_worker.pid
    assert os.getsid(guarded_worker.process.pid) == guarded_worker.process.pid


@guarded
def test_an_op_gets_the_exit_codes_of_its_children_while_orphans_are_reaped(guarded_worker: WorkerProcess) -> None:
    assert guarded_worker.call("exit_codes_beside_orphans", count=8) == {"result": list(range(8))}
    # None has stayed as a zombie of the guardian's: the worker is its only child.
    children = Path(f"/proc/{guarded_worker.process.pid}/task/{guarded_worker.process.pid}/children")
    while children.read_text().split() != [str(guarded_worker.pid)]:
        pass


@guarded
@pytest.mark.parametrize("end", ["input", "crash", "kill", "terminate"])
def test_children_of_every_kind_end_with_the_worker(host: Host, end: str) -> None:
    worker = host.start()
    worker.initialize()
    worker.load("faulty.py")
    if end == "crash":
        worker.send_call("leave_children_and_crash")
        assert worker.wait() == -signal.SIGSEGV
    elif end == "terminate":
        worker.send_call("leave_children_and_loop")
        worker.notification("progress")
        worker.process.terminate()
        assert worker.wait() == -signal.SIGTERM
    else:
        worker.call("leave_children", count=20)
        if end == "kill":
            os.kill(worker.pid, signal.SIGKILL)
            assert worker.wait() == -signal.SIGKILL
        else:
            worker.close_input()
            assert worker.wait() == 0
    assert marked_processes() == set()


@guarded
def test_a_worker_that_ignores_every_signal_is_ended_by_its_guardian(host: Host) -> None:
    worker = host.start()
    worker.initialize()
    worker.load("faulty.py")
    worker.send_call("ignore_everything")
    worker.notification("progress")
    worker.process.terminate()
    assert worker.wait() == -signal.SIGKILL


@guarded
def test_a_worker_does_not_outlive_its_guardian(worker: WorkerProcess, mode: str) -> None:
    worker.send_call("ignore_everything")
    worker.notification("progress")
    worker.process.kill()
    assert worker.wait() == -signal.SIGKILL
    wait_for_end(worker.pid)


# Hosts that die


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Callable[..., DyingHost]]:
    started: list[DyingHost] = []

    def start_host(op: str, mode: str = "default") -> DyingHost:
        started.append(DyingHost(tmp_path / f"memory µ {len(started)}", "faulty.py", op, mode))
        return started[-1]

    yield start_host
    for host in started:
        if host.process.poll() is None:
            host.process.kill()


@guarded
def test_a_dead_host_takes_along_what_its_worker_has_become(hosts: Callable[..., DyingHost]) -> None:
    """All at once, because each takes its seconds."""
    ops = ("stop", "hold_the_interpreter_and_ignore_signals", "ignore_everything", "leave_children_and_loop")
    dying = [hosts(op) for op in ops] + [hosts(ops[1], mode) for mode in ("wrapped", "leaking")]
    stopped = [hosts("ignore_everything")]
    for host in dying + stopped:
        host.wait_until_ready()
    for host in dying:
        host.die(signal.SIGKILL)
    for host in stopped:
        host.die(signal.SIGSTOP, signal.SIGKILL)
    for host in dying + stopped:
        wait_for_end(host.worker)
        for pid in host.others:
            os.kill(pid, signal.SIGKILL)
    require_no_process()
    assert [path for host in dying + stopped for path in host.memory.iterdir()] == []
