"""Real worker processes for tests: a host's memory directory with its lease, and a worker that is spoken to by lines.

Every wait has a deadline and ends with an event: a line, the end of a stream, the end of a process. Nothing sleeps.
"""

from __future__ import annotations

import fcntl
import json
import os
import queue
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from leftovers import DEADLINE, MARK

SOURCES = Path(__file__).resolve().parents[1] / "src"
OP_FILES = Path(__file__).resolve().parent / "op_files"
BOOT = "import sys; sys.path[0] = sys.argv.pop(1); from alcove.__main__ import main; sys.exit(main())"
QUOTA_BYTES = 64 << 20


class Failure(Exception):
    """An error that the worker answered."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['data']['kind']}: {error['message']}")
        self.message: str = error["message"]
        self.code: int = error["code"]
        self.data: dict[str, Any] = error["data"]
        self.kind: str = error["data"]["kind"]


class Host:
    """What a host has in the memory directory: a lease, locked for as long as it lives, and its blocks."""

    def __init__(self, directory: Path | None = None) -> None:
        shared = Path("/dev/shm")
        self._temporary = directory is None
        self.directory = directory or Path(
            tempfile.mkdtemp(prefix="alcove-tests-µ ", dir=shared if shared.is_dir() else None)
        )
        self.prefix = "alcove-" + secrets.token_hex(4)
        self.workers: list[WorkerProcess] = []
        self._count = 0
        self.lease = self.directory / f"{self.prefix}.lease"
        self._lease = os.open(self.lease, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.lockf(self._lease, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def start(self, **options: Any) -> WorkerProcess:
        """A worker with a prefix of its own, not yet initialised; see ``WorkerProcess`` for the options."""
        worker = WorkerProcess(self.directory, f"{self.prefix}-w{len(self.workers) + 1}-", **options)
        self.workers.append(worker)
        return worker

    def block(self, size: int) -> str:
        """A new block of the host's, zeroed; its name."""
        name = f"{self.prefix}-h-{self._count}"
        self._count += 1
        with open(self.directory / name, "xb") as file:
            file.truncate(size)
        return name

    def share(self, array: Any, *, axes: Any = None, writable: bool = False) -> dict[str, Any]:
        """The descriptor of a copy of the ndarray in a new block; ``axes`` are names or descriptors of axes."""
        name = None
        if array.size:
            name = self.block(array.nbytes)
            (self.directory / name).write_bytes(array.tobytes())
        descriptor = describe_array(name, array.dtype.name, array.shape)
        if axes is not None:
            descriptor["axes"] = [{"name": axis} for axis in axes.split()] if isinstance(axes, str) else axes
        if writable:
            descriptor["writable"] = True
        return descriptor

    def array(self, descriptor: dict[str, Any]) -> Any:
        """A copy of what the descriptor stands for."""
        import numpy

        assert descriptor["$type"] == "ndarray"
        shape, dtype = descriptor["shape"], numpy.dtype(descriptor["dtype"])
        if descriptor["block"] is None:
            return numpy.empty(shape, dtype)
        content = (self.directory / descriptor["block"]).read_bytes()
        count = int(numpy.prod(shape, dtype=int))
        return numpy.frombuffer(content, dtype, count, descriptor["offset"]).reshape(shape).copy()

    def blocks_of_workers(self) -> set[str]:
        """The names of all blocks that are there and that a worker made."""
        return {path.name for path in self.directory.glob(f"{self.prefix}-w*")}

    def close(self) -> None:
        """Ends the workers, deletes what belongs to the host, and fails if anything else was left."""
        try:
            assert self.lease.exists(), "a worker has swept a living host's lease"
            # A worker waits a moment for a lock that may be about to fall; without a lease there is none.
            self.lease.unlink()
            loaned: set[str] = set()
            for worker in self.workers:
                worker.stop()
                # A worker need not have read what came just before the end.
                loaned |= worker.loaned | worker.just_released
            # A worker deletes its blocks that the host does not hold.
            left = self.blocks_of_workers() - loaned
            assert not left, f"blocks left by workers: {sorted(left)}"
            for name in loaned:
                (self.directory / name).unlink(missing_ok=True)
            for path in self.directory.glob(f"{self.prefix}-h-*"):
                path.unlink()
            left = {path.name for path in self.directory.iterdir()} if self._temporary else set()
            assert not left, f"left in the memory directory: {sorted(left)}"
        finally:
            os.close(self._lease)
            for worker in self.workers:
                worker.kill()
            if self._temporary:
                shutil.rmtree(self.directory, ignore_errors=True)


