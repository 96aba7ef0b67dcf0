"""Writes mutated lines to a real worker as fast as it reads them, and looks whether each gets the answer it must get.

    python fuzz.py [--lines N] [--seed N] [--portable] [COMMAND [ARGUMENT ...]]

COMMAND starts the worker, ours if it is left out. What must hold, whatever is written:

- a request gets one reply with its id; a line that is none, one error with id null and the right kind; a notification
  and a blank line get nothing; an id that still waits for its reply may get either;
- replies come in the order of the requests, but for those to ``status`` and to what was cancelled;
- the worker lives, ends well when its input ends, and does not grow.

The same seed gives the same lines. Needs Python 3.9 or newer, nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from answers import Violation, refuse_constant, require_answers
from our_worker import OUR_WORKER, SOURCES
from play_session import SESSIONS, hold_lease, memory_directory

LIMIT = 1 << 16
LAST_ID = 10**15  # behind each batch
BATCH = 250
SECONDS = 60.0
GROWTH_BYTES = 64 << 20


# What is written

_NASTY: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 2**200, 10**999, -0.0, 0.5, 1e308, 5e-324, "", "a", "\0"),
    *("\ud800", "\udc00\ud800", "\U0001f52c", "\u2028", "inputs", "$type", "../../etc", "alcove-00000000-w1-0"),
    *([], {}, [[]], {"": {}}, {"$type": None}, {"$type": "float", "value": "NaN"}, {"$type": "float"}),
    {"$type": "ndarray", "block": None, "offset": 0, "dtype": "uint8", "shape": [0, 2]},
    {"$type": "ndarray", "block": "alcove-00000000-h-1", "offset": 64, "dtype": "float64", "shape": [2, 2]},
    {"$type": "table", "columns": [{"name": "a", "values": [1, None]}]},
    {"$type": "object", "value": {"$type": "x"}},
    {"$type": "complex", "real": 1, "imag": {"$type": "float", "value": "Infinity"}},
    {"$type": "bytes", "base64": "AAAA"},
]
_TOKENS = [
    *rb"""[ ] { } " \ \u \ud800 , : - . e + 0 1e400 NaN Infinity null true "id":1, "id":null, // /**/""".split(),
    *(b"\n", b"\r\n", b" ", b"\t", b"\0", b"\x0b", b"\x0c", b"\x1b[0m", b"\xef\xbb\xbf", b"\xff", b"\xc0\x80"),
    *(b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xa8", b"[" * 201, b"]" * 201, b'{"a":' * 201),
    *(b"9" * 1001, b"-" + b"9" * 1000),
]


