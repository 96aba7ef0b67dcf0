"""The worker's loop: requests come in order, each gets exactly one reply, one op runs at a time, on the main thread.

What is imported here makes the first reply late, so the rest comes after it.
"""

from __future__ import annotations

from . import greeting, process
from .inbox import Listener, PollingInbox, ThreadedInbox
from .messages import AlcoveError, LineSplitter, Refusal, Request, failure
from .outbox import Outbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

    from .calling import Calling
    from .inbox import Inbox, Item
    from .locks import FileLock

_IDLE_SECONDS = 60.0
_SECONDS_FOR_OP_TO_END = 2.0
_SECONDS_FOR_EXIT_HANDLERS = 4.0
_RUN_CODE = ("load", "call", "map")


class Server(Listener):
    """One worker, from its first request to the end of its input."""

    def __init__(self, reading: int, writing: int) -> None:
        self._outbox = Outbox(writing, process.crash)
        self._splitter = LineSplitter()
        self._methods: dict[str, Callable[[Request], None]] = {"initialize": self._initialize}
        self._calling: Optional[Calling] = None  # until initialize
        self._environment_lock: Optional[FileLock] = None
        inbox_class = ThreadedInbox if process.PORTABLE else PollingInbox
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
            if isinstance(item, Request) and item.id is None and self._calling is not None:
                self._calling.heed(item)

    # Listener: these two run on whichever thread reads.

    def urgent(self, item: Item) -> bool:
        if item.id is None:
            if isinstance(item, Refusal) or item.method != "cancel":
                return False
            self._cancel(item.params.get("id"))
        elif item.id in self._outbox.pending:  # the reply to the one that waits must stay the only one with this id
            self._outbox.send(failure(None, AlcoveError("invalid_request", f"id {item.id} is pending already")))
        elif isinstance(item, Request) and item.method == "status" and self._calling is not None:
            self._calling.status(item)
        else:
            self._outbox.pending.add(item.id)
            return False
        return True

    def host_gone(self) -> None:
        self._exit_within(_SECONDS_FOR_OP_TO_END)
        if self._calling is not None:
            self._calling.interrupt()

    def _handle(self, item: Item) -> None:
        if isinstance(item, Refusal):
            self._outbox.fail(item.id, item.error)
        elif item.id is None:
            if self._calling is not None:
                self._calling.heed(item)
        else:
            try:
                if self._calling is None and item.method != "initialize":
                    raise AlcoveError("not_initialized", "the first request must be initialize")
                if item.method not in self._methods:
                    raise AlcoveError("method_not_found", f"no method {item.method}")
                self._methods[item.method](item)
            except AlcoveError as error:
                self._outbox.fail(item.id, error)

    def _initialize(self, request: Request) -> None:
        if self._calling is not None:
            raise AlcoveError("invalid_request", "initialize comes once")
        settings = greeting.read_settings(request.params)
        if settings.environment:
            self._environment_lock = greeting.use_environment(settings.environment)
        self._splitter.limit = self._outbox.limit = settings.max_line_bytes
        assert request.id is not None
        self._outbox.reply(request.id, greeting.answer())
        from .calling import Calling

        self._calling = calling = Calling(settings, self._inbox, self._outbox)
        self._methods.update(load=calling.load, call=calling.call, map=calling.map, status=calling.status)
        if process.GUARDED:
            from . import guardian

            guardian.watch(settings.directory, settings.host_prefix)

    def _cancel(self, request_id: Any) -> None:
        if type(request_id) is not int or request_id not in self._outbox.pending:
            return
        if self._calling is not None and self._calling.cancel(request_id):
            return
        for item in list(self._inbox.queue):
            if isinstance(item, Request) and item.id == request_id and item.method in _RUN_CODE:
                try:
                    self._inbox.queue.remove(item)
                except ValueError:  # the main thread has just taken it, and will see that it is cancelled
                    return
                self._outbox.fail(request_id, AlcoveError("cancelled", "cancelled before it began"))
                return

    def _idle(self) -> None:
        if self._calling is not None:
            self._calling.give_back()

    def _exit_within(self, seconds: float) -> None:
        """Ends the process after ``seconds`` whatever an op, a thread or an exit handler does until then."""
        from .calls import start_timer

        def end() -> None:
            try:
                self._clean()
            finally:
                process.kill_session()

        if not start_timer(seconds, end):
            end()

    def _clean(self) -> None:
        if self._calling is not None:
            self._calling.close()
