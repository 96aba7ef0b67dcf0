"""The worker's loop: requests come in order, each gets exactly one reply, one op runs at a time, on the main thread."""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import arrays as shared_arrays
from . import calls, locks, process
from .arrays import Arrays, is_block_name
from .calls import Call, Cancelled
from .inbox import Inbox, Item, PollingInbox, ThreadedInbox
from .leases import sweep_host
from .messages import (
    DEFAULT_MAX_LINE_BYTES,
    PROTOCOL,
    AlcoveError,
    LineSplitter,
    Refusal,
    Request,
    failure,
    notification,
    result,
)
from .outbox import Outbox
from .values import blocks_in, decode_value, encode_value

if TYPE_CHECKING:
    from .loading import LoadedOp

_IDLE_SECONDS = 60.0
_SECONDS_FOR_OP_TO_END = 2.0
_SECONDS_FOR_EXIT_HANDLERS = 5.0
_SECONDS_FOR_LOCK_TO_FALL = 0.05
_SECONDS_FOR_ENVIRONMENT_LOCK = 0.5
_HOST_PREFIX_LENGTH = len("alcove-") + 8
_LOG_LEVELS = ("debug", "info", "warning", "error")
FEATURES = ["ndarray", "progress", "cancel", "status", "log"]


class Server:
    """One worker, from its first request to the end of its input."""

    def __init__(self, reading: int, writing: int) -> None:
        self._outbox = Outbox(writing)
        self._splitter = LineSplitter()
        self._process = os.getpid()
        inbox_class = ThreadedInbox if process.PORTABLE else PollingInbox
        self._methods: dict[str, Callable[[Request], None]] = {
            "initialize": self._initialize,
            "load": self._load,
            "call": self._call,
            "status": self._status,
            "release": self._release,
            "forget": self._forget,
        }
        self._arrays: Optional[Arrays] = None
        self._host_prefix = ""
        self._directory = Path()
        self._environment_lock: Optional[locks.FileLock] = None
        self._ops: dict[str, LoadedOp] = {}
        self._log_level = "info"
        self._pending: set[int] = set()  # requests that were read and not answered
        self._lock = threading.Lock()  # guards the two below
        self._running: Optional[Call] = None
        self._cancelled_early: set[int] = set()
        self._inbox: Inbox = inbox_class(reading, self._splitter, self)

    def run(self) -> None:
        """Serves until the end of input, then leaves nothing behind."""
        while True:
            item = self._inbox.next(_IDLE_SECONDS, self._idle)
            if item is None:
                break
            self._handle(item)
        self._exit_within(_SECONDS_FOR_EXIT_HANDLERS)
        self._clean()

    # Listener: these two run on whichever thread reads.

    def urgent(self, request: Request) -> bool:
        if request.id is None:
            if request.method != "cancel":
                return False
            self._cancel(request.params.get("id"))
        elif request.id in self._pending:
            self._outbox.send(failure(None, AlcoveError("invalid_request", f"id {request.id} is pending already")))
        elif request.method == "status" and self._arrays is not None:
            self._status(request)
        else:
            self._pending.add(request.id)
            return False
        return True

    def host_gone(self) -> None:
        self._exit_within(_SECONDS_FOR_OP_TO_END)
        running = self._running
        if running is not None:
            running.interrupt()

    def _handle(self, item: Item) -> None:
        if isinstance(item, Refusal):
            self._outbox.send(failure(item.id, item.error))
            return
        method = self._methods.get(item.method)
        try:
            if self._arrays is None and item.method != "initialize":
                raise AlcoveError("not_initialized", "the first request must be initialize")
            if method is None:
                raise AlcoveError("method_not_found", f"no method {item.method}")
            method(item)
        except AlcoveError as error:
            self._fail(item, error)

    def _reply(self, request: Request, value: dict[str, Any]) -> bool:
        """Answers; false when the reply was too long, and an error was sent instead."""
        if request.id is None:  # a notification is never answered
            return True
        self._pending.discard(request.id)
        return self._outbox.send(result(request.id, value))

    def _fail(self, request: Request, error: AlcoveError) -> None:
        if request.id is not None:
            self._pending.discard(request.id)
            self._outbox.send(failure(request.id, error))

    def _notify(self, method: str, params: dict[str, Any]) -> None:
        self._outbox.send(notification(method, params))

    def _initialize(self, request: Request) -> None:
        if self._arrays is not None:
            raise AlcoveError("invalid_request", "initialize comes once")
        params = request.params
        if params.get("protocol") != PROTOCOL:
            raise AlcoveError("unsupported_protocol", f"this worker speaks protocol {PROTOCOL}", supported=[PROTOCOL])
        memory = _member(params, "memory", dict)
        self._directory = Path(_member(memory, "directory", str, "memory."))
        prefix = _member(memory, "prefix", str, "memory.")
        if not is_block_name(prefix):
            raise _unexpected("memory.prefix", "letters a to z, digits and hyphens")
        quota_bytes = _member(memory, "quota_bytes", int, "memory.")
        limit = _member(params, "max_line_bytes", int, default=DEFAULT_MAX_LINE_BYTES)
        environment = _member(_member(params, "environment", dict, default={}), "directory", str, "environment.", "")
        log_level = _member(params, "log_level", str, default="info")
        if log_level not in _LOG_LEVELS:
            raise _unexpected("log_level", "one of " + ", ".join(_LOG_LEVELS))
        self._host_prefix = prefix[:_HOST_PREFIX_LENGTH]
        self._splitter.limit = self._outbox.limit = limit
        self._log_level = log_level
        if environment:
            self._environment_lock = _use_environment(Path(environment))
        self._arrays = Arrays(
            self._directory, prefix, quota_bytes, lambda names: self._notify("forget", {"blocks": names})
        )
        shared_arrays.use(self._arrays)
        worker = {
            "name": "alcove",
            "version": sys.modules["alcove"].__version__,
            "language": "python",
            "language_version": platform.python_version(),
            "pid": os.getpid(),
            "executable": sys.executable,
        }
        self._reply(request, {"protocol": PROTOCOL, "worker": worker, "features": FEATURES})
        if not process.PORTABLE:
            process.die_with_host()

    def _load(self, request: Request) -> None:
        # What reads signatures and tracebacks is imported after the worker has said that it is there.
        from . import loading
        from .logs import send_records

        source, module = request.params.get("source"), request.params.get("module")
        if isinstance(source, str) == isinstance(module, str):
            raise AlcoveError("invalid_params", "load takes source or module", path="source", expected="a path")
        send_records(self._log_level, self._log)

        def work() -> dict[str, Any]:
            loaded = loading.load_file(source) if isinstance(source, str) else loading.load_module(str(module))
            self._ops.update({op.descriptor["id"]: op for op in loaded})
            return {"ops": [op.descriptor for op in loaded]}

        self._run(request, work)

    def _call(self, request: Request) -> None:
        op = self._ops.get(_member(request.params, "op", str))
        if op is None:
            raise AlcoveError("op_not_found", f"no op {request.params['op']}", known=sorted(self._ops))
        inputs = _member(request.params, "inputs", dict)
        self._run(request, lambda: self._outputs_of(op, inputs))

    def _outputs_of(self, op: LoadedOp, inputs: dict[str, Any]) -> dict[str, Any]:
        from .adaptation import call_adapted
        from .binding import bind

        assert self._arrays is not None
        arguments = bind(
            op.description,
            {name: decode_value(value, f"inputs.{name}", self._arrays) for name, value in inputs.items()},
        )
        outputs = call_adapted(op.call, op.description, arguments)
        return {
            "outputs": {name: encode_value(value, f"outputs.{name}", self._arrays) for name, value in outputs.items()}
        }

    def _run(self, request: Request, work: Callable[[], dict[str, Any]]) -> None:
        """Runs author's code for a request on this thread, and answers."""
        if request.id is None:
            return
        assert self._arrays is not None
        call = Call(request.id, self._notify)
        with self._lock:
            self._running = call
            cancelled = request.id in self._cancelled_early
            self._cancelled_early.clear()
        calls.set_current(call)
        self._inbox.op_starts()
        reply, error = (None, AlcoveError("cancelled", "cancelled")) if cancelled else _attempt(call, work)
        if os.getpid() != self._process:  # a child that the op forked left the op, by an exception perhaps
            os._exit(reply is None)
        self._inbox.op_ends()
        calls.set_current(None)
        with self._lock:
            self._running = None
        call.flush()
        # Lent before anything is recycled: no view of a result may be left, and its block would count as free.
        lent = blocks_in(reply)
        self._arrays.lend(lent)
        kept = self._arrays.end_call()
        if reply is None:
            assert error is not None
            if kept:
                error.data["kept"] = kept
            self._fail(request, error)
            return
        if "outputs" in reply:
            reply["kept"] = kept
        if not self._reply(request, reply):
            self._arrays.release(list(lent))

    def _cancel(self, request_id: Any) -> None:
        if not isinstance(request_id, int) or request_id not in self._pending:
            return
        with self._lock:
            running = self._running
            if running is None or running.id != request_id:
                running = None
                self._cancelled_early.add(request_id)
        if running is not None:
            running.cancel()
            return
        for item in list(self._inbox.queue):
            if isinstance(item, Request) and item.id == request_id and item.method in ("call", "load"):
                try:
                    self._inbox.queue.remove(item)
                except ValueError:  # the main thread has just taken it, and will see that it is cancelled
                    return
                self._fail(item, AlcoveError("cancelled", "cancelled before it began"))
                return

    def _status(self, request: Request) -> None:
        assert self._arrays is not None
        running = self._running
        answer = {
            "running": running.id if running else None,
            "queued": sum(isinstance(item, Request) and item.id is not None for item in list(self._inbox.queue)),
            "rss_bytes": process.resident_bytes(),
            "cpu_seconds": time.process_time(),
            "pooled_bytes": self._arrays.pooled_bytes,
        }
        self._reply(request, answer)

    def _log(self, level: str, logger: str, message: str) -> None:
        running = calls.current()
        params = {"id": running.id if running else None, "level": level, "logger": logger, "message": message}
        if running is not None:
            running.send("log", params)
        else:
            self._notify("log", params)

    def _release(self, request: Request) -> None:
        assert self._arrays is not None
        self._arrays.release(_block_names(request.params))

    def _forget(self, request: Request) -> None:
        assert self._arrays is not None
        self._arrays.forget(_block_names(request.params))

    def _idle(self) -> None:
        if self._arrays is not None:
            self._arrays.give_back()

    def _exit_within(self, seconds: float) -> None:
        """Ends the process after ``seconds`` whatever an op, a thread or an exit handler does until then."""

        def end() -> None:
            try:
                self._clean()
            finally:
                process.kill_session()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()

    def _clean(self) -> None:
        if self._arrays is not None:
            self._arrays.close()
            sweep_host(self._directory, self._host_prefix, _SECONDS_FOR_LOCK_TO_FALL)


