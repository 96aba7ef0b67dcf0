"""Loading ops and calling them: what a worker does once its host has said where the shared memory is."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import arrays as shared_arrays
from . import calls, heap, late_imports, process
from .arrays import Arrays
from .calls import Call, Cancelled
from .leases import sweep_host
from .messages import AlcoveError, Request, unexpected
from .params import adapt, block_names, member
from .values import blocks_in

if TYPE_CHECKING:
    from .greeting import Settings
    from .inbox import Inbox
    from .outbox import Outbox
    from .plans import Plan

_SECONDS_FOR_LOCK_TO_FALL = 0.05


class Calling:
    """The ops that are loaded, the arrays that their calls share, and the call that runs.

    Requests are carried out on the main thread, and each is answered; ``cancel``, ``interrupt`` and ``status`` may come
    from another.
    """

    def __init__(self, settings: Settings, inbox: Inbox, outbox: Outbox) -> None:
        self._settings = settings
        self._inbox = inbox
        self._outbox = outbox
        self._arrays = Arrays(
            settings.directory,
            settings.prefix,
            settings.quota_bytes,
            lambda names: outbox.notify("forget", {"blocks": names}),
        )
        shared_arrays.use(self._arrays)
        if not process.PORTABLE:
            heap.keep_freed_memory()
        self._plans: dict[str, Plan] = {}  # by the op's id
        self._told: Callable[[BaseException], AlcoveError]  # what an exception becomes
        self._lock = threading.RLock()  # of the running call
        self._running: Optional[Call] = None
        self._cancelled_early: set[int] = set()
        late_imports.when_imported("logging", self._send_records)  # which most ops do without, and which is slow

    def heed(self, notice: Request) -> None:
        """What a notification asks for; one that is unknown or wrong is not answered either."""
        try:
            if notice.method == "release":
                self._arrays.release(block_names(notice.params))
            elif notice.method == "forget":
                self._arrays.forget(block_names(notice.params))
        except AlcoveError:
            pass

    def load(self, request: Request) -> None:
        """Loads ops."""
        # What reads signatures and tracebacks is imported after the worker has said that it is there, and before an op
        # may have left no memory for it.
        from . import failures, loading, plans

        process.find_directory()
        self._told = failures.to_alcove_error

        given = [name for name in ("source", "module") if name in request.params]
        if len(given) != 1:
            raise unexpected("source", "either source or module")
        wanted = member(request.params, given[0], str)
        load = loading.load_file if given == ["source"] else loading.load_module

        def work(_: Call) -> dict[str, Any]:
            loaded = load(wanted)
            self._plans.update({op.descriptor["id"]: plans.Plan(op) for op in loaded})
            return {"ops": [op.descriptor for op in loaded]}

        self._run(request, work)

    def call(self, request: Request) -> None:
        """Calls an op."""
        plan, arrays = self._plan_of(request), self._arrays
        inputs = request.params.get("inputs")
        if type(inputs) is not dict:
            inputs = member(request.params, "inputs", dict)
        mode = adapt(request.params)
        self._run(request, lambda _: {"outputs": plan.outputs_of(inputs, arrays, mode)})

    def map(self, request: Request) -> None:
        """Calls an op for many rows."""
        from .mapping import map_rows

        plan, arrays = self._plan_of(request), self._arrays
        self._run(request, lambda call: map_rows(plan, request.params, arrays, call))

    def _plan_of(self, request: Request) -> Plan:
        wanted = request.params.get("op")
        if type(wanted) is not str:
            wanted = member(request.params, "op", str)
        if wanted not in self._plans:
            raise AlcoveError("op_not_found", f"no op {wanted}", known=sorted(self._plans))
        return self._plans[wanted]

    def _run(self, request: Request, work: Callable[[Call], dict[str, Any]]) -> None:
        """Runs author's code for a request on this thread, and answers."""
        assert request.id is not None
        call = Call(request.id, self._outbox.notify, request.params.get("op"), self._lock)
        # First this, then the look at what was cancelled early, and ``cancel`` the other way round: one of the two sees
        # what the other did.
        self._running = call
        is_cancelled = request.id in self._cancelled_early
        calls.set_current(call)
        self._inbox.op_starts()
        reply, error = (None, _cancelled()) if is_cancelled else _attempt(call, work, self._told)
        if calls.current() is not call:  # a child that the op forked left the op, by an exception perhaps
            os._exit(reply is None)
        self._inbox.op_ends()
        calls.set_current(None)
        self._running = None
        call.close()
        self._cancelled_early.discard(request.id)
        self._answer(request, reply, error)
        process.tidy_up()

    def _answer(self, request: Request, reply: Optional[dict[str, Any]], error: Optional[AlcoveError]) -> None:
        """Answers with the reply or the error, and has the arrays of the call seen to."""
        # Lent before anything is recycled: no view of a result may be left, and its block would count as free.
        lent = blocks_in(reply.get("outputs") or _arrays_in_columns(reply)) if reply else None
        if lent:
            self._arrays.lend(lent)
        kept = self._arrays.end_call()
        assert request.id is not None
        if reply is None:
            assert error is not None
            if kept:
                error.data["kept"] = kept
            self._outbox.fail(request.id, error)
            return
        if request.method != "load":
            reply["kept"] = kept
        try:
            is_sent = self._outbox.reply(request.id, reply)
        except MemoryError as no_memory:  # for the text of a large reply
            is_sent = False
            self._outbox.fail(request.id, self._told(no_memory))
        if not is_sent:
            self._arrays.release(list(lent or ()))

    def cancel(self, request_id: int) -> bool:
        """Cancels the call that runs or that is about to; false when it is another one, which is not to begin then."""
        self._cancelled_early.add(request_id)
        running = self._running
        if running is None or running.id != request_id:
            return False
        running.cancel()
        return True

    def interrupt(self) -> None:
        """Ends the call that runs, wherever in Python it is."""
        running = self._running
        if running is not None:
            running.interrupt()

    def status(self, request: Request) -> None:
        """Tells what the worker is at."""
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
        assert request.id is not None
        self._outbox.reply(request.id, answer)

    def _send_records(self) -> None:
        from .logs import send_records

        send_records(self._settings.log_level, self._log)

    def _log(self, level: str, logger: str, message: str) -> None:
        params = {"level": level, "logger": logger, "message": message}
        running = calls.current()
        if running is not None:
            running.log(params)
        else:
            self._outbox.notify("log", {"id": None, **params})

    def give_back(self) -> None:
        """Gives memory back that is kept for the next call, because none has come for long."""
        self._arrays.give_back()
        heap.give_back()

    def close(self) -> None:
        """Deletes what would be left in the memory directory."""
        self._arrays.close()
        sweep_host(self._settings.directory, self._settings.host_prefix, _SECONDS_FOR_LOCK_TO_FALL)


def _cancelled() -> AlcoveError:
    return AlcoveError("cancelled", "cancelled")


def _arrays_in_columns(reply: dict[str, Any]) -> list[Any]:
    """Those in the reply to a ``map``, without a look at each of its cells."""
    columns = reply.get("columns", ())
    return [column["values"] for column in columns if isinstance(column, dict) and isinstance(column["values"], dict)]


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
        return None, _cancelled()
    except BaseException as error:
        return None, told(error)