class Lines:
    """An endless supply of lines, from good ones to garbage."""

    def __init__(self, seed: int, ops: dict[str, str]) -> None:
        self._random = random.Random(seed)
        self._last_id = 1000
        call = {op: {"op": identifier, "inputs": inputs} for op, identifier in ops.items() for inputs in [_INPUTS[op]]}
        self._seeds: list[dict[str, Any]] = [
            *({"method": "call", "params": params} for params in call.values()),
            {"method": "call", "params": {**call["add"], "adapt": "strict"}},
            {"method": "map", "params": {"op": ops["add"], "columns": ["a"], "rows": [[1], [2]], "inputs": {"b": 1}}},
            {
                "method": "map",
                "params": {"op": ops["divide"], "columns": ["a", "b"], "rows": [[1, 0]], "on_error": "continue"},
            },
            {
                "method": "map",
                "params": {
                    "op": ops["add"],
                    "columns": [
                        {"name": "a", "values": [1, 2]},
                        {"name": "b", "values": {"$type": "ndarray", "block": None, "dtype": "int8", "shape": [2]}},
                    ],
                },
            },
            {"method": "load", "params": {"source": "/no/such/file.py"}},
            {"method": "initialize", "params": {"protocol": 1, "memory": {"directory": "/", "prefix": "a"}}},
            *({"method": method} for method in ("status", "status", "unknown", "cancel", "release")),
        ]
        self._notices: list[dict[str, Any]] = [
            {"method": "cancel", "params": {"id": 5}},
            {"method": "release", "params": {"blocks": ["alcove-00000000-w1-0"]}},
            {"method": "forget", "params": {"blocks": ["alcove-00000000-h-0"]}},
            {"method": "call", "params": call["add"]},
        ]

    def next(self) -> bytes:
        """One more line, sometimes more than one."""
        kind = self._random.random()
        if kind < 0.0001:
            return b"x" * self._random.choice((LIMIT, LIMIT + 1, 3 * LIMIT))
        if kind < 0.03:
            return self._random.randbytes(self._random.randrange(1, 60))
        message = self._message()
        if kind < 0.2:
            return json.dumps(message).encode()
        if kind < 0.5:
            self._change_a_value(message)
            return json.dumps(message, ensure_ascii=kind < 0.4).encode("utf-8", "surrogatepass")
        line = json.dumps(message).encode()
        for _ in range(self._random.choice((1, 1, 1, 2, 5))):
            line = self._change_bytes(line)
        return line

    def _message(self) -> dict[str, Any]:
        if self._random.random() < 0.1:
            return {"jsonrpc": "2.0", **self._random.choice(self._notices)}
        self._last_id += 1
        message = {"jsonrpc": "2.0", "id": self._last_id, **self._random.choice(self._seeds)}
        return dict(json.loads(json.dumps(message)))

    def _change_a_value(self, message: dict[str, Any]) -> None:
        """Replaces, removes or adds something somewhere in the message."""
        place: Any = message
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = self._random.choice(keys)
            if isinstance(place[key], (dict, list)) and self._random.random() < 0.8:
                place = place[key]
                continue
            if self._random.random() < 0.2:
                del place[key]
            else:
                place[key] = self._something()
            return
        if isinstance(place, dict):
            place[self._random.choice(("a", "", "$type", "id"))] = self._something()
        else:
            place.append(self._something())

    def _something(self) -> Any:
        return json.loads(json.dumps(self._random.choice(_NASTY)))

    def _change_bytes(self, line: bytes) -> bytes:
        at = self._random.randrange(len(line) + 1)
        to = min(len(line), at + self._random.choice((1, 1, 2, 4, 16)))
        kind = self._random.randrange(5)
        if kind == 0:
            return line[:at] + line[to:]
        if kind == 1:
            return line[:at] + self._random.choice(_TOKENS) + line[to:]
        if kind == 2:
            return line[:at] + self._random.choice(_TOKENS) + line[at:]
        if kind == 3:
            return line[:to] + line[at:]
        return line[:at] + bytes([self._random.randrange(256)]) + line[at + 1 :]


_INPUTS: dict[str, dict[str, Any]] = {
    "add": {"a": 1, "b": 2},
    "scale": {"value": 2.5, "method": "halve"},
    "divide": {"a": 1, "b": 2},
    "echo": {
        "value": {"$type": "table", "columns": [{"name": "a", "values": [1, {"$type": "float", "value": "NaN"}]}]}
    },
    "total": {"array": {"$type": "ndarray", "block": None, "offset": 0, "dtype": "uint8", "shape": [0]}},
    "count_above": {
        "image": {"$type": "ndarray", "block": None, "offset": 0, "dtype": "uint8", "shape": [0, 3]},
        "level": 1.5,
    },
}


# Who is asked


@contextmanager
def running_worker(command: Sequence[str], memory: Path, variables: dict[str, str]) -> Iterator[Worker]:
    """A worker that was initialised; whatever it does, its process ends with the block."""
    lease = hold_lease(memory / "alcove-f0000000.lease")
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **variables},
        ) as process,
    ):
        worker = Worker(process, errors)
        try:
            settings = {"directory": str(memory), "prefix": "alcove-f0000000-w1-", "quota_bytes": 1 << 20}
            worker.request("initialize", protocol=1, memory=settings, max_line_bytes=LIMIT)
            yield worker
        finally:
            worker.kill()
            os.close(lease)


