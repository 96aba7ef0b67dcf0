"""Plays the host's side of a session against a worker in any language, and says whether the worker kept to it.

    python play_session.py [--ops FILE] [--seconds N] SESSION.json COMMAND [ARGUMENT ...]

COMMAND starts the worker. ``schemas/README.md`` describes sessions. Needs Python 3.9 or newer, nothing else.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import queue
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

_LATE = "it did not come in time"
SESSIONS = Path(__file__).resolve().parents[2] / "schemas" / "vectors" / "sessions"


class Broken(Exception):
    """The worker did not do what the session says."""


def play(
    session: dict[str, Any],
    command: Sequence[str],
    *,
    ops: Path = SESSIONS / "ops.py",
    seconds: float = 60.0,
    variables: dict[str, str] | None = None,
) -> None:
    """Plays all steps of a session with a worker of its own, then ends it.

    Args:
        session: what stands in the file.
        command: how to start the worker; its stdin and stdout carry the protocol.
        ops: the op file that ``{ops}`` stands for.
        seconds: how long any one step may take.
        variables: of the environment, besides those of this process.

    Raises:
        Broken: with the step, and what came instead.
    """
    with tempfile.TemporaryDirectory(prefix="alcove-session-") as folder, memory_directory() as memory:
        player = _Player(command, Path(folder), memory, ops, seconds, variables or {})
        try:
            for path, lines in session.get("files", {}).items():
                player.write_file({"path": path, "text": lines})
            for number, step in enumerate(session["steps"]):
                ((kind, content),) = step.items()
                try:
                    getattr(player, kind)(content)
                except Broken as broken:
                    raise Broken(f"step {number}, {kind}: {broken}\n{player.errors()}") from None
            player.finish()
        finally:
            player.kill()


@contextmanager
def memory_directory() -> Iterator[Path]:
    """A memory directory for a while: where the system has shared memory, else anywhere."""
    shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
    path = tempfile.mkdtemp(prefix="alcove-session-", dir=shared)
    try:
        yield Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


class _Player:
    """A host that says what the steps say. Each public method but the last ones is a kind of step."""

    def __init__(
        self, command: Sequence[str], folder: Path, memory: Path, ops: Path, seconds: float, variables: dict[str, str]
    ) -> None:
        self._seconds = seconds
        self._folder, self._memory = folder, memory
        self._host = "alcove-" + secrets.token_hex(4)
        self._lease = hold_lease(memory / f"{self._host}.lease")
        prefix = f"{self._host}-w1-"
        self._places = {"folder": str(folder), "memory": str(memory), "ops": str(ops)}
        self._places.update(prefix=prefix, host=self._host)
        self._captured: dict[str, Any] = {}
        self._loans: dict[str, int] = {}
        self._died = False
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **variables},
        )
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self._input = self._process.stdin
        self._lines = _Lines(self._process.stdout)
        self._errors = _Lines(self._process.stderr)

    # Steps

    def send(self, message: Any) -> None:
        """The host writes a message."""
        message = self._filled(message)
        if message.get("method") == "release":
            for name in message["params"]["blocks"]:
                self._loans[name] = self._loans.get(name, 0) - 1
        self._write(json.dumps(message).encode("ascii"))

    def send_text(self, line: str) -> None:
        """The host writes a line as it stands here."""
        self._write(line.encode("utf-8"))

    def receive(self, pattern: Any) -> None:
        """The worker sends this: as its next reply, or as a notification, before which others may come."""
        for message in self._messages():
            problem = self._compare(pattern, message)
            if problem is None:
                return
            # Progress may come more often than a session knows, and the log may say more.
            if "method" not in message:
                raise Broken(f"{problem}\nreceived: {_short(message)}")

    def receive_any_order(self, patterns: list[Any]) -> None:
        """The worker's next replies are these, in whatever order."""
        waiting = list(patterns)
        for message in self._messages():
            found = next((pattern for pattern in waiting if self._compare(pattern, message) is None), None)
            if found is not None:
                waiting.remove(found)
                if not waiting:
                    return
            elif "method" not in message:
                raise Broken(f"a reply that nobody expects: {_short(message)}")

    def block(self, block: dict[str, Any]) -> None:
        """The host makes a block; or deletes it, where there are no bytes."""
        block = self._filled(block)
        if block["bytes_base64"] is None:
            (self._memory / block["name"]).unlink()
            return
        with open(self._memory / block["name"], "xb") as file:
            file.write(base64.b64decode(block["bytes_base64"]))

    def expect_block(self, block: dict[str, Any]) -> None:
        """A block, the host's or the worker's, begins with these bytes at this offset; without bytes it is gone."""
        block = self._filled(block)
        path = self._memory / block["name"]
        if block["bytes_base64"] is None:
            if path.exists():
                raise Broken(f"{path} is still there")
            return
        wanted = base64.b64decode(block["bytes_base64"])
        offset = block.get("offset", 0)
        found = path.read_bytes()[offset : offset + len(wanted)] if path.exists() else b"(no such block)"
        if found != wanted:
            raise Broken(f"{block['name']} has {found!r}")

    def write_file(self, file: dict[str, Any]) -> None:
        """A file appears in ``{folder}``, or has another content."""
        path = self._folder / file["path"]
        partial = path.with_name(path.name + ".partial")
        partial.write_text("\n".join(file["text"]) + "\n", "utf-8")
        os.replace(partial, path)

    def close_input(self, _: bool = True) -> None:
        """The host ends the worker's input: the order to stop."""
        self._input.close()

    def exit(self, code: Any) -> None:
        """The worker's output ends, and its process, with this exit code or with "any"."""
        while (line := self._lines.next(self._seconds)) is not None:
            # Once its input has ended, nobody waits for what it says.
            if "method" not in json.loads(line) and not self._input.closed:
                raise Broken(f"a reply that nobody expects: {line!r}")
        try:
            ended = self._process.wait(self._seconds)
        except subprocess.TimeoutExpired:
            raise Broken("the worker's output has ended, but its process lives") from None
        self._died = code != 0
        if code not in ("any", ended):
            raise Broken(f"exit code {ended} instead of {code}")

    # The end

    def finish(self) -> None:
        """Ends the worker if the session has not, and looks whether it left anything."""
        if not self._input.closed and not self._died:
            self.close_input()
            self.exit(0)
        if not self._died:
            held = {name for name, loans in self._loans.items() if loans > 0}
            left = {path.name for path in self._memory.glob(self._places["prefix"] + "*")} - held
            if left:
                raise Broken(f"blocks that the worker left: {', '.join(sorted(left))}")
            if not (self._memory / f"{self._host}.lease").exists():
                raise Broken("the worker deleted the lease of a living host")

    def kill(self) -> None:
        """Ends the process whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._input, self._process.stdout, self._process.stderr):
            try:
                stream.close()  # type: ignore[union-attr]
            except OSError:
                pass
        os.close(self._lease)

    def errors(self) -> str:
        """The last that the worker wrote to stderr."""
        return b"".join(self._errors.seen[-20:]).decode("utf-8", "replace")

    # How

    def _write(self, line: bytes) -> None:
        try:
            self._input.write(line + b"\n")
            self._input.flush()
        except OSError as error:
            raise Broken(f"the worker does not read any more: {error}") from None

    def _messages(self) -> Iterator[dict[str, Any]]:
        """What the worker sends, for as long as a step may take."""
        end = time.monotonic() + self._seconds
        while (left := end - time.monotonic()) > 0:
            yield self._message(left)
        raise Broken(_LATE)

    def _message(self, seconds: float) -> dict[str, Any]:
        line = self._lines.next(seconds)
        if line is None:
            raise Broken("the worker ended")
        if not line.isascii() or not line.endswith(b"\n"):
            raise Broken(f"a line that is not ASCII, or not ended: {line!r}")
        try:
            message = json.loads(line, parse_constant=_refuse)
        except ValueError:
            raise Broken(f"no JSON: {line!r}") from None
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            raise Broken(f"no message: {line!r}")
        for name in set(_blocks_in(message.get("result"))):
            self._loans[name] = self._loans.get(name, 0) + 1
        return message

    def _filled(self, value: Any) -> Any:
        """What a step says, with the places and what was captured put in."""
        if isinstance(value, str):
            for name, place in self._places.items():
                value = value.replace("{" + name + "}", place)
            return value
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, dict):
            if "$captured" in value:
                return self._captured[value["$captured"]]
            return {key: self._filled(item) for key, item in value.items()}
        return value

    def _compare(self, pattern: Any, value: Any) -> str | None:
        captured: dict[str, Any] = {}
        problem = self._mismatch(pattern, value, "message", captured)
        if problem is None:
            self._captured.update(captured)
        return problem

    def _mismatch(self, pattern: Any, value: Any, path: str, captured: dict[str, Any]) -> str | None:
        """Where and why a value is not what the pattern says; None when it is."""
        if isinstance(pattern, dict):
            if "$any" in pattern:
                return None
            if "$capture" in pattern:
                if pattern.get("differs_from") in self._captured and self._captured[pattern["differs_from"]] == value:
                    return f"{path} is {_short(value)} again"
                captured[pattern["$capture"]] = value
                return None
            if "$contains" in pattern:
                return self._lacks(pattern["$contains"], value, path, captured)
            if "$captured" not in pattern:
                if not isinstance(value, dict):
                    return f"{path} is {_short(value)}, not an object"
                return next(filter(None, self._members(pattern, value, path, captured)), None)
        if isinstance(pattern, list):
            if not isinstance(value, list) or len(value) != len(pattern):
                return f"{path} is {_short(value)}, not a list of {len(pattern)}"
            found = (self._mismatch(item, value[at], f"{path}[{at}]", captured) for at, item in enumerate(pattern))
            return next(filter(None, found), None)
        wanted = self._filled(pattern)
        if type(wanted) is not type(value) or wanted != value:
            return f"{path} is {_short(value)}, not {_short(wanted)}"
        return None

    def _members(
        self, pattern: dict[str, Any], value: dict[str, Any], path: str, captured: dict[str, Any]
    ) -> Iterator[str | None]:
        for key, item in pattern.items():
            if key in value:
                yield self._mismatch(item, value[key], f"{path}.{key}", captured)
            else:
                yield f"{path} has no {key}"

    def _lacks(self, patterns: list[Any], value: Any, path: str, captured: dict[str, Any]) -> str | None:
        for pattern in patterns:
            items = value if isinstance(value, list) else []
            if all(self._mismatch(pattern, item, path, captured) for item in items):
                return f"{path} has nothing like {_short(pattern)}"
        return None


class _Lines:
    """The lines of a stream, read by a thread so that the worker never waits for this side."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.seen: list[bytes] = []
        self._queue: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: IO[bytes]) -> None:
        try:
            for line in stream:
                self.seen.append(line)
                self._queue.put(line)
        except (OSError, ValueError):  # closed from this side
            pass
        self._queue.put(None)

    def next(self, seconds: float) -> bytes | None:
        """The next line, None at the end."""
        try:
            line = self._queue.get(timeout=seconds)
        except queue.Empty:
            raise Broken(_LATE) from None
        if line is None:
            self._queue.put(None)
        return line