def describe_array(block: str | None, dtype: str, shape: Sequence[int], offset: int = 0) -> dict[str, Any]:
    """A descriptor as hosts write it."""
    return {"$type": "ndarray", "block": block, "offset": offset, "dtype": dtype, "shape": list(shape)}


class WorkerProcess:
    """One worker process. Requests are numbered from 1; notifications are kept in ``notifications``."""

    def __init__(
        self,
        directory: Path,
        prefix: str,
        *,
        python: str = sys.executable,
        portable: bool = False,
        variables: dict[str, str] | None = None,
    ) -> None:
        name, _, value = MARK.partition("=")
        inherited = {key: item for key, item in os.environ.items() if not key.startswith("PYTHON")}
        # As the manager does it; bytecode is left out so that nothing is written beside the op files.
        variables = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1", name: value, **(variables or {})}
        self.directory = directory
        self.prefix = prefix
        self.notifications: list[dict[str, Any]] = []
        self.pid = 0  # the worker's own; that of ``process`` may be its guardian's
        self.loaned: set[str] = set()
        self.just_released: set[str] = set()
        self.kept: list[str] = []
        self._ops: dict[str, str] = {}
        self._last_id = 0
        self._ended = False
        self._replies: dict[Any, dict[str, Any]] = {}
        self.process = subprocess.Popen(
            [python, "-X", "utf8", "-c", BOOT, str(SOURCES), "worker"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**inherited, **variables, "ALCOVE_PORTABLE": "1" if portable else ""},
        )
        self._lines = _Lines(self.process.stdout)
        self._errors = _Lines(self.process.stderr)

    # Speaking

    def write(self, line: bytes) -> None:
        """Writes bytes as they are."""
        assert self.process.stdin is not None
        remaining = memoryview(line)
        while remaining:
            remaining = remaining[self.process.stdin.write(remaining) or 0 :]

    def send(self, method: str, **params: Any) -> int:
        """Sends a request and returns its id."""
        self._last_id += 1
        if method != "status":  # which overtakes
            self.just_released.clear()
        self.write(encode({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}))
        return self._last_id

    def notify(self, method: str, **params: Any) -> None:
        """Sends a notification."""
        self.write(encode({"jsonrpc": "2.0", "method": method, "params": params}))

    def send_call(self, op: str, **inputs: Any) -> int:
        """Sends a call of an op, given by its name, and returns the request's id."""
        return self.send("call", op=self._ops.get(op, op), inputs=inputs)

    def send_map(self, op: str, columns: Any, rows: Any, **more: Any) -> int:
        """Sends a map of an op, given by its name, and returns the request's id."""
        return self.send("map", op=self._ops.get(op, op), columns=columns, rows=rows, **more)

    def release(self, *names: str) -> None:
        """Ends one loan of each block."""
        self.notify("release", blocks=list(names))
        self.loaned -= set(names)
        self.just_released |= set(names)

    # Listening

    def message(self) -> dict[str, Any]:
        """The worker's next message. Whatever it writes to stdout must be one."""
        try:
            line = self._lines.next()
        except queue.Empty:
            raise AssertionError(f"no message within {DEADLINE} s\n{self.error_text()}") from None
        assert line is not None, f"the worker ended\n{self.error_text()}"
        assert line.isascii(), line
        assert line.endswith(b"\n"), line
        message: dict[str, Any] = json.loads(line, parse_constant=_refuse)
        assert message["jsonrpc"] == "2.0"
        if "method" in message:
            self.notifications.append(message)
        else:
            assert ("result" in message) != ("error" in message), message
            self.loaned |= {name for name in _blocks_in(message.get("result")) if name.startswith(self.prefix)}
        return message

    def reply(self, request_id: int | None) -> dict[str, Any]:
        """The result with which the worker answers this request; raises ``Failure`` for an error."""
        while request_id not in self._replies:
            message = self.message()
            if "method" not in message:
                assert message["id"] not in self._replies, f"answered twice: {message}"
                self._replies[message["id"]] = message
        message = self._replies.pop(request_id)
        if "error" in message:
            raise Failure(message["error"])
        result: dict[str, Any] = message["result"]
        return result

    def notification(self, method: str) -> dict[str, Any]:
        """The params of the next notification of this method; those before it are dropped."""
        while True:
            while self.notifications:
                message = self.notifications.pop(0)
                if message["method"] == method:
                    params: dict[str, Any] = message["params"]
                    return params
            message = self.message()
            if "method" not in message:
                self._replies[message["id"]] = message

    def take_notifications(self, method: str) -> list[dict[str, Any]]:
        """The params of all notifications of this method that have come."""
        found = [message["params"] for message in self.notifications if message["method"] == method]
        self.notifications = [message for message in self.notifications if message["method"] != method]
        return found

    # Both

    def request(self, method: str, **params: Any) -> dict[str, Any]:
        """Sends a request and waits for its result."""
        return self.reply(self.send(method, **params))

    def initialize(self, **changes: Any) -> dict[str, Any]:
        """Says hello as a host does, with ``changes`` to the params."""
        memory = {"directory": str(self.directory), "prefix": self.prefix, "quota_bytes": QUOTA_BYTES}
        host = {"name": "tests", "version": "1", "pid": os.getpid()}
        answer = self.request("initialize", **{"protocol": 1, "host": host, "memory": memory, **changes})
        self.pid = answer["worker"]["pid"]
        return answer

    def load(self, source: Path | str) -> dict[str, dict[str, Any]]:
        """Loads an op file, one of ``op_files`` if only a name is given: the descriptors by op name."""
        path = OP_FILES / source if isinstance(source, str) else source
        ops = {op["name"]: op for op in self.request("load", source=str(path))["ops"]}
        self._ops.update({name: op["id"] for name, op in ops.items()})
        return ops

    def call(self, op: str, **inputs: Any) -> dict[str, Any]:
        """Calls an op by name and returns its outputs; ``kept`` has what the reply said of it."""
        result = self.reply(self.send_call(op, **inputs))
        self.kept = result["kept"]
        outputs: dict[str, Any] = result["outputs"]
        return outputs

    # Ending

    def close_input(self) -> None:
        """The order to stop."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def wait(self) -> int:
        """Waits for the end of the process and returns its exit code."""
        code = self.process.wait(DEADLINE)
        self._ended = True
        self._close_pipes()
        return code

    def stop(self) -> None:
        """Closes the input, if that was not done, and requires a clean end."""
        if self._ended:
            return
        self.close_input()
        code = self.wait()
        assert code == 0, f"exit code {code}\n{self.error_text()}"
        assert "Traceback" not in self.error_text(), self.error_text()

    def kill(self) -> None:
        """Ends the process at once; for the end of a test that failed."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE)
        self._close_pipes()

    def error_text(self) -> str:
        """What the worker has written to stderr; all of it once it has ended."""
        if self._ended:
            self._errors.join()
        return b"".join(self._errors.seen).decode("utf-8", "replace")

    def error_line(self, containing: str) -> str:
        """Waits for a line of stderr."""
        for line in iter(self._errors.next, None):
            if containing in line.decode("utf-8", "replace"):
                return line.decode("utf-8", "replace")
        raise AssertionError(f"no {containing!r} in:\n{self.error_text()}")

    def _close_pipes(self) -> None:
        self._lines.join()
        self._errors.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


