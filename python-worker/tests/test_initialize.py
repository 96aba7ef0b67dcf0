"""The first request: once, before anything else, with what the worker needs to know."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from worker_process import SOURCES, Failure, Host, WorkerProcess, encode

import alcove
from alcove.locks import try_lock

Start = Callable[..., WorkerProcess]


def failure_of(worker: WorkerProcess, method: str, **params: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        worker.request(method, **params)
    return failure.value


def test_the_worker_says_who_it_is(start: Start) -> None:
    worker = start()
    answer = worker.initialize()
    assert answer == {
        "protocol": 1,
        "worker": {
            "name": "alcove",
            "version": alcove.__version__,
            "language": "python",
            "language_version": ".".join(map(str, sys.version_info[:3])),
            "pid": worker.pid,
            "executable": sys.executable,
        },
        "features": ["ndarray", "table", "progress", "cancel", "status", "log", "map"],
    }


@pytest.mark.parametrize("method", ["load", "call", "status", "no_such_method"])
def test_nothing_goes_before_it(start: Start, method: str) -> None:
    worker = start()
    assert failure_of(worker, method).kind == "not_initialized"
    worker.initialize()


def test_it_comes_once(worker: WorkerProcess) -> None:
    assert failure_of(worker, "initialize", protocol=1).kind == "invalid_request"
    assert worker.request("status")["running"] is None


@pytest.mark.parametrize("protocol", [0, 2, "1", None])
def test_another_protocol_is_refused_and_the_host_may_try_again(host: Host, protocol: Any) -> None:
    worker = host.start()
    failure = failure_of(worker, "initialize", protocol=protocol)
    assert failure.kind == "unsupported_protocol"
    assert failure.data["supported"] == [1]
    worker.initialize()


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("memory", {"memory": None}),
        ("memory.directory", {"memory": {"directory": 5, "prefix": "alcove-00000000-w1-", "quota_bytes": 1}}),
        ("memory.prefix", {"memory": {"directory": "/tmp", "quota_bytes": 1}}),
        ("memory.prefix", {"memory": {"directory": "/tmp", "prefix": "../elsewhere", "quota_bytes": 1}}),
        ("memory.quota_bytes", {"memory": {"directory": "/tmp", "prefix": "alcove-00000000-w1-", "quota_bytes": 1.5}}),
        ("max_line_bytes", {"max_line_bytes": "many"}),
        ("max_line_bytes", {"max_line_bytes": True}),
        ("environment", {"environment": "/tmp"}),
        ("environment.directory", {"environment": {"directory": 5}}),
        ("log_level", {"log_level": "loud"}),
        ("log_level", {"log_level": 10}),
    ],
)
def test_wrong_params_are_named_and_the_host_may_try_again(host: Host, path: str, change: dict[str, Any]) -> None:
    worker = host.start()
    with pytest.raises(Failure) as failure:
        worker.initialize(**change)
    assert failure.value.kind == "invalid_params"
    assert failure.value.data["path"] == path
    worker.initialize()


def test_requests_may_follow_without_waiting_for_its_answer(host: Host, start: Start) -> None:
    worker = start()
    memory = {"directory": str(host.directory), "prefix": worker.prefix, "quota_bytes": 1 << 20}
    requests = [("initialize", {"protocol": 1, "memory": memory}), ("status", {}), ("no_such_method", {})]
    lines = [
        encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        for number, (method, params) in enumerate(requests, 1)
    ]
    worker.write(b"".join(lines))
    assert worker.reply(1)["protocol"] == 1
    assert worker.reply(2)["queued"] in (0, 1)
    with pytest.raises(Failure, match="method_not_found"):
        worker.reply(3)


def test_the_environment_is_locked_for_as_long_as_the_worker_lives(start: Start, tmp_path: Path) -> None:
    lock = tmp_path / ".in-use"
    lock.touch()
    os.utime(lock, (0, 0))
    (tmp_path / "alcove.json").touch()
    workers = [start(), start()]
    for worker in workers:
        worker.initialize(environment={"directory": str(tmp_path)})
    assert lock.stat().st_mtime > 0, "the time of its last use"
    assert try_lock(lock) is None
    for worker in workers:
        worker.stop()
    free = try_lock(lock)
    assert free is not None
    free.release()


def test_an_environment_that_may_only_be_read_is_locked_too() -> None:
    """As of an administrator, for all who use a machine; root tries it as nobody, as to root nothing is read-only."""
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] if os.geteuid() == 0 else []
    use = "import sys; from pathlib import Path; from alcove.greeting import use_environment; "
    use += "print(use_environment(Path(sys.argv[1])) is not None, flush=True); input()"
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder, ".in-use")
        lock.touch(mode=0o444)
        Path(folder, "alcove.json").touch()
        os.chmod(folder, 0o555)
        command = [*nobody, sys.executable, "-c", use, folder]
        variables = {**os.environ, "PYTHONPATH": str(SOURCES), "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, env=variables) as user:
            assert user.stdout is not None
            assert user.stdout.readline() == "True\n"
            if os.geteuid() == 0:
                assert try_lock(lock) is None
            user.communicate("\n")
        assert user.returncode == 0
        os.chmod(folder, 0o755)


def test_an_environment_that_is_gone_is_refused(host: Host, tmp_path: Path) -> None:
    worker = host.start()
    with pytest.raises(Failure, match="is gone") as failure:
        worker.initialize(environment={"directory": str(tmp_path)})
    assert failure.value.data["path"] == "environment.directory"
    worker.initialize()