def hold_lease(path: Path) -> int:
    """A lease, locked where this system has such locks: a worker that sees its input end tries to sweep."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        import fcntl
    except ImportError:
        return descriptor
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def _blocks_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("$type") == "ndarray" and isinstance(value.get("block"), str):
            yield value["block"]
        for item in value.values():
            yield from _blocks_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _blocks_in(item)


def _refuse(name: str) -> Any:
    raise Broken(f"a bare {name}, which is not JSON")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 2000 else text[:2000] + " ..."


def main() -> int:
    """Plays the session that the arguments name; exit code 0 when the worker kept to it, else 1."""
    parser = argparse.ArgumentParser(description="Plays the host's side of a session against a worker.")
    parser.add_argument("--ops", type=Path, default=SESSIONS / "ops.py", help="the op file of the sessions")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long any one step may take")
    parser.add_argument("session", type=Path)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="what starts the worker")
    arguments = parser.parse_args()
    if not arguments.command:
        parser.error("name the command that starts the worker")
    session = json.loads(arguments.session.read_text("utf-8"))
    try:
        play(session, arguments.command, ops=arguments.ops.resolve(), seconds=arguments.seconds)
    except Broken as broken:
        print(f"{arguments.session.name}: {broken}", file=sys.stderr)
        return 1
    print(f"{arguments.session.name}: kept to")
    return 0


if __name__ == "__main__":
    sys.exit(main())
