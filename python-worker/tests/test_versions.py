"""A worker in every Python that this machine has of those that Alcove supports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pythons import WANTED, find_pythons
from test_messages import VECTORS, require_answers
from worker_process import BOOT, OP_FILES, SOURCES, Failure, Host, WorkerProcess

PYTHONS = find_pythons()


def test_the_pythons_of_this_machine() -> None:
    print("not found, so not tested: " + ", ".join(version for version in WANTED if version not in PYTHONS))
    assert PYTHONS["{}.{}".format(*sys.version_info[:2])] == sys.executable


@pytest.fixture(params=PYTHONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_workers_life(host: Host, version: str) -> None:
    """In both modes at once, because interrupting a loop takes its second."""
    workers = [host.start(python=PYTHONS[version], portable=portable) for portable in (False, True)]
    for worker in workers:
        worker.initialize()
        worker.load("for_any_python.py")
        assert worker.call("version") == {"result": [int(part) for part in version.split(".")]}
        inputs = {"numbers": [1, 2.5], "path": "a/b ü", "method": "OTSU"}
        assert worker.call("many_types", **inputs) == {"numbers": [3.0, 7.5], "text": "b ü"}
        require_values(worker)
        require_failures(worker)
        require_answers(worker, VECTORS, "method_not_found")
        rows = worker.reply(worker.send_map("echo", ["value"], [[1], [[2]], [3.5]], on_error="continue"))
        assert (rows["rows"], list(rows["errors"])) == ([[1], None, [3.5]], ["1"])
        for method in ("fork", "spawn"):
            assert worker.call("pool", method=method) == {"result": [0, 1, 4, 9]}
    running = [start_loop(worker) for worker in workers]
    for worker, call in zip(workers, running, strict=True):
        worker.notify("cancel", id=call)
    for worker, call in zip(workers, running, strict=True):
        with pytest.raises(Failure, match="cancelled"):
            worker.reply(call)
        start_loop(worker)
        worker.close_input()
        assert worker.wait() == 0


def start_loop(worker: WorkerProcess) -> int:
    worker.take_notifications("progress")
    call = worker.send_call("loop")
    worker.notification("progress")
    assert worker.request("status")["running"] == call
    return call


def require_values(worker: WorkerProcess) -> None:
    vectors = json.loads((Path(__file__).parents[2] / "schemas/vectors/values.json").read_text("utf-8"))
    for vector in vectors["vectors"]:
        if vector["canonical"] and "ndarray" not in str(vector["encoded"]):
            assert worker.call("echo", value=vector["encoded"]) == {"result": vector["encoded"]}


def require_failures(worker: WorkerProcess) -> None:
    with pytest.raises(Failure, match="invalid_params"):
        worker.call("many_types", numbers=[True])
    with pytest.raises(Failure) as failure:
        worker.call("fail")
    assert (failure.value.message, failure.value.data["hint"]) == ("It is off.", "Switch it on.")
    worker.write(b"[" * 100_000 + b"\n")
    with pytest.raises(Failure, match="parse_error"):
        worker.reply(None)


def test_describing(version: str) -> None:
    ops = {op["name"]: op for op in described(version, OP_FILES / "for_any_python.py")["ops"]}
    count = next(parameter for parameter in ops["many_types"]["inputs"] if parameter["name"] == "count")
    assert count == {
        "name": "count",
        "type": "integer",
        "minimum": 0,
        "maximum": 10,
        "required": False,
        "default": 3,
        "description": "how many",
    }


def test_the_newer_way_to_write_optional(version: str, tmp_path: Path) -> None:
    path = tmp_path / "newer.py"
    path.write_text("from alcove import op\n@op\ndef f(a: 'int | None' = None) -> None: pass\n")
    answer = described(version, path)
    if version == "3.9":
        (mistake,) = answer["error"]["data"]["mistakes"]
        assert mistake["line"] == 3
        assert "Optional[X]" in mistake["hint"]
    else:
        assert answer["ops"][0]["inputs"][0]["nullable"] is True


def test_an_annotation_of_an_unknown_name(version: str, tmp_path: Path) -> None:
    """From Python 3.14 on it is evaluated only when somebody asks."""
    path = tmp_path / "unknown.py"
    path.write_text("from alcove import op\n@op\ndef f(a: Nothing) -> None: pass\n")
    (mistake,) = described(version, path)["error"]["data"]["mistakes"]
    assert "Nothing" in mistake["message"]


def described(version: str, path: Path) -> dict[str, Any]:
    command = [PYTHONS[version], "-X", "utf8", "-c", BOOT, str(SOURCES), "describe", str(path)]
    result = subprocess.run(command, capture_output=True)
    answer: dict[str, Any] = json.loads(result.stdout)
    assert result.returncode == (1 if "error" in answer else 0)
    return answer
