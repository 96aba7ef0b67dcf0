"""All sessions with our worker; and whether the player notices a worker that does not keep to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import play_session
import pytest
from our_worker import OUR_WORKER
from play_session import SESSIONS, Broken, play

Recorder = Callable[[str, object], None]

NAMES = sorted(path.stem for path in SESSIONS.glob("*.json"))
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}


@pytest.mark.parametrize("name", NAMES)
def test_our_worker_keeps_to_the_session(name: str, variables: dict[str, str], record_property: Recorder) -> None:
    record_property("vectors", "sessions 1")
    play(json.loads((SESSIONS / f"{name}.json").read_text("utf-8")), OUR_WORKER, variables=variables)


def test_each_session_says_what_it_is_about() -> None:
    kinds = {"send", "send_text", "receive", "receive_any_order", "close_input", "exit"}
    for name in NAMES:
        session = json.loads((SESSIONS / f"{name}.json").read_text("utf-8"))
        assert set(session) <= {"description", "files", "steps"}
        assert session["description"].endswith(".")
        found = {kind for step in session["steps"] for kind in step}
        assert found <= kinds | {"block", "expect_block", "write_file"}, name
        assert all(len(step) == 1 for step in session["steps"])


def test_from_the_command_line(variables: dict[str, str]) -> None:
    program = [sys.executable, play_session.__file__, SESSIONS / "initialize.json", *OUR_WORKER]
    good = subprocess.run(program, capture_output=True, text=True, env={**os.environ, **variables})
    assert (good.returncode, good.stdout, good.stderr) == (0, "initialize.json: kept to\n", "")
    program[3:] = [sys.executable, "-c", "print('hello', flush=True); input()"]
    bad = subprocess.run(program, capture_output=True, text=True)
    assert bad.returncode == 1
    assert "initialize.json: step 1" in bad.stderr


@pytest.mark.parametrize(
    ("steps", "lines", "reason"),
    [
        ([{"receive": {"id": 1, "result": {"a": 1}}}], ['{"id": 1, "result": {}}'], "message.result has no a"),
        ([{"receive": {"id": 1, "result": 1}}], ['{"id": 1, "result": 1.0}'], r"message.result is 1.0, not 1"),
        ([{"receive": {"id": 1, "result": 1}}], ['{"id": 1, "result": true}'], r"message.result is true, not 1"),
        ([{"receive": {"id": 1, "result": [1]}}], ['{"id": 1, "result": [1, 2]}'], "not a list of 1"),
        ([{"receive": {"id": 1}}], ['{"id": 2, "result": {}}'], "message.id is 2, not 1"),
        ([{"receive": {"id": 1}}], ["not JSON"], "no JSON"),
        ([{"receive": {"id": 1}}], ['{"jsonrpc": "1.0", "id": 1}'], "no message"),
        ([{"receive": {"id": 1}}], ['{"id": 1, "result": NaN}'], "a bare NaN"),
        ([{"receive": {"id": 1}}], [], "the worker ended"),
        ([{"receive": {"result": {"$contains": [2]}}}], ['{"id": 1, "result": [1]}'], "has nothing like 2"),
        (
            [
                {"receive": {"result": {"$capture": "first"}}},
                {"receive": {"result": {"$capture": "second", "differs_from": "first"}}},
            ],
            ['{"id": 1, "result": 5}', '{"id": 2, "result": 5}'],
            "5 again",
        ),
        (
            [{"receive": {"result": {"$capture": "first"}}}, {"receive": {"result": {"$captured": "first"}}}],
            ['{"id": 1, "result": 5}', '{"id": 2, "result": 6}'],
            "6, not 5",
        ),
        ([{"receive_any_order": [{"id": 1}, {"id": 2}]}], ['{"id": 2}', '{"id": 3}'], "nobody expects"),
        ([{"exit": 0}], ['{"id": 1, "result": {}}'], "nobody expects"),
        ([{"exit": 3}], [], "exit code 0 instead of 3"),
        ([{"expect_block": {"name": "{host}-h-0", "bytes_base64": "AAAA"}}], [], "no such block"),
    ],
)
def test_what_is_not_kept_to_is_told(steps: list[Any], lines: list[str], reason: str) -> None:
    written = [line.replace("{", '{"jsonrpc": "2.0", ', 1) if "jsonrpc" not in line else line for line in lines]
    worker = "import sys; print(*sys.argv[1:], sep='\\n', end='\\n' if sys.argv[1:] else '')"
    with pytest.raises(Broken, match=reason) as broken:
        play({"steps": steps}, [sys.executable, "-c", worker, *written])
    assert f"step {len(steps) - 1}" in str(broken.value)


def test_a_block_that_a_worker_leaves_is_told(tmp_path: Path) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        "import json, sys\n"
        "memory = json.loads(sys.stdin.readline())['params']['memory']\n"
        "open(memory['directory'] + '/' + memory['prefix'] + '0', 'x').close()\n"
        "print(json.dumps({'jsonrpc': '2.0', 'id': 1, 'result': {}}))\n"
    )
    params = {"memory": {"directory": "{memory}", "prefix": "{prefix}"}}
    steps = [{"send": {**INITIALIZE, "params": params}}, {"receive": {"id": 1}}]
    with pytest.raises(Broken, match="blocks that the worker left: alcove-"):
        play({"steps": steps}, [sys.executable, worker])


def test_a_step_takes_no_longer_than_it_may() -> None:
    worker = (
        'while True: print(\'{"jsonrpc": "2.0", "method": "progress", "params": {}}\', flush=True); '
        "__import__('time').sleep(0.01)"
    )
    with pytest.raises(Broken, match="it did not come in time"):
        play({"steps": [{"receive": {"id": 1}}]}, [sys.executable, "-c", worker], seconds=0.5)