def _use_environment(directory: Path) -> Optional[locks.FileLock]:
    """A shared lock that keeps the environment from being removed while this worker lives."""
    end = time.monotonic() + _SECONDS_FOR_ENVIRONMENT_LOCK
    while True:
        # Whoever lists environments holds the lock for a moment, whoever removes one until its marker is gone.
        lock = locks.try_lock(directory / ".in-use", shared=True)
        if not (directory / "alcove.json").exists():
            raise AlcoveError(
                "invalid_params",
                f"the environment {directory} is gone or being removed",
                path="environment.directory",
                expected="an environment that is ready",
            )
        if lock is not None or time.monotonic() > end:
            return lock
        time.sleep(0.01)


def _member(params: dict[str, Any], name: str, kind: type, within: str = "", default: Any = None) -> Any:
    value = params.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _unexpected(within + name, {dict: "an object", str: "a string", int: "an integer", list: "a list"}[kind])
    return value


def _block_names(params: dict[str, Any]) -> list[str]:
    return [name for name in _member(params, "blocks", list) if is_block_name(name)]


def _unexpected(path: str, expected: str) -> AlcoveError:
    return AlcoveError("invalid_params", f"{path}: expected {expected}", path=path, expected=expected)


def _attempt(call: Call, work: Callable[[], dict[str, Any]]) -> tuple[Optional[dict[str, Any]], Optional[AlcoveError]]:
    """Runs the work: its result and None, or None and the error that its failure becomes."""
    try:
        try:
            call.begin()
            return work(), None
        finally:
            call.end()
    except Cancelled:
        return None, AlcoveError("cancelled", "cancelled")
    except BaseException as error:
        from .failures import to_alcove_error

        return None, to_alcove_error(error)