class _Lines:
    """The lines of a stream, read by a thread so that no pipe ever fills."""

    def __init__(self, stream: Any) -> None:
        self.seen: list[bytes] = []
        self._queue: queue.Queue[bytes | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def next(self) -> bytes | None:
        """The next line, None at the end of the stream."""
        line = self._queue.get(timeout=DEADLINE)
        if line is None:
            self._queue.put(None)
        return line

    def join(self) -> None:
        """Waits for the end of the stream: of every process that can write to it."""
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive(), "something still holds the worker's output open"

    def _read(self, stream: Any) -> None:
        partial = b""
        while data := stream.read(1 << 16):
            *lines, partial = (partial + data).split(b"\n")
            for line in lines:
                self._put(line + b"\n")
        if partial:
            self._put(partial)
        self._queue.put(None)

    def _put(self, line: bytes) -> None:
        self.seen.append(line)
        self._queue.put(line)


def encode(message: dict[str, Any]) -> bytes:
    """One line, as hosts write it."""
    return json.dumps(message, allow_nan=False).encode("ascii") + b"\n"


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} in the worker's output is not JSON")


def _blocks_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("$type") == "ndarray" and value["block"] is not None:
            yield value["block"]
        for item in value.values():
            yield from _blocks_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _blocks_in(item)