class Worker:
    """A worker process that is written to in batches."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        self._process = process
        self._errors = errors
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def request(self, method: str, **params: Any) -> dict[str, Any]:
        """A request by itself and its result."""
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        (reply,) = [message for message in self.write([line]) if "method" not in message]
        if "error" in reply:
            raise Violation(f"{method}: {reply}")
        result: dict[str, Any] = reply["result"]
        return result

    def write(self, lines: Sequence[bytes]) -> list[dict[str, Any]]:
        """Writes the lines and returns the replies to them."""
        assert self._process.stdin
        # Whatever is queued was answered when this one is: an unknown method does not overtake.
        last = b'{"jsonrpc": "2.0", "id": %d, "method": "after"}' % LAST_ID
        try:
            self._process.stdin.write(b"\n".join([*lines, last]) + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Violation(f"the worker does not read any more: {error}; {self.error_text()}") from None
        return list(self._replies())

    def _replies(self) -> Iterator[dict[str, Any]]:
        while True:
            try:
                line = self._lines.get(timeout=SECONDS)
            except queue.Empty:
                raise Violation("an answer did not come in time") from None
            if line is None:
                raise Violation(f"the worker ended; {self.error_text()}")
            message = json.loads(line, parse_constant=refuse_constant)
            if "method" in message:
                continue
            if message["id"] == LAST_ID:
                return
            yield message

    def end(self) -> None:
        """Ends the input and requires a clean end."""
        assert self._process.stdin
        self._process.stdin.close()
        if self._process.wait(SECONDS) != 0:
            raise Violation(f"exit code {self._process.returncode}; {self.error_text()}")

    def kill(self) -> None:
        """Ends the process whatever it does."""
        self._process.kill()
        try:
            assert self._process.stdin
            self._process.stdin.close()
        except OSError:  # what was written last was never read
            pass

    def error_text(self) -> str:
        """What the worker has written to stderr."""
        try:
            self._process.wait(1)  # for the last that it has to say
        except subprocess.TimeoutExpired:
            pass
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")[-2000:]

    def _read(self) -> None:
        assert self._process.stdout
        try:
            for line in self._process.stdout:
                self._lines.put(line)
        except (OSError, ValueError):  # closed from this side
            pass
        self._lines.put(None)


def give_back(worker: Worker, replies: list[dict[str, Any]]) -> None:
    """Releases what the replies lend, as a host does; else it would stay, and fill the quota."""
    lent = [name for reply in replies for name in blocks_in(reply.get("result"))]
    if lent:
        worker.write([json.dumps({"jsonrpc": "2.0", "method": "release", "params": {"blocks": lent}}).encode()])


def blocks_in(value: Any) -> set[str]:
    """The names of the blocks of all arrays in a result."""
    if isinstance(value, list):
        return set().union(*map(blocks_in, value))
    if not isinstance(value, dict):
        return set()
    if value.get("$type") == "ndarray":
        return {value["block"]} - {None}
    return blocks_in(list(value.values()))


def campaign(command: Sequence[str], count: int, seed: int, variables: dict[str, str]) -> str:
    """Writes so many lines and says what was answered; raises ``Violation`` that names a file with the batch."""
    kinds: Counter[str] = Counter()
    with memory_directory() as memory, running_worker(command, memory, variables) as worker:
        loaded = worker.request("load", source=str(SESSIONS / "ops.py"))["ops"]
        supply = Lines(seed, {op["name"]: op["id"] for op in loaded if op["name"] in _INPUTS})
        written, warm, began = 0, 0, time.monotonic()
        while written < count:
            lines = b"\n".join(supply.next() for _ in range(min(BATCH, count - written))).split(b"\n")
            try:
                replies = worker.write(lines)
                require_answers(lines, replies, LIMIT)
            except Violation as violation:
                with tempfile.NamedTemporaryFile(prefix="alcove-violation-", delete=False) as file:
                    file.write(b"\n".join(lines))
                raise Violation(f"seed {seed}, after {written} lines: {violation}; see {file.name}") from None
            kinds.update(reply["error"]["data"]["kind"] if "error" in reply else "result" for reply in replies)
            give_back(worker, replies)
            written += len(lines)
            if not warm and written > min(20_000, count // 2):
                warm = worker.request("status")["rss_bytes"]
        seconds, size = time.monotonic() - began, worker.request("status")["rss_bytes"]
        if size > warm + GROWTH_BYTES:
            raise Violation(f"the worker has grown from {warm} to {size} bytes")
        worker.end()
        if left := list(memory.glob("alcove-*-w*")):
            raise Violation(f"blocks left: {left}")
    told = ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
    return (
        f"{written} lines in {seconds:.0f} s ({written / seconds:.0f} a second), seed {seed}\n"
        f"answered {kinds.total()}: {told}\n"
        f"resident memory {warm >> 20} MiB after the first lines, {size >> 20} MiB after the last"
    )


def main() -> int:
    """Runs a campaign as the arguments say; exit code 0 when nothing was wrong."""
    parser = argparse.ArgumentParser(description="Writes mutated lines to a worker and checks its answers.")
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--portable", action="store_true", help="our worker uses only what every platform has")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    variables = {"PYTHONPATH": str(SOURCES), "ALCOVE_PORTABLE": "1" if arguments.portable else ""}
    try:
        print(campaign(arguments.command or OUR_WORKER, arguments.lines, arguments.seed, variables))
    except Violation as violation:
        print(violation, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
