"""The worker's loop: requests come in order, each gets exactly one reply, one op runs at a time, on the main thread."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import arrays as shared_arrays
from . import calls, greeting, heap, locks, process
from .arrays import Arrays
from .calls import Call, Cancelled
from .greeting import Settings
from .inbox import Inbox, Item, PollingInbox, ThreadedInbox
from .leases import sweep_host
from .messages import AlcoveError, LineSplitter, Refusal, Request, failure, notification, result, unexpected
from .outbox import Outbox
from .params import adapt, block_names, member
from .values import blocks_in, decode_value, encode_value

if TYPE_CHECKING:
    from .loading import LoadedOp

_IDLE_SECONDS = 60.0
_SECONDS_FOR_OP_TO_END = 2.0
_SECONDS_FOR_EXIT_HANDLERS = 4.0
_SECONDS_FOR_LOCK_TO_FALL = 0.05
_RUN_CODE = ("load", "call", "map")


class Server:
    """One worker, from its first request to the end of its input."""

    def __init__(self, reading: int, writing: int) -> None:
        self._outbox = Outbox(writing, process.crash)
        self._splitter = LineSplitter()
        self._process = os.getpid()
        inbox_class = ThreadedInbox if process.PORTABLE else PollingInbox
        self._requests: dict[str, Callable[[Request], None]] = {
            "initialize": self._initialize,
            "load": self._load,
            "call": self._call,
            "map": self._map,
            "status": self._status,
        }
        self._settings: Optional[Settings] = None
        self._told: Callable[[BaseException], AlcoveError]  # what an exception becomes
        self._arrays: Optional[Arrays] = None
        self._environment_lock: Optional[locks.FileLock] = None
        self._ops: dict[str, LoadedOp] = {}
        self._pending: set[int] = set()  # requests that were read and not answered
        self._lock = threading.Lock()  # guards the two below
        self._running: Optional[Call] = None
        self._cancelled_early: set[int] = set()
        self._inbox: Inbox = inbox_class(reading, self._splitter, self)

    def run(self) -> None:
        """Serves until the end of input, then leaves nothing behind."""
        try:
            self._serve()
        except BaseException:
            process.crash()
        self._exit_within(_SECONDS_FOR_EXIT_HANDLERS)
        self._clean()

    def _serve(self) -> None:
        while True:
            item = self._inbox.next(_IDLE_SECONDS, self._idle)
            if item is None:
                break
            self._handle(item)
        for item in list(self._inbox.queue):  # no call is begun any more, but what was released last is free
            if isinstance(item, Request) and item.id is None:
                self._heed(item)

    # Listener: these two run on whichever thread reads.

    def urgent(self, item: Item) -> bool:
        if item.id is None:
            if isinstance(item, Refusal) or item.method != "cancel":
                return False
            self._cancel(item.params.get("id"))
        elif item.id in self._pending:  # the reply to the one that waits must stay the only one with this id
            self._outbox.send(failure(None, AlcoveError("invalid_request", f"id {item.id} is pending already")))
        elif isinstance(item, Request) and item.method == "status" and self._arrays is not None:
            self._status(item)
        else:
            self._pending.add(item.id)
            return False
        return True

    def host_gone(self) -> None:
        self._exit_within(_SECONDS_FOR_OP_TO_END)
        running = self._running
        if running is not None:
            running.interrupt()

    def _handle(self, item: Item) -> None:
        if isinstance(item, Refusal):
            self._fail(item.id, item.error)
        elif item.id is None:
            self._heed(item)
        else:
            try:
                if self._arrays is None and item.method != "initialize":
                    raise AlcoveError("not_initialized", "the first request must be initialize")
                if item.method not in self._requests:
                    raise AlcoveError("method_not_found", f"no method {item.method}")
                self._requests[item.method](item)
            except AlcoveError as error:
                self._fail(item.id, error)

    def _heed(self, notice: Request) -> None:
        """What a notification asks for; one that is unknown or wrong is not answered either."""
        if self._arrays is None:
            return
        try:
            if notice.method == "release":
                self._arrays.release(block_names(notice.params))
            elif notice.method == "forget":
                self._arrays.forget(block_names(notice.params))
        except AlcoveError:
            pass

    def _reply(self, request: Request, value: dict[str, Any]) -> bool:
        """Answers; false when the reply was too long, and an error was sent instead."""
        assert request.id is not None
        self._pending.discard(request.id)
        return self._outbox.send(result(request.id, value))

    def _fail(self, request_id: Optional[int], error: AlcoveError) -> None:
        if request_id is not None:
            self._pending.discard(request_id)
        self._outbox.send(failure(request_id, error))

    def _notify(self, method: str, params: dict[str, Any]) -> None:
        self._outbox.send(notification(method, params))

    def _initialize(self, request: Request) -> None:
        if self._arrays is not None:
            raise AlcoveError("invalid_request", "initialize comes once")
        settings = greeting.read_settings(request.params)
        if settings.environment:
            self._environment_lock = greeting.use_environment(Path(settings.environment))
        self._settings = settings
        self._splitter.limit = self._outbox.limit = settings.max_line_bytes
        self._arrays = Arrays(
            settings.directory,
            settings.prefix,
            settings.quota_bytes,
            lambda names: self._notify("forget", {"blocks": names}),
        )
        shared_arrays.use(self._arrays)
        self._reply(request, greeting.answer())
        if process.GUARDED:
            from . import guardian

            guardian.watch(settings.directory, settings.host_prefix)
        if not process.PORTABLE:
            heap.keep_freed_memory()

    def _load(self, request: Request) -> None:
        # What reads signatures and tracebacks is imported after the worker has said that it is there, and before an op
        # may have left no memory for it.
        from . import failures, loading
        from .logs import send_records

        process.find_directory()
        self._told = failures.to_alcove_error

        given = [name for name in ("source", "module") if name in request.params]
        if len(given) != 1:
            raise unexpected("source", "either source or module")
        wanted = member(request.params, given[0], str)
        load = loading.load_file if given == ["source"] else loading.load_module
        assert self._settings is not None
        send_records(self._settings.log_level, self._log)

        def work(_: Call) -> dict[str, Any]:
            loaded = load(wanted)
            self._ops.update({op.descriptor["id"]: op for op in loaded})
            return {"ops": [op.descriptor for op in loaded]}

        self._run(request, work)

    def _call(self, request: Request) -> None:
        op = self._op_of(request)
        inputs, mode = member(request.params, "inputs", dict), adapt(request.params)
        self._run(request, lambda _: {"outputs": self._outputs_of(op, inputs, mode)})

    def _map(self, request: Request) -> None:
        from .mapping import map_rows

        op, arrays = self._op_of(request), self._arrays
        assert arrays is not None
        self._run(request, lambda call: map_rows(op, request.params, arrays, call))

    def _op_of(self, request: Request) -> LoadedOp:
        wanted = member(request.params, "op", str)
        if wanted not in self._ops:
            raise AlcoveError("op_not_found", f"no op {wanted}", known=sorted(self._ops))
        return self._ops[wanted]

    def _outputs_of(self, op: LoadedOp, inputs: dict[str, Any], mode: str) -> dict[str, Any]:
        from .adaptation import call_adapted
        from .binding import bind

        arrays = self._arrays
        assert arrays is not None
        decoded = {name: decode_value(value, f"inputs.{name}", arrays) for name, value in inputs.items()}
        outputs = call_adapted(op.call, op.description, bind(op.description, decoded), adapt=mode)
        encoded = {name: encode_value(value, f"outputs.{name}", arrays) for name, value in outputs.items()}
        arrays.place_small()
        return encoded

    def _run(self, request: Request, work: Callable[[Call], dict[str, Any]]) -> None:
        """Runs author's code for a request on this thread, and answers."""
        assert self._arrays is not None
        assert request.id is not None
        call = Call(request.id, self._notify, None if request.method == "load" else request.params["op"])
        with self._lock:
            self._running = call
            cancelled = request.id in self._cancelled_early
            self._cancelled_early.clear()
        calls.set_current(call)
        self._inbox.op_starts()
        reply, error = (None, AlcoveError("cancelled", "cancelled")) if cancelled else _attempt(call, work, self._told)
        if os.getpid() != self._process:  # a child that the op forked left the op, by an exception perhaps
            os._exit(reply is None)
        self._inbox.op_ends()
        calls.set_current(None)
        with self._lock:
            self._running = None
        call.close()
        self._answer(request, reply, error)
        process.tidy_up()

    def _answer(self, request: Request, reply: Optional[dict[str, Any]], error: Optional[AlcoveError]) -> None:
        """Answers with the reply or the error, and has the arrays of the call seen to."""
        assert self._arrays is not None
        # Lent before anything is recycled: no view of a result may be left, and its block would count as free. No other
        # reply than that to a call names blocks.
        lent = blocks_in(reply.get("outputs")) if reply else set()
        self._arrays.lend(lent)
        kept = self._arrays.end_call()
        if reply is None:
            assert error is not None
            if kept:
                error.data["kept"] = kept
            self._fail(request.id, error)
            return
        if request.method != "load":
            reply["kept"] = kept
        assert request.id is not None
        try:
            is_sent = self._reply(request, reply)
        except MemoryError as no_memory:  # for the text of a large reply
            is_sent = False
            self._fail(request.id, self._told(no_memory))
        if not is_sent:
            self._arrays.release(list(lent))

    def _cancel(self, request_id: Any) -> None:
        if type(request_id) is not int or request_id not in self._pending:
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
            if isinstance(item, Request) and item.id == request_id and item.method in _RUN_CODE:
                try:
                    self._inbox.queue.remove(item)
                except ValueError:  # the main thread has just taken it, and will see that it is cancelled
                    return
                self._fail(item.id, AlcoveError("cancelled", "cancelled before it began"))
                return

    def _status(self, request: Request) -> None:
        assert self._arrays is not None
        running = self._running
        answer = {
            "running": running.id if running else None,
            "op": running.op if running else None,
            "seconds": time.monotonic() - running.began if running else None,
            "queued": sum(isinstance(item, Request) and item.id is not None for item in list(self._inbox.queue)),
            **process.memory(),
            "cpu_seconds": time.process_time(),
            "pooled_bytes": self._arrays.pooled_bytes,
        }
        self._reply(request, answer)

    def _log(self, level: str, logger: str, message: str) -> None:
        params = {"level": level, "logger": logger, "message": message}
        running = calls.current()
        if running is not None:
            running.log(params)
        else:
            self._notify("log", {"id": None, **params})

    def _idle(self) -> None:
        if self._arrays is not None:
            self._arrays.give_back()
        heap.give_back()

    def _exit_within(self, seconds: float) -> None:
        """Ends the process after ``seconds`` whatever an op, a thread or an exit handler does until then."""

        def end() -> None:
            try:
                self._clean()
            finally:
                process.kill_session()

        if not calls.start_timer(seconds, end):
            end()

    def _clean(self) -> None:
        if self._arrays is not None:
            self._arrays.close()
        if self._settings is not None:
            sweep_host(self._settings.directory, self._settings.host_prefix, _SECONDS_FOR_LOCK_TO_FALL)


def _attempt(
    call: Call, work: Callable[[Call], dict[str, Any]], told: Callable[[BaseException], AlcoveError]
) -> tuple[Optional[dict[str, Any]], Optional[AlcoveError]]:
    """Runs the work: its result and None, or None and the error that its failure becomes."""
    try:
        try:
            call.begin()
            return work(call), None
        finally:
            call.end()
    except Cancelled:
        return None, AlcoveError("cancelled", "cancelled")
    except BaseException as error:
        return None, told(error)
